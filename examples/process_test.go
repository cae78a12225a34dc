package examples_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is far beyond what any step takes; it only ends a test that hangs.
const patience = time.Minute

// A process is an example that runs.
type process struct {
	t      *testing.T
	d      device
	cmd    *exec.Cmd
	lines  chan string // of standard output; closed at its end
	stderr stderr
	told   string // the host:port that addr read
}

// start runs the example of that name until the test ends.
func start(t *testing.T, d device, name string, args ...string) *process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	p := &process{t: t, d: d, cmd: exec.CommandContext(ctx, filepath.Join(d.dir, name), args...), lines: make(chan string, 1000)}
	p.stderr = stderr{board: d.board, forwards: make(chan forward, 10)}
	p.cmd.Stderr = &p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		for range p.lines {
		}
		p.cmd.Wait() // a second one, where the test has waited: harmless
	})
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(stdout); s.Scan(); {
			p.lines <- s.Text()
		}
		io.Copy(io.Discard, stdout)
	}()
	return p
}

// line returns the next line of output that begins with prefix, without it.
func (p *process) line(prefix string) string {
	p.t.Helper()
	var seen []string
	for line := range p.lines {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return rest
		}
		seen = append(seen, line)
	}
	err := p.cmd.Wait()
	p.t.Fatalf("ended (%v) with no line %q\noutput: %q\nerrors: %s", err, prefix, seen, &p.stderr)
	return ""
}

// addr returns where a server that says where it listens is reached.
func (p *process) addr() string {
	p.t.Helper()
	line := p.line("")
	if strings.HasPrefix(line, "The device's address is ") {
		line = p.line("")
	}
	if url, ok := strings.CutPrefix(line, "Serving on http://"); ok {
		p.told = strings.TrimSuffix(url, "/")
	} else {
		p.told = strings.TrimPrefix(line, "Listening on ")
	}
	if p.d.board {
		return p.forwarded(p.told)
	}
	return p.told
}

// url is addr of a web server.
func (p *process) url() string {
	p.t.Helper()
	return "http://" + p.addr() + "/"
}

// echoed waits for an echo server to say what it did for the client that conn
// is.
func (p *process) echoed(conn net.Conn, n int) {
	p.t.Helper()
	for {
		from, report, _ := strings.Cut(p.line(p.d.client(conn)), ": ")
		if (from == "" || p.d.board) && report == fmt.Sprintf("%d bytes echoed", n) {
			return
		}
	}
}

// wait returns the rest of the output, what was written to standard error, and
// the exit code.
func (p *process) wait() (stdout, stderr string, code int) {
	p.t.Helper()
	var out strings.Builder
	for line := range p.lines {
		out.WriteString(line + "\n")
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || !exit.Exited()) {
		p.t.Fatalf("did not exit by itself: %v\noutput: %s\nerrors: %s", err, &out, &p.stderr)
	}
	return out.String(), p.stderr.String(), p.cmd.ProcessState.ExitCode()
}

// interrupt is Ctrl-C: the program must end as one that did its work.
func (p *process) interrupt() (stdout string) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	stdout, stderr, code := p.wait()
	if code != 0 || stderr != "" {
		p.t.Errorf("after an interrupt: exit code %d, want 0\nerrors: %s", code, stderr)
	}
	return stdout
}

// succeed runs an example to its end and returns its output.
func succeed(t *testing.T, d device, name string, args ...string) string {
	t.Helper()
	stdout, stderr, code := start(t, d, name, args...).wait()
	if code != 0 || stderr != "" {
		t.Errorf("%s %q: exit code %d, want 0\noutput: %s\nerrors: %s", name, args, code, stdout, stderr)
	}
	return stdout
}

// fail runs an example that must end with exit code 1 and one line of error,
// which has each of want in it.
func fail(t *testing.T, want []string, d device, name string, args ...string) {
	t.Helper()
	stdout, stderr, code := start(t, d, name, args...).wait()
	checkFailure(t, name, stderr, code, want)
	if t.Failed() {
		t.Logf("arguments: %q\noutput: %s", args, stdout)
	}
}

func checkFailure(t *testing.T, name, stderr string, code int, want []string) {
	t.Helper()
	if code != 1 || !strings.HasPrefix(stderr, name+": ") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit code %d with errors %q, want 1 with one line from %s", code, stderr, name)
	}
	for _, w := range want {
		if !strings.Contains(stderr, w) {
			t.Errorf("the error is %q, which does not say %q", stderr, w)
		}
	}
}

// contains checks that output has each of want, in that order.
func contains(t *testing.T, output string, want ...string) {
	t.Helper()
	rest := output
	for _, w := range want {
		_, after, ok := strings.Cut(rest, w)
		if !ok {
			t.Errorf("no %q in its place in the output:\n%s", w, output)
			return
		}
		rest = after
	}
}
