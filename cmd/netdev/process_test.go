package main

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// A process is a run of the command that goes on beside the test.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr *bufio.Reader
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	return call{}.start(t, args...)
}

func (c call) start(t *testing.T, args ...string) *process {
	t.Helper()
	cmd := c.command(t, args...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &process{t, cmd, bufio.NewReader(stdout), bufio.NewReader(stderr)}
}

// line returns the next line of r that has prefix, without it.
func (p *process) line(r *bufio.Reader, prefix string) string {
	p.t.Helper()
	var seen []string
	for {
		line, err := r.ReadString('\n')
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return strings.TrimSuffix(rest, "\n")
		}
		seen = append(seen, line)
		if err != nil {
			p.t.Fatalf("there is no line %q in %q", prefix, seen)
		}
	}
}

// interrupt is Ctrl-C. It returns what is still printed.
func (p *process) interrupt() outcome {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		p.t.Fatal(err)
	}
	return p.wait()
}

func (p *process) wait() outcome {
	p.t.Helper()
	errs := make(chan string)
	go func() {
		text, _ := io.ReadAll(p.stderr)
		errs <- string(text)
	}()
	out, _ := io.ReadAll(p.stdout)
	stderr := <-errs
	p.cmd.Wait()
	return outcome{string(out), stderr, p.cmd.ProcessState.ExitCode()}
}
