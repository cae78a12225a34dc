package arch

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

const module = "github.com/netdev-go/netdev"

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
	Standard   bool
	Export     string
	Error      *struct{ Err string }
}

// rel is the path inside this module, "." for the root and "" for others.
func rel(importPath string) string {
	if importPath == module {
		return "."
	}
	inside, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return inside
}

// under tells whether p is root or stands below it.
func under(root, p string) bool { return p == root || strings.HasPrefix(p, root+"/") }

// within is under with patterns of path.Match, segment by segment: "drivers/*"
// has every driver and what is below it.
func within(pattern, p string) bool {
	n := strings.Count(pattern, "/") + 1
	if parts := strings.Split(p, "/"); len(parts) >= n {
		ok, _ := path.Match(pattern, strings.Join(parts[:n], "/"))
		return ok
	}
	return false
}

// goList lists packages as the go command sees them with the environment and
// arguments given.
func goList(t *testing.T, env []string, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,Deps,Standard,Export,Error"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, stderr.String())
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return pkgs
		}
		if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
