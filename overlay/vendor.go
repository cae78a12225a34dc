package overlay

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A vendored module is one whose source is in the main module's directory
// vendor. The go command uses that directory only while go.mod agrees with it,
// and the copy of go.mod does not: it has one requirement more. So each such
// module is replaced by its part of the directory.
type vendored struct {
	path, version string
	goVersion     string // "" where it is not known
}

// readVendor returns the modules in dir, a directory named vendor.
func readVendor(dir string) ([]vendored, error) {
	text, err := os.ReadFile(filepath.Join(dir, "modules.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var mods []vendored
	// A module that go.mod does not name and that has no packages here is of no
	// use: a line for it is about a replacement.
	needed := true
	flush := func() {
		if !needed {
			mods = mods[:len(mods)-1]
		}
		needed = true
	}
	for line := range bytes.Lines(text) {
		f := strings.Fields(string(line))
		switch {
		case len(f) == 0:
		case f[0] == "#":
			flush()
			if len(f) >= 3 && strings.HasPrefix(f[2], "v") {
				mods = append(mods, vendored{path: f[1], version: f[2]})
				needed = false
			}
		case f[0] == "##" && len(f) > 1:
			needed = needed || strings.HasPrefix(f[1], "explicit")
			if i := bytes.Index(line, []byte("go ")); i >= 0 && len(mods) > 0 {
				mods[len(mods)-1].goVersion = strings.TrimSpace(string(line[i+len("go "):]))
			}
		default:
			needed = true
		}
	}
	flush()
	return mods, nil
}

// useVendor has a copy of go.mod find the modules in vendor, and adds to files
// the go.mod that each of them was vendored without.
func useVendor(dir string, files map[string][]byte) (edits []string, err error) {
	mods, err := readVendor(dir)
	for _, m := range mods {
		at := filepath.Join(dir, filepath.FromSlash(m.path))
		edits = append(edits, "-require="+m.path+"@"+m.version, "-replace="+m.path+"@"+m.version+"="+at)
		mod := "module " + m.path + "\n"
		if m.goVersion != "" {
			mod += "\ngo " + m.goVersion + "\n"
		}
		files[filepath.Join(at, "go.mod")] = []byte(mod)
	}
	return edits, err
}
