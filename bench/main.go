// Bench measures this stack beside gVisor's netstack and the host's kernel:
//
//	go run ./bench -quick
//
// The peers stay out of this module: what measures is a module of its own, in
// compare, which this command builds and runs with its own arguments. -h lists them.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	itself = "github.com/netdev-go/netdev/bench"

	// dirEnv tells the program where its module is, and that it has a launcher.
	dirEnv = "NETDEV_BENCH_DIR"
)

func main() {
	code, err := launch(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
	}
	os.Exit(code)
}

// launch returns the program's exit status.
func launch(args []string) (int, error) {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	dir, err := compareDir()
	if err != nil {
		return 1, err
	}
	tmp, err := os.MkdirTemp("", "netdev-bench-")
	if err != nil {
		return 1, fmt.Errorf("no directory to build in, which TMPDIR names: %w", err)
	}
	defer os.RemoveAll(tmp)
	program := filepath.Join(tmp, "compare.exe")
	if code, err := build(dir, program, signals); code != 0 {
		return code, err
	}
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), dirEnv+"="+dir)
	return wait(cmd, signals)
}

// compareDir finds the module beside this package.
func compareDir() (string, error) {
	list := exec.Command("go", "list", "-f", "{{.Dir}}", itself)
	var stderr strings.Builder
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("the module beside this command is not found from here: run it within a checkout of the repository\n"+
			"go list %s: %w\n%s", itself, err, strings.TrimSpace(stderr.String()))
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "compare")
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return "", fmt.Errorf("%s is not there: only a checkout of the repository has it", dir)
	}
	return dir, nil
}

// build builds the program. A failure has been shown when it returns, as the go
// command tells it.
func build(dir, program string, signals <-chan os.Signal) (int, error) {
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var said bytes.Buffer
	cmd.Stdout = os.Stderr
	cmd.Stderr = io.MultiWriter(os.Stderr, &said)
	code, err := wait(cmd, signals)
	if err != nil || code == 0 || code == interrupted {
		return code, err
	}
	if needsNetwork(said.String()) {
		return 1, errors.New("gVisor and gonum/plot, which this is compared and plotted with, could not be had: " +
			"the first build needs the module proxy, or a module cache that has them (see GOPROXY in \"go help environment\")")
	}
	return 1, errors.New("bench/compare does not build")
}

// needsNetwork tells whether what the go command said is that it cannot get a module.
func needsNetwork(said string) bool {
	for _, sign := range []string{"dial tcp", "module lookup disabled", "no such host", "i/o timeout", "connection refused", "Get \"http"} {
		if strings.Contains(said, sign) {
			return true
		}
	}
	return false
}

// interrupted is the exit status after a signal, as a shell has it.
const interrupted = 130

// wait runs cmd, hands signals on to it and returns its exit status.
func wait(cmd *exec.Cmd, signals <-chan os.Signal) (int, error) {
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	told := false
	for {
		select {
		case s := <-signals:
			told = true
			cmd.Process.Signal(s)
		case err := <-done:
			var exit *exec.ExitError
			switch {
			case err == nil:
				return 0, nil
			case !errors.As(err, &exit):
				return 1, err
			case told:
				return interrupted, nil
			}
			return max(exit.ExitCode(), 1), nil
		}
	}
}
