package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The tests' program is its own child, as the real one is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childFlag {
		serve(os.Stdin, os.Stdout)
	}
	os.Exit(m.Run())
}

// bench runs the command and returns its exit status and what it says.
func bench(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = execute(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

func TestAWrongCommandLineIsToldAsOne(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-fast"}, "-fast"},
		{[]string{"-count", "few"}, "few"},
		{[]string{"-count", "-1"}, "-count"},
		{[]string{"W1"}, `"W1"`},
		{[]string{"-run", "W99"}, "W99"},
		{[]string{"-run", "("}, "-run"},
		{[]string{"-subjects", "lwip"}, "lwip"},
		{[]string{"-run", "W3", "-subjects", "fast"}, "-subjects"},
	} {
		code, _, stderr := bench(t, c.args...)
		if code != exitUsage || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, "-h") {
			t.Errorf("%q: exit %d, %q", c.args, code, stderr)
		}
	}
}

func TestAFileThatCannotBeWrittenIsToldAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"-o", filepath.Join(file, "plot.svg")},
		{"-o", file + ".png"},
		{"-markdown", filepath.Join(file, "table.md")},
		{"-cpuprofile", file},
	} {
		code, stdout, stderr := bench(t, args...)
		if code != exitFailed || stdout != "" || !strings.Contains(stderr, args[0]) {
			t.Errorf("%q: exit %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

// What a file has is gone when there is something new, not before.
func TestARunThatFailsLeavesTheFilesAlone(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	old := strings.Repeat("an older table\n", 1000)
	table := filepath.Join(dir, "table.md")
	if err := os.WriteFile(table, []byte(old), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := execute(ctx, []string{"-run", "^T1$", "-markdown", table}, io.Discard, io.Discard); code != exitInterrupted {
		t.Errorf("exit %d", code)
	}
	if b, _ := os.ReadFile(table); string(b) != old {
		t.Errorf("after an interrupt: %q", b)
	}
	if code, _, stderr := bench(t, "-run", "^T1$", "-count", "1", "-markdown", table); code != 0 {
		t.Errorf("exit %d, %s", code, stderr)
	}
	if b, _ := os.ReadFile(table); !strings.Contains(string(b), "**T1, a test.**") || strings.Contains(string(b), "older") {
		t.Errorf("after a run: %q", b)
	}
}

func TestListAndHelp(t *testing.T) {
	code, stdout, _ := bench(t, "-list")
	if code != 0 || !strings.Contains(stdout, "W1 ") || !strings.Contains(stdout, "netdev, gvisor, kernel") {
		t.Errorf("-list: exit %d, %q", code, stdout)
	}
	code, stdout, _ = bench(t, "-h")
	if code != 0 || !strings.Contains(stdout, "-cpuprofile") {
		t.Errorf("-h: exit %d, %q", code, stdout)
	}
}

func TestOneBenchAtATime(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	unlock, err := lock(t.Context(), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := bench(t, "-run", "^T1$"); code != exitFailed || !strings.Contains(stderr, "another bench") {
		t.Errorf("exit %d, %q", code, stderr)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var told strings.Builder
	if _, err := lock(ctx, true, &told); err != context.Canceled || !strings.Contains(told.String(), "waiting") {
		t.Errorf("an interrupted wait: %v, %q", err, told.String())
	}
	unlock()
	unlock, err = lock(t.Context(), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestARunWritesItsFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	svg, md := filepath.Join(dir, "plot.svg"), filepath.Join(dir, "table.md")
	code, stdout, stderr := bench(t, "-run", "^T1$", "-count", "2", "-o", svg, "-markdown", md, "-cpuprofile", filepath.Join(dir, "cpu"))
	if code != 0 {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for name, want := range map[string]string{svg: "T1 speed, vs slow", md: "| speed, /s | 20.0 (20.0–20.0) | 10.0 (10.0–10.0) | 2.00× |"} {
		if b, err := os.ReadFile(name); err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s has no %q: %v\n%s", name, want, err, b)
		}
	}
	for _, want := range []string{"T1  a test", "vs slow", "twice as fast", "2.00×"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	if profiles, _ := filepath.Glob(filepath.Join(dir, "cpu", "T1-fast*.pprof")); len(profiles) != 1 {
		t.Errorf("profiles: %v", profiles)
	}
}
