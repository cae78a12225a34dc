package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRunIsTheProgram(t *testing.T) {
	t.Parallel()
	t.Run("arguments, environment, directory, streams", func(t *testing.T) {
		t.Parallel()
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		c := call{stdin: "one\ntwo", env: []string{"PROGRAM_TEST=a b"}}
		o := c.run(t, "run", "-quiet", "./testdata/program", "tell", "-device", "x y", "-h", "--", "")
		want := fmt.Sprintf("args %q env %q dir %q stdin %q\n", []string{"-device", "x y", "-h", "--", ""}, "a b", dir, c.stdin)
		if o.stdout != want || o.code != 0 || o.stderr != "this is an error\n" {
			t.Errorf("stdout %q, want %q\nstderr %q, exit code %d", o.stdout, want, o.stderr, o.code)
		}
	})
	t.Run("exit code", func(t *testing.T) {
		t.Parallel()
		o := tool(t, "run", "-quiet", "./testdata/program", "exit", "42")
		if o.code != 42 || o.stderr != "" {
			t.Errorf("exit code %d, want 42\nstderr: %s", o.code, o.stderr)
		}
	})
	for _, device := range []string{"stack", "host", "bare"} {
		t.Run("on "+device, func(t *testing.T) {
			t.Parallel()
			out := tool(t, "run", "-quiet", "-device", device, "-tags=other", "./testdata/program").succeeds(t)
			if out != "tags other,netdev_overlay\n" {
				t.Errorf("the program was built with %s", out)
			}
		})
	}
}

func TestASignalIsTheProgramsOwn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode   string
		signal syscall.Signal
		code   int // -1 is death by the signal
	}{
		{"wait", syscall.SIGINT, 3},
		{"wait", syscall.SIGTERM, 3},
		{"die", syscall.SIGINT, -1},
		{"die", syscall.SIGTERM, -1},
	} {
		t.Run(c.mode+" "+c.signal.String(), func(t *testing.T) {
			t.Parallel()
			cmd := call{}.command(t, "run", "./testdata/program", c.mode)
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			if !lines.Scan() || lines.Text() != "waiting" {
				t.Fatalf("the program says %q", lines.Text())
			}
			if err := cmd.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			lines.Scan()
			cmd.Wait()
			state := cmd.ProcessState.Sys().(syscall.WaitStatus)
			if c.code >= 0 && (lines.Text() != c.signal.String() || state.ExitStatus() != c.code) {
				t.Errorf("the program said %q and ended with %d, want %q and %d", lines.Text(), state.ExitStatus(), c.signal, c.code)
			}
			if c.code < 0 && (!state.Signaled() || state.Signal() != c.signal) {
				t.Errorf("ended with %v, want %v", cmd.ProcessState, c.signal)
			}
		})
	}
}

func TestTwoRunsOfOneProgramAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"go.mod": "module twice\n\ngo 1.24\n", "main.go": program(t)})
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			call{dir: dir}.run(t, "run", "-quiet", ".").succeeds(t)
		})
	}
}

// The names are those of files that are kept beside the program.
func TestAProgramOfAnyName(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	names := []string{"lock", "prepare", "bin"}
	files := map[string]string{"go.mod": "module names\n\ngo 1.24\n"}
	for _, name := range names {
		files[name+"/main.go"] = program(t)
	}
	write(t, dir, files)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call{dir: dir}.run(t, "run", "-quiet", "./"+name).succeeds(t)
		})
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	t.Parallel()
	inModule, outside := t.TempDir(), t.TempDir()
	write(t, inModule, map[string]string{
		"go.mod":         "module example.com/m\n\ngo 1.24\n",
		"broken/main.go": "package main\n\nfunc main() { undefinedName() }\n",
		"syntax/main.go": "package main\n\nfunc main() {\n",
		"lib/lib.go":     "package lib\n",
		"empty/README":   "no Go here\n",
		"two/a/main.go":  "package main\n\nfunc main() {}\n",
		"two/b/main.go":  "package main\n\nfunc main() {}\n",
		"dep/main.go":    "package main\n\nimport _ \"example.invalid/nosuch\"\n\nfunc main() {}\n",
	})
	write(t, outside, map[string]string{"prog/main.go": program(t)})
	for _, c := range []struct {
		name string
		dir  string
		args string
		code int
		want []string
	}{
		{"does not build", inModule, "run ./broken", 1, []string{"broken/main.go:3:15: undefined: undefinedName"}},
		{"does not build, build", inModule, "build -o x ./broken", 1, []string{"undefined: undefinedName"}},
		{"does not parse", inModule, "run ./syntax", 1, []string{"main.go:", "syntax error"}},
		{"a library", inModule, "run ./lib", 1, []string{"package example.com/m/lib is not a main package"}},
		{"no Go files", inModule, "run ./empty", 1, []string{"no Go files in " + filepath.Join(inModule, "empty")}},
		{"no such directory", inModule, "run ./nosuch", 1, []string{"nosuch: directory not found"}},
		{"no such file", inModule, "run nosuch.go", 1, []string{"nosuch.go: no such file"}},
		{"several programs", inModule, "run ./two/...", 1, []string{"./two/... is 2 packages; run takes one"}},
		{"a missing dependency", inModule, "run ./dep", 1, []string{"example.invalid/nosuch"}},
		{"a flag that go has not", inModule, "run -frobnicate x .", 2, []string{"flag provided but not defined: -frobnicate"}},
		{"outside a module", outside, "run ./prog", 1, []string{"no go.mod in " + outside, "go mod init", ".go files"}},
		{"outside a module, test", outside, "test", 1, []string{"no go.mod in " + outside}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			call{dir: c.dir, env: []string{"GOFLAGS=", "GOPROXY=off"}}.run(t, strings.Fields(c.args)...).fails(t, c.code, c.want...)
		})
	}
}

func TestWithoutWhatItNeeds(t *testing.T) {
	t.Run("go in PATH", func(t *testing.T) {
		t.Parallel()
		call{env: []string{"PATH=" + t.TempDir()}}.run(t, "run", "./testdata/program").
			fails(t, exitFailed, "no go command in PATH; install Go")
	})
	t.Run("a cache", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		call{env: []string{"XDG_CACHE_HOME=" + file}}.run(t, "run", "./testdata/program").
			fails(t, exitFailed, "nowhere to keep what is built", file, "set XDG_CACHE_HOME")
	})
	t.Run("a home", func(t *testing.T) {
		t.Parallel()
		call{env: []string{"HOME=", "XDG_CACHE_HOME=", "GOCACHE="}}.run(t, "run", "./testdata/program").
			fails(t, exitFailed, "build cache is required, but could not be located")
	})
}

// program is the source of testdata/program.
func program(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/program/main.go")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
