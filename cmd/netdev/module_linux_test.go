package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const built = "tags netdev_overlay\n"

// untouched checks at the end of the test that dir is as it is now.
func untouched(t *testing.T, dir string) {
	t.Helper()
	before := snapshot(t, dir)
	t.Cleanup(func() {
		if after := snapshot(t, dir); !maps.Equal(before, after) {
			t.Errorf("the files were\n%q\nand are now\n%q", before, after)
		}
	})
}

const passingTest = `package main

import (
	"net"
	"os"
	"testing"
)

func TestListen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if os.Getenv("FAIL") != "" {
		t.Error("as it was told")
	}
}
`

func TestAnotherModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod":       "module example.com/other // ours\n\ngo 1.22\n",
		"main.go":      program(t),
		"main_test.go": passingTest,
		"sub/x.txt":    "",
	})
	untouched(t, dir)
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		if out := (call{dir: dir}).run(t, "run", "-quiet", ".").succeeds(t); out != built {
			t.Errorf("it was built with %s", out)
		}
	})
	t.Run("run from a directory in it", func(t *testing.T) {
		t.Parallel()
		if out := (call{dir: filepath.Join(dir, "sub")}).run(t, "run", "-quiet", "..").succeeds(t); out != built {
			t.Errorf("it was built with %s", out)
		}
	})
	t.Run("build", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "program")
		call{dir: dir}.run(t, "build", "-device", "bare", "-o", file, ".").succeeds(t)
		if out, err := exec.Command(file).CombinedOutput(); err != nil || string(out) != built {
			t.Errorf("the program: %v\n%s", err, out)
		}
	})
	t.Run("test", func(t *testing.T) {
		t.Parallel()
		out := (call{dir: dir}).run(t, "test", "-count=1", "./...").succeeds(t)
		if !strings.HasPrefix(out, "ok ") {
			t.Errorf("go test says %s", out)
		}
	})
	t.Run("a test that fails", func(t *testing.T) {
		t.Parallel()
		o := call{dir: dir, env: []string{"FAIL=1"}}.run(t, "test", "-count=1", "-device", "bare")
		if o.code != 1 || !strings.Contains(o.stdout, "--- FAIL: TestListen") || strings.Contains(o.stderr, "netdev: go") {
			t.Errorf("exit code %d\nstdout: %s\nstderr: %s", o.code, o.stdout, o.stderr)
		}
	})
}

func TestOutsideAModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"one/prog.go": program(t)})
	untouched(t, dir)
	for _, c := range []struct{ dir, file string }{
		{"one", "prog.go"}, {"", "one/prog.go"}, {"", "./one/prog.go"}, {"", filepath.Join(dir, "one", "prog.go")},
	} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			if out := (call{dir: filepath.Join(dir, c.dir)}).run(t, "run", "-quiet", c.file).succeeds(t); out != built {
				t.Errorf("it was built with %s", out)
			}
		})
	}
	t.Run("a test of the standard library", func(t *testing.T) {
		t.Parallel()
		out := (call{dir: dir}).run(t, "test", "-run", "^TestCanceled$", "net/textproto").succeeds(t)
		if !strings.HasPrefix(out, "ok ") {
			t.Errorf("go test says %s", out)
		}
	})
}

func TestAWorkspace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.work":    "go 1.24\n\nuse (\n\t./app\n\t./lib\n)\n",
		"app/go.mod": "module example.com/app\n\ngo 1.24\n\nrequire example.com/lib v0.3.0\n",
		"app/main.go": `package main

import (
	"fmt"
	"net"

	"example.com/lib"
)

func main() {
	_, err := net.Dial("tcp", "")
	fmt.Println(lib.Name, err)
}
`,
		"lib/go.mod": "module example.com/lib\n\ngo 1.23\n",
		"lib/lib.go": "package lib\n\nconst Name = \"beside\"\n",
	})
	untouched(t, dir)
	for _, c := range []struct{ dir, pkg string }{{"app", "."}, {"", "./app"}, {"", "app/main.go"}, {"lib", "../app"}} {
		t.Run(c.dir+" "+c.pkg, func(t *testing.T) {
			t.Parallel()
			out := (call{dir: filepath.Join(dir, c.dir)}).run(t, "run", "-quiet", c.pkg).succeeds(t)
			if want := "beside dial tcp: missing address\n"; out != want {
				t.Errorf("the program prints %q, want %q", out, want)
			}
		})
	}
}

