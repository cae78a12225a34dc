package netdevtest

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// A recorder is a testing.TB that needs no "go test": it keeps what it is told.
type recorder struct {
	testing.TB // only its unexported method; every exported one is below

	name   string
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	failed   bool
	skipped  bool
	sealed   bool
	lines    []string
	cleanups []func()
}

func newRecorder(ctx context.Context, name string) *recorder {
	r := &recorder{name: name}
	r.ctx, r.cancel = context.WithCancel(ctx)
	return r
}

func (r *recorder) note(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.sealed {
		r.lines = append(r.lines, strings.TrimRight(line, "\n"))
	}
}

// seal ends the recording, so that a goroutine left behind in a call of the
// device cannot add to it, and returns what was recorded.
func (r *recorder) seal() (failed, skipped bool, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealed = true
	return r.failed, r.skipped, strings.Join(r.lines, "\n")
}

func (r *recorder) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = r.failed || !r.sealed
}

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) SkipNow() {
	r.mu.Lock()
	r.skipped = true
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped
}

func (r *recorder) Log(args ...any)                 { r.note(fmt.Sprintln(args...)) }
func (r *recorder) Logf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }

func (r *recorder) Error(args ...any) {
	r.Log(args...)
	r.Fail()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.Logf(format, args...)
	r.Fail()
}

func (r *recorder) Fatal(args ...any) {
	r.Log(args...)
	r.FailNow()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Logf(format, args...)
	r.FailNow()
}

func (r *recorder) Skip(args ...any) {
	r.Log(args...)
	r.SkipNow()
}

func (r *recorder) Skipf(format string, args ...any) {
	r.Logf(format, args...)
	r.SkipNow()
}

func (r *recorder) Helper()                  {}
func (r *recorder) Name() string             { return r.name }
func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) Output() io.Writer        { return recorderWriter{r} }
func (r *recorder) Attr(key, value string)   { r.Logf("%s: %s", key, value) }
func (r *recorder) ArtifactDir() string      { return r.TempDir() }

func (r *recorder) TempDir() string {
	dir, err := os.MkdirTemp("", "netdevtest")
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Setenv and Chdir change the whole process, and rules are tried side by side.
func (r *recorder) Setenv(string, string) { r.Fatal("Setenv is not to be had in a conformance run") }
func (r *recorder) Chdir(string)          { r.Fatal("Chdir is not to be had in a conformance run") }

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// clean calls the cleanups, last first, also past one that ends its goroutine.
func (r *recorder) clean() {
	r.cancel()
	for {
		r.mu.Lock()
		n := len(r.cleanups)
		if n == 0 {
			r.mu.Unlock()
			return
		}
		f := r.cleanups[n-1]
		r.cleanups = r.cleanups[:n-1]
		r.mu.Unlock()

		done := false
		func() {
			defer func() {
				if !done {
					r.clean()
				}
			}()
			f()
			done = true
		}()
	}
}

type recorderWriter struct{ r *recorder }

func (w recorderWriter) Write(p []byte) (int, error) {
	w.r.note(string(p))
	return len(p), nil
}
