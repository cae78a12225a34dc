package arch

import (
	"bufio"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TinyGo's releases trail Go's, so what runs on boards keeps to this Go.
const boardGo = 22

// TinyGo has no finalizers: what waits for one is never freed.
var neverRuns = map[string]bool{"runtime.SetFinalizer": true, "runtime.AddCleanup": true}

// The compiler checks neither: go.mod speaks for the module, whose other
// packages are free to use the newest Go.
func TestDevicePackagesAreGo122(t *testing.T) {
	newer := apiAfter(t, boardGo)
	device, _ := listDevice(t)
	c := newChecker(t, device)
	for _, p := range device { // go list -deps has a package after its imports
		c.check(t, p, func(pos token.Position, symbol string) {
			if newer[symbol] {
				t.Errorf("%s: %s is newer than Go 1.%d", pos, symbol, boardGo)
			}
			if neverRuns[symbol] {
				t.Errorf("%s: %s does nothing on a board", pos, symbol)
			}
		})
	}
}

func TestTheCheckSeesEveryKindOfNewSymbol(t *testing.T) {
	newer := apiAfter(t, boardGo)
	const src = `package p

import (
	"net"
	"sync"
	"testing/synctest"
	"time"
)

var d = net.Dialer{KeepAliveConfig: net.KeepAliveConfig{}}

func f(wg *sync.WaitGroup) {
	wg.Go(func() { synctest.Wait() })
	d.KeepAliveConfig.Enable = true
	_ = time.Now().Add(time.Second).Round(0)
}
`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil), Sizes: types.SizesFor("gc", "amd64")}
	info := newInfo()
	if _, err := conf.Check("p", fset, []*ast.File{f}, info); err != nil {
		t.Fatal(err)
	}
	symbols(info, func(_ token.Pos, symbol string) {
		if newer[symbol] {
			found[symbol] = true
		}
	})
	for _, want := range []string{
		"net.Dialer.KeepAliveConfig", "net.KeepAliveConfig", "net.KeepAliveConfig.Enable", "sync.WaitGroup.Go", "testing/synctest.Wait",
	} {
		if !found[want] {
			t.Errorf("%s was not seen: %v", want, found)
		}
		delete(found, want)
	}
	if len(found) > 0 {
		t.Errorf("taken for new: %v", found)
	}

	conf = types.Config{GoVersion: "go1.22"}
	if _, err := conf.Check("p", fset, parse(t, fset, "package p\nfunc f(g func(func(int) bool)) { for range g {} }"), nil); err == nil {
		t.Error("range over a function was not seen")
	}
}

func parse(t *testing.T, fset *token.FileSet, src string) []*ast.File {
	t.Helper()
	f, err := parser.ParseFile(fset, "q.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	return []*ast.File{f}
}

// A checker type-checks our packages from source and has the rest from export
// data. Sizes are those of a 32-bit board.
type checker struct {
	fset     *token.FileSet
	ours     map[string]*types.Package
	compiled types.Importer
}

func newChecker(t *testing.T, device []pkg) *checker {
	t.Helper()
	var others []string
	for _, p := range device {
		for _, path := range p.Imports {
			if rel(path) == "" && path != "unsafe" && path != "C" {
				others = append(others, path)
			}
		}
	}
	export := map[string]string{}
	for _, p := range goList(t, []string{"CGO_ENABLED=0"}, append([]string{"-export", "-deps"}, others...)...) {
		export[p.ImportPath] = p.Export
	}
	c := &checker{fset: token.NewFileSet(), ours: map[string]*types.Package{}}
	c.compiled = importer.ForCompiler(c.fset, "gc", func(path string) (io.ReadCloser, error) {
		if export[path] == "" {
			return nil, fmt.Errorf("%s was not compiled", path)
		}
		return os.Open(export[path])
	})
	return c
}

func (c *checker) Import(path string) (*types.Package, error) {
	if rel(path) == "" {
		return c.compiled.Import(path)
	}
	if p := c.ours[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("%s is no device package", path)
}

func (c *checker) check(t *testing.T, p pkg, use func(token.Position, string)) {
	t.Helper()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(c.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	info := newInfo()
	conf := types.Config{
		Importer:  c,
		GoVersion: "go1." + strconv.Itoa(boardGo),
		Sizes:     types.SizesFor("gc", "arm"),
		Error: func(err error) {
			// A function without a body is bound by linkname.
			if !strings.Contains(err.Error(), "missing function body") {
				t.Error(err)
			}
		},
	}
	c.ours[p.ImportPath], _ = conf.Check(p.ImportPath, c.fset, files, info)
	symbols(info, func(pos token.Pos, symbol string) { use(c.fset.Position(pos), symbol) })
}

func newInfo() *types.Info {
	return &types.Info{
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Types:      map[ast.Expr]types.TypeAndValue{},
	}
}

// symbols calls use with each exported symbol of other packages that the
// checked code names, spelled as in apiAfter.
func symbols(info *types.Info, use func(pos token.Pos, symbol string)) {
	for id, obj := range info.Uses {
		if obj.Pkg() == nil || !obj.Exported() {
			continue
		}
		if fn, ok := obj.(*types.Func); ok && fn.Signature().Recv() != nil {
			if owner := named(fn.Signature().Recv().Type()); owner != nil {
				use(id.Pos(), symbolOf(owner)+"."+obj.Name())
			}
			continue
		}
		if obj.Parent() == obj.Pkg().Scope() {
			use(id.Pos(), symbolOf(obj))
		}
	}
	for expr, sel := range info.Selections {
		if sel.Kind() == types.FieldVal {
			if owner := fieldOwner(sel); owner != nil {
				use(expr.Sel.Pos(), symbolOf(owner)+"."+sel.Obj().Name())
			}
		}
	}
	for expr, tv := range info.Types {
		lit, ok := expr.(*ast.CompositeLit)
		if !ok {
			continue
		}
		owner := named(tv.Type)
		if owner == nil {
			continue
		}
		for _, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				if key, ok := kv.Key.(*ast.Ident); ok {
					use(key.Pos(), symbolOf(owner)+"."+key.Name)
				}
			}
		}
	}
}

// fieldOwner returns the name of the struct that a selected field stands in,
// which may be embedded in the one it is selected of.
func fieldOwner(sel *types.Selection) types.Object {
	typ := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		if s, ok := deref(typ).Underlying().(*types.Struct); ok {
			typ = s.Field(i).Type()
		}
	}
	return named(typ)
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}