// Nothing but the directory vendor has these modules.
func TestAVendoredModule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{
		"go.mod": `module example.com/app

go 1.21

require (
	example.invalid/dep v1.2.3
	example.invalid/dep/inner v0.4.0
	example.invalid/local v0.0.0
	example.invalid/unused v1.0.0
)

replace example.invalid/local => ../nosuch

replace example.invalid/never v1.0.0 => ../nosuch
`,
		"main.go": `package main

import (
	"fmt"
	"net"

	"example.invalid/dep"
	"example.invalid/dep/inner"
	"example.invalid/local"
)

func main() {
	_, err := net.Dial("tcp", "")
	fmt.Println(dep.Name, inner.Name, local.Name, err)
}
`,
		"vendor/modules.txt": `# example.invalid/dep v1.2.3
## explicit; go 1.20
example.invalid/dep
# example.invalid/dep/inner v0.4.0
## explicit
example.invalid/dep/inner
# example.invalid/local v0.0.0 => ../nosuch
## explicit; go 1.24
example.invalid/local
# example.invalid/unused v1.0.0
## explicit
# example.invalid/never v1.0.0 => ../nosuch
# example.invalid/local => ../nosuch
`,
		"vendor/example.invalid/dep/dep.go":         "package dep\n\nconst Name = \"dep\"\n",
		"vendor/example.invalid/dep/inner/inner.go": "package inner\n\nconst Name = \"inner\"\n",
		"vendor/example.invalid/local/local.go":     "package local\n\nconst Name = \"local\"\n",
	})
	untouched(t, dir)
	c := call{dir: dir, env: []string{"GOPROXY=off", "GOFLAGS="}}
	plain := exec.Command("go", "run", ".")
	plain.Dir, plain.Env = dir, append(os.Environ(), c.env...)
	want, err := plain.CombinedOutput()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, want)
	}
	if out := c.run(t, "run", "-quiet", ".").succeeds(t); out != string(want) {
		t.Errorf("the program prints %q, want %q", out, want)
	}
	if out := c.run(t, "run", "-quiet", "-mod=vendor", "main.go").succeeds(t); out != string(want) {
		t.Errorf("the program prints %q, want %q", out, want)
	}
	c.run(t, "run", "-quiet", "-mod=mod", ".").fails(t, exitFailed, "example.invalid/")
}

// In Go 1.20 a loop had one variable for all its turns, and the program is
// built with a go.mod that needs a newer Go.
func TestTheLanguageIsTheProgramsOwn(t *testing.T) {
	t.Parallel()
	const source = `package main

import (
	"fmt"
	_ "net"
)

func main() {
	var all []func() int
	for i := 0; i < 2; i++ {
		all = append(all, func() int { return i })
	}
	fmt.Println(all[0](), all[1]())
}
`
	for version, want := range map[string]string{"1.20": "2 2\n", "1.22": "0 1\n"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, map[string]string{"go.mod": "module loops\n\ngo " + version + "\n", "main.go": source})
			untouched(t, dir)
			if out := (call{dir: dir}).run(t, "run", "-quiet", ".").succeeds(t); out != want {
				t.Errorf("the program prints %q, want %q", out, want)
			}
		})
	}
}

func TestInstalled(t *testing.T) {
	t.Parallel()
	bin, dir := t.TempDir(), t.TempDir()
	install := exec.Command("go", "install", ".")
	install.Env = append(os.Environ(), "GOBIN="+bin)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("go install: %v\n%s", err, out)
	}
	write(t, dir, map[string]string{"go.mod": "module away\n\ngo 1.24\n", "main.go": program(t)})
	untouched(t, dir)
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "netdev"), "run", "-device", "bare", ".")
	cmd.Dir = dir
	if out, err := cmd.Output(); err != nil || string(out) != built {
		t.Errorf("away from the checkout: %v\n%s", err, out)
	}
}
