package compat_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The real drivers import TinyGo's package machine, which no host has, so they
// are not built here but type-checked, with an empty machine: the signatures of
// their socket methods do not mention it.
func TestTheRealDriversAreNetdevers(t *testing.T) {
	for modfile, drivers := range map[string][]string{
		"go.mod":            {"wifinina", "rtl8720dn", "espat"},
		"drivers-v0.37.mod": {"wifinina", "rtl8720dn", "espat", "w5500"},
	} {
		t.Run(modfile, func(t *testing.T) {
			paths := []string{"github.com/netdev-go/netdev", "tinygo.org/x/drivers/netdev"}
			for _, d := range drivers {
				paths = append(paths, "tinygo.org/x/drivers/"+d)
			}
			w := load(t, modfile, paths)
			ours, theirs := w.netdever(t, paths[0]), w.netdever(t, paths[1])
			for _, path := range paths[2:] {
				typ := w.driver(t, path)
				if m, _ := types.MissingMethod(typ, ours, true); m != nil {
					t.Errorf("%v is no Netdever here: %v", typ, m)
				}
				if m, _ := types.MissingMethod(typ, theirs, true); m != nil {
					t.Errorf("%v is no Netdever there: %v", typ, m)
				}
			}
		})
	}
}

// driver returns the pointer type in the package that has sockets.
func (w *world) driver(t *testing.T, path string) types.Type {
	t.Helper()
	scope := w.check(t, path).Scope()
	for _, name := range scope.Names() {
		if tn, ok := scope.Lookup(name).(*types.TypeName); ok {
			typ := types.NewPointer(tn.Type())
			if types.NewMethodSet(typ).Lookup(nil, "Socket") != nil {
				return typ
			}
		}
	}
	t.Fatalf("%s has no type with a method Socket", path)
	return nil
}

// A world is what the go command knows of some packages, with one importer so
// that a type is the same type in all of them.
type world struct {
	fset  *token.FileSet
	dir   map[string]string
	files map[string][]string
	types.Importer
}

func load(t *testing.T, modfile string, paths []string) *world {
	t.Helper()
	args := []string{"list", "-modfile=" + modfile, "-e", "-export", "-deps",
		"-f", `{{.ImportPath}}|{{.Dir}}|{{.Export}}|{{join .GoFiles ","}}`}
	cmd := exec.Command("go", append(args, paths...)...)
	out, err := cmd.Output() // what does not build for want of machine is said on standard error
	if err != nil && len(out) == 0 {
		t.Fatalf("%v: %v", cmd, err)
	}
	w := &world{fset: token.NewFileSet(), dir: map[string]string{}, files: map[string][]string{}}
	export := map[string]string{}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) != 4 {
			t.Fatalf("go list said %q", line)
		}
		w.dir[f[0]], export[f[0]], w.files[f[0]] = f[1], f[2], strings.Split(f[3], ",")
	}
	w.Importer = importer.ForCompiler(w.fset, "gc", func(path string) (io.ReadCloser, error) {
		if export[path] == "" {
			return nil, fmt.Errorf("%s was not compiled", path)
		}
		return os.Open(export[path])
	})
	return w
}

// Import gives an empty package for what a host has not.
func (w *world) Import(path string) (*types.Package, error) {
	if path == "machine" {
		p := types.NewPackage(path, path)
		p.MarkComplete()
		return p, nil
	}
	return w.Importer.Import(path)
}

func (w *world) netdever(t *testing.T, path string) *types.Interface {
	t.Helper()
	p, err := w.Import(path)
	if err != nil {
		t.Fatal(err)
	}
	return p.Scope().Lookup("Netdever").Type().Underlying().(*types.Interface)
}

func (w *world) check(t *testing.T, path string) *types.Package {
	t.Helper()
	var files []*ast.File
	for _, name := range w.files[path] {
		f, err := parser.ParseFile(w.fset, filepath.Join(w.dir[path], name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	conf := types.Config{Importer: w, IgnoreFuncBodies: true, Error: func(err error) {
		if !strings.Contains(err.Error(), "machine") {
			t.Error(err)
		}
	}}
	p, _ := conf.Check(path, w.fset, files, nil)
	return p
}
