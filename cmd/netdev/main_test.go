package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// patience is far beyond what any step takes; it only ends a test that hangs.
const patience = 5 * time.Minute

// binary is the command under test.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "netdev")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		// What is kept of the programs is not the user's. What the go command
		// keeps is, so that the standard library is compiled once.
		goCache, err := exec.Command("go", "env", "GOCACHE").Output()
		if err == nil {
			os.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
			os.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
			binary = filepath.Join(dir, "netdev")
			err = firstBuilds(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

// firstBuilds makes the command, and has it compile the standard library, so
// that no test says so or is slow for it.
func firstBuilds(dir string) error {
	builds := [][]string{{"go", "build", "-o", binary, "."}}
	if runtime.GOOS == "linux" {
		builds = append(builds, []string{binary, "build", "-o", filepath.Join(dir, "program"), "./testdata/program"})
	}
	for _, args := range builds {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%q: %w\n%s", args, err, out)
		}
	}
	return nil
}

// A call is one run of the command.
type call struct {
	dir   string   // "" is this one
	env   []string // beside this process's
	stdin string
}

// An outcome is what a run came to.
type outcome struct {
	stdout, stderr string
	code           int
}

// tool runs the command to its end.
func tool(t *testing.T, args ...string) outcome {
	t.Helper()
	return call{}.run(t, args...)
}

func (c call) run(t *testing.T, args ...string) outcome {
	t.Helper()
	cmd := c.command(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// command is a run of the command that is not started. It ends with the test.
func (c call) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Stdin = strings.NewReader(c.stdin)
	return cmd
}

// succeeds checks that a run did what it was asked without a word on standard
// error, and returns what it printed.
func (o outcome) succeeds(t *testing.T) string {
	t.Helper()
	if o.code != 0 || o.stderr != "" {
		t.Fatalf("exit code %d, want 0\nstdout: %s\nstderr: %s", o.code, o.stdout, o.stderr)
	}
	return o.stdout
}

// fails checks that a run ended with code, printed nothing but an error, and
// that the error has each of want in it.
func (o outcome) fails(t *testing.T, code int, want ...string) {
	t.Helper()
	if o.code != code || o.stdout != "" {
		t.Errorf("exit code %d and output %q, want %d and nothing\nstderr: %s", o.code, o.stdout, code, o.stderr)
	}
	for _, w := range want {
		if !strings.Contains(o.stderr, w) {
			t.Errorf("the error does not say %q:\n%s", w, o.stderr)
		}
	}
	if strings.Contains(o.stderr, "panic") || strings.Contains(o.stderr, "goroutine ") {
		t.Errorf("the error is a crash:\n%s", o.stderr)
	}
}

// write puts files, by their names, into dir.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// snapshot returns the files in dir.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