func named(t types.Type) types.Object {
	if n, ok := types.Unalias(deref(t)).(*types.Named); ok && n.Obj().Pkg() != nil {
		return n.Obj()
	}
	return nil
}

func symbolOf(obj types.Object) string { return obj.Pkg().Path() + "." + obj.Name() }

// apiAfter reads the lists of Go's API that come with Go, and returns what was
// not there in Go 1.minor: "path.Name", and "path.Type.Name" of methods and
// fields.
func apiAfter(t *testing.T, minor int) map[string]bool {
	t.Helper()
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(strings.TrimSpace(string(goroot)), "api")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this Go came without %s, so nobody can tell what is newer than Go 1.%d", dir, minor)
	}
	files, err := filepath.Glob(filepath.Join(dir, "go1*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	older, newer := map[string]bool{}, map[string]bool{}
	for _, name := range files {
		// go1.txt is release 0.
		release, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(filepath.Base(name), "go1"), "."), ".txt"))
		into := older
		if release > minor {
			into = newer
		}
		readAPI(t, name, into)
	}
	for symbol := range older {
		delete(newer, symbol)
	}
	if len(older) < 10000 || len(newer) < 100 {
		t.Fatalf("%s lists %d symbols of Go 1.%d and %d newer: too few to be true", dir, len(older), minor, len(newer))
	}
	return newer
}

func readAPI(t *testing.T, name string, into map[string]bool) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if symbol, ok := apiSymbol(lines.Text()); ok {
			into[symbol] = true
		}
	}
}

// apiSymbol reads a line such as "pkg net, type Dialer struct, Timeout
// time.Duration" or "pkg sync, method (*WaitGroup) Go(func()) #63796".
func apiSymbol(line string) (string, bool) {
	rest, ok := strings.CutPrefix(line, "pkg ")
	if !ok || strings.Contains(line, "//deprecated") {
		return "", false
	}
	path, rest, _ := strings.Cut(rest, ", ")
	path, _, _ = strings.Cut(path, " ") // some lines name a system after it
	kind, rest, _ := strings.Cut(rest, " ")
	switch kind {
	case "const", "var", "func":
		return path + "." + name(rest), true
	case "method":
		recv, method, _ := strings.Cut(rest, ") ")
		return path + "." + name(strings.TrimLeft(recv, "(*")) + "." + name(method), true
	case "type":
		decl, member, ok := strings.Cut(rest, ", ")
		if typ := name(decl); !ok || !strings.HasSuffix(decl, " struct") && !strings.HasSuffix(decl, " interface") {
			return path + "." + typ, true
		} else if member, ok := strings.CutPrefix(member, "embedded "); ok {
			member = strings.TrimPrefix(member, "*")
			return path + "." + typ + "." + name(member[strings.LastIndexByte(member, '.')+1:]), true
		}
		return path + "." + name(decl) + "." + name(member), true
	}
	return "", false
}

// name is the identifier that s begins with.
func name(s string) string {
	if i := strings.IndexFunc(s, func(r rune) bool { return strings.ContainsRune(" ([,", r) }); i >= 0 {
		return s[:i]
	}
	return s
}
