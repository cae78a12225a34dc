package contract

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// source is what the tables are drawn from.
type source struct {
	options []optionGroup
	errors  []errorRow
	example string
}

// An optionGroup is a block of constants with the comment above it.
type optionGroup struct {
	doc  string
	rows []optionRow
}

type optionRow struct{ name, number, value string }

type errorRow struct{ name, text, equals string }

func parse(root string) (*source, error) {
	fset := token.NewFileSet()
	files := make(map[string]*ast.File)
	const example = "netdevtest/example_poller_linux_test.go"
	for _, name := range []string{"netdev.go", "errors.go", "errors_host.go", example} {
		f, err := parser.ParseFile(fset, filepath.Join(root, name), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files[name] = f
	}
	src := &source{
		options: options(files["netdev.go"]),
		errors:  sentinels(files["errors.go"], systemErrors(files["errors_host.go"])),
	}
	var err error
	src.example, err = function(fset, files[example], filepath.Join(root, example), "serve")
	if err == nil && (len(src.options) == 0 || len(src.errors) == 0) {
		err = fmt.Errorf("no options or no errors in the source of package netdev")
	}
	return src, err
}

// options finds the constant blocks whose comment begins with "Socket options".
func options(f *ast.File) []optionGroup {
	var groups []optionGroup
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST || !strings.HasPrefix(d.Doc.Text(), "Socket options") {
			continue
		}
		g := optionGroup{doc: strings.ReplaceAll(strings.TrimSpace(d.Doc.Text()), "\n", " ")}
		for _, spec := range d.Specs {
			v := spec.(*ast.ValueSpec)
			value := strings.TrimSpace(v.Comment.Text())
			if value == "" {
				continue // the level itself
			}
			g.rows = append(g.rows, optionRow{v.Names[0].Name, v.Values[0].(*ast.BasicLit).Value, value})
		}
		groups = append(groups, g)
	}
	return groups
}

// systemErrors maps the reasons to the system's errors.
func systemErrors(f *ast.File) map[string]string {
	errnos := make(map[string]string)
	ast.Inspect(f, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, _ := kv.Key.(*ast.Ident)
		errno, _ := kv.Value.(*ast.SelectorExpr)
		if key != nil && errno != nil {
			errnos[key.Name] = "syscall." + errno.Sel.Name
		}
		return true
	})
	return errnos
}

// sentinels finds the variables that are a &sentinel{…}, and the two that are
// the standard library's.
func sentinels(f *ast.File, errnos map[string]string) []errorRow {
	var rows []errorRow
	for _, decl := range f.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			v := spec.(*ast.ValueSpec)
			row := errorRow{name: v.Names[0].Name}
			switch row.name {
			case "ErrTimeout":
				row.text, row.equals = "i/o timeout", "`os.ErrDeadlineExceeded`"
			case "ErrClosed":
				row.text, row.equals = "use of closed network connection", "`net.ErrClosed`"
			}
			ast.Inspect(v, func(n ast.Node) bool {
				kv, ok := n.(*ast.KeyValueExpr)
				if !ok {
					return true
				}
				switch key, value := kv.Key.(*ast.Ident).Name, kv.Value; {
				case key == "text":
					row.text, _ = strconv.Unquote(value.(*ast.BasicLit).Value)
				case key == "is":
					reason := value.(*ast.Ident).Name
					row.equals = "`" + errnos[reason] + "`"
					if reason == "isUnsupported" {
						row.equals += ", `errors.ErrUnsupported`"
					}
				}
				return true
			})
			if strings.HasPrefix(row.name, "Err") {
				rows = append(rows, row)
			}
		}
	}
	return rows
}

// function returns the source of a function, as it is written.
func function(fset *token.FileSet, f *ast.File, path, name string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for _, decl := range f.Decls {
		if d, ok := decl.(*ast.FuncDecl); ok && d.Name.Name == name && d.Doc != nil {
			return string(text[fset.Position(d.Doc.Pos()).Offset:fset.Position(d.End()).Offset]), nil
		}
	}
	return "", fmt.Errorf("there is no function %s in %s", name, path)
}

func (s *source) writeOptions(b *bytes.Buffer) {
	for i, g := range s.options {
		if i > 0 {
			b.WriteString("\n")
		}
		doc := strings.NewReplacer("[", "`", "]", "`").Replace(g.doc)
		fmt.Fprintf(b, "%s\n\n| option | number | value |\n|---|---|---|\n", doc)
		for _, o := range g.rows {
			fmt.Fprintf(b, "| `%s` | %s | %s |\n", o.name, o.number, o.value)
		}
	}
}

func (s *source) writeErrors(b *bytes.Buffer) {
	b.WriteString("| error | text | to `errors.Is` also |\n|---|---|---|\n")
	for _, e := range s.errors {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", e.name, e.text, e.equals)
	}
}
