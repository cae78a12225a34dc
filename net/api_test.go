//go:build !tinygo

package net_test

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// notHere are the names of Go's net that this package does not have. Whoever
// swaps the import learns of them from the compiler.
var notHere = []string{
	// Sockets that a device has no notion of.
	"DialIP", "DialUnix", "Dialer.DialIP", "Dialer.DialUnix", "IPConn", "ListenIP", "ListenUnix", "ListenUnixgram",
	"ResolveUnixAddr", "UnixConn", "UnixListener", "TCPListener.File", "TCPConn.File", "UDPConn.File",
	"FileConn", "FileListener", "FilePacketConn",
	"TCPConn.SyscallConn", "TCPListener.SyscallConn", "UDPConn.SyscallConn",
	"Dialer.Control", "Dialer.ControlContext", "ListenConfig.Control",
	// What only a kernel does.
	"Dialer.MultipathTCP", "Dialer.SetMultipathTCP", "ListenConfig.MultipathTCP",
	"ListenConfig.SetMultipathTCP", "TCPConn.MultipathTCP",
	// Deprecated for a decade.
	"Dialer.Cancel", "Dialer.DualStack",
}

// embedded methods, which the syntax does not show.
var ofConn = []string{
	"Close", "LocalAddr", "Read", "RemoteAddr", "SetDeadline", "SetReadBuffer",
	"SetReadDeadline", "SetWriteBuffer", "SetWriteDeadline", "Write",
}

var apiLine = regexp.MustCompile(`^pkg net, (?:func (\w+)|type (\w+)|const (\w+)|var (\w+)|method \(\*?(\w+)\) (\w+)|type (\w+) struct, (\w+))`)

// goNames are the names of Go's net, as its api directory lists them.
func goNames(t *testing.T) []string {
	t.Helper()
	root := strings.TrimSpace(string(must[[]byte](t)(exec.Command("go", "env", "GOROOT").Output())))
	files := must[[]string](t)(filepath.Glob(filepath.Join(root, "api", "go1*.txt")))
	var names []string
	for _, file := range files {
		f := must[*os.File](t)(os.Open(file))
		for s := bufio.NewScanner(f); s.Scan(); {
			line := s.Text()
			switch m := apiLine.FindStringSubmatch(line); {
			case m == nil:
			case m[5] != "":
				names = append(names, m[5]+"."+m[6])
			case strings.Contains(line, " struct, ") && !strings.HasSuffix(line, "struct, embedded"):
				i := strings.Index(line, " struct, ") + len(" struct, ")
				field, _, _ := strings.Cut(line[i:], " ")
				names = append(names, m[2]+"."+field)
			default:
				names = append(names, m[1]+m[2]+m[3]+m[4])
			}
		}
		f.Close()
	}
	return names
}

// ourNames are the names of this package. What aliases bring along is not among
// them; the aliased types are in the second list.
func ourNames(t *testing.T) (names, aliases []string) {
	t.Helper()
	fset := token.NewFileSet()
	for _, path := range must[[]string](t)(filepath.Glob("*.go")) {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_tinygo.go") {
			continue
		}
		file := must[*ast.File](t)(parser.ParseFile(fset, path, nil, 0))
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names = append(names, d.Name.Name)
				} else if star, ok := d.Recv.List[0].Type.(*ast.StarExpr); ok {
					names = append(names, star.X.(*ast.Ident).Name+"."+d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names = append(names, n.Name)
						}
					case *ast.TypeSpec:
						names = append(names, s.Name.Name)
						if s.Assign.IsValid() {
							aliases = append(aliases, s.Name.Name)
						}
						if st, ok := s.Type.(*ast.StructType); ok {
							for _, f := range st.Fields.List {
								for _, n := range f.Names {
									names = append(names, s.Name.Name+"."+n.Name)
								}
							}
						}
					}
				}
			}
		}
	}
	for _, typ := range []string{"TCPConn", "UDPConn"} {
		for _, method := range ofConn {
			names = append(names, typ+"."+method)
		}
	}
	return names, aliases
}

func TestEveryNameOfGosNetIsHereOrSaidNotToBe(t *testing.T) {
	ours, aliases := ourNames(t)
	all := goNames(t)
	if len(all) < 300 {
		t.Skipf("this Go comes without its api directory: %d names", len(all))
	}
	for _, name := range all {
		typ, _, member := strings.Cut(name, ".")
		if member && (slices.Contains(aliases, typ) || slices.Contains(notHere, typ)) {
			continue
		}
		here, said := slices.Contains(ours, name), slices.Contains(notHere, name)
		if !here && !said {
			t.Errorf("%s is missing", name)
		}
		if here && said {
			t.Errorf("%s is here, and said not to be", name)
		}
	}
}
