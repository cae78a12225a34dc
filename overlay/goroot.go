package overlay

import (
	"bytes"
	"embed"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

//go:embed goroot/*.go.txt
var templates embed.FS

// A patch replaces functions of one package of the standard library. Its
// template defines them anew; one that it also mentions as netdev_NAME is kept
// under that name.
type patch struct {
	pkg      string
	template string
}

var patches = []patch{
	{"syscall", "syscall.go.txt"},
	{"internal/syscall/unix", "unix.go.txt"},
	{"internal/poll", "poll.go.txt"},
	{"net", "net.go.txt"},
}

const keptPrefix = "netdev_"

// A SourceError is a standard library that differs from what the overlay was
// written for.
type SourceError struct {
	File   string // the file, or the directory where no file has the function
	Func   string
	Reason string
}

func (e *SourceError) Error() string {
	return fmt.Sprintf("%s: func %s %s; this overlay is written for Go 1.26, use that or a newer netdev", e.File, e.Func, e.Reason)
}

// sources returns the files that replace or join those of the standard library
// in goroot, by their paths there.
func sources(goroot, goos, goarch string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, p := range patches {
		text, err := templates.ReadFile("goroot/" + p.template)
		if err != nil {
			return nil, err
		}
		dir := filepath.Join(goroot, "src", filepath.FromSlash(p.pkg))
		if err := p.apply(files, dir, text, goos, goarch); err != nil {
			return nil, err
		}
		files[filepath.Join(dir, "znetdev.go")] = text
	}
	return files, nil
}

func (p *patch) apply(files map[string][]byte, dir string, text []byte, goos, goarch string) error {
	fset := token.NewFileSet()
	template, err := parser.ParseFile(fset, p.template, text, 0)
	if err != nil {
		return err
	}
	wanted := keptFuncs(fset, template)

	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.CgoEnabled = goos, goarch, true
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if ok, err := ctx.MatchFile(dir, filepath.Base(name)); err != nil || !ok {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		out, err := renameFuncs(fset, name, src, wanted)
		if err != nil {
			return err
		}
		if out != nil {
			files[name] = out
		}
	}
	for name := range wanted {
		return &SourceError{dir, name, "was not found"}
	}
	return nil
}

// keptFuncs returns the types of the functions that the template wraps.
func keptFuncs(fset *token.FileSet, template *ast.File) map[string]string {
	used := make(map[string]bool)
	ast.Inspect(template, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, keptPrefix) {
			used[strings.TrimPrefix(id.Name, keptPrefix)] = true
		}
		return true
	})
	kept := make(map[string]string)
	for _, d := range template.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && used[f.Name.Name] {
			kept[f.Name.Name] = signature(fset, f)
		}
	}
	return kept
}

// renameFuncs gives the wanted functions that src declares their kept names,
// and strikes them off. It returns nil when there are none.
func renameFuncs(fset *token.FileSet, name string, src []byte, wanted map[string]string) ([]byte, error) {
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	last := 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		want, ok := wanted[f.Name.Name]
		if !ok {
			continue
		}
		if got := signature(fset, f); got != want {
			return nil, &SourceError{name, f.Name.Name, "is " + got + ", expected " + want}
		}
		at := fset.Position(f.Name.Pos()).Offset
		out.Write(src[last:at])
		out.WriteString(keptPrefix)
		last = at
		delete(wanted, f.Name.Name)
	}
	if last == 0 {
		return nil, nil
	}
	out.Write(src[last:])
	return out.Bytes(), nil
}

// signature prints the types of f's receiver, parameters and results.
func signature(fset *token.FileSet, f *ast.FuncDecl) string {
	var b strings.Builder
	list := func(fields *ast.FieldList) {
		b.WriteByte('(')
		for i := 0; fields != nil && i < len(fields.List); i++ {
			for range max(1, len(fields.List[i].Names)) {
				if !strings.HasSuffix(b.String(), "(") {
					b.WriteString(", ")
				}
				printer.Fprint(&b, fset, fields.List[i].Type)
			}
		}
		b.WriteByte(')')
	}
	if f.Recv != nil {
		list(f.Recv)
		b.WriteByte(' ')
	}
	b.WriteString("func")
	list(f.Type.Params)
	b.WriteByte(' ')
	list(f.Type.Results)
	return b.String()
}
