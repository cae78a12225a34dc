package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// The test's program stands in for what the launcher runs.
func TestMain(m *testing.M) {
	switch mode := os.Getenv("BENCH_TEST"); mode {
	case "":
		os.Exit(m.Run())
	case "signal":
		c := make(chan os.Signal, 1)
		signal.Notify(c, os.Interrupt)
		fmt.Println("ready")
		<-c
		os.Exit(0)
	default:
		code, _ := strconv.Atoi(mode)
		os.Exit(code)
	}
}

func program(t *testing.T, mode string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), "BENCH_TEST="+mode)
	return cmd
}

func TestTheExitStatusIsHandedOn(t *testing.T) {
	for _, want := range []int{0, 1, 2, 130} {
		if code, err := wait(program(t, "0"+strconv.Itoa(want)), nil); code != want || err != nil {
			t.Errorf("exit %d, %v, want %d", code, err, want)
		}
	}
	if code, err := wait(exec.Command(filepath.Join(t.TempDir(), "none")), nil); code == 0 || err == nil {
		t.Errorf("a program that is not there: exit %d, %v", code, err)
	}
}

func TestSignalsAreHandedOn(t *testing.T) {
	cmd := program(t, "signal")
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout = in
	signals := make(chan os.Signal)
	go func() {
		bufio.NewReader(out).ReadString('\n')
		signals <- syscall.SIGINT
	}()
	code, err := wait(cmd, signals)
	in.Close()
	if code != 0 && code != interrupted || err != nil {
		t.Errorf("exit %d, %v", code, err)
	}
}

func TestTheModuleIsBesideThisPackage(t *testing.T) {
	dir, err := compareDir()
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("compare")
	if err != nil || dir != here {
		t.Errorf("%s, want %s, %v", dir, here, err)
	}
}

func TestABuildThatLacksTheNetworkIsKnown(t *testing.T) {
	for said, want := range map[string]bool{
		"go: gvisor.dev/gvisor@v0: module lookup disabled by GOPROXY=off": true,
		"dial tcp: lookup proxy.golang.org: no such host":                 true,
		"./main.go:3:1: syntax error":                                     false,
	} {
		if needsNetwork(said) != want {
			t.Errorf("%q: %v", said, !want)
		}
	}
}
