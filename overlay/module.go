package overlay

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"go/build"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

const modulePath = "github.com/netdev-go/netdev"

// moduleDir returns where the source of this module is: the checkout that this
// program was built from, or the module cache.
func moduleDir(ctx context.Context) (string, error) {
	_, file, _, _ := runtime.Caller(0)
	if dir := filepath.Dir(filepath.Dir(file)); filepath.IsAbs(dir) && isModule(dir, modulePath) {
		return dir, nil
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "", errors.New("the source that this netdev was built from is gone; run \"go install " + modulePath + "/cmd/netdev@latest\", or from a checkout")
	}
	out, err := output(ctx, os.TempDir(), nil, "mod", "download", "-json", modulePath+"@"+info.Main.Version)
	if err != nil {
		return "", err
	}
	var m struct{ Dir string }
	err = json.Unmarshal(out, &m)
	return m.Dir, err
}

func isModule(dir, path string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && modfilePath(mod) == path
}

// modfilePath returns the path in a go.mod's module line.
func modfilePath(mod []byte) string {
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "module" {
			return strings.Trim(f[1], `"`)
		}
	}
	return ""
}

// A module is the main module of a build, with ours within reach.
type module struct {
	dir   string            // where the go command runs
	flags []string          // -modfile and what goes with it
	env   []string          // of the go command; nil is this process's
	files map[string][]byte // that the go command sees and that are not there
}

// prepare returns the main module that env names. Where that is not ours, its
// go.mod is copied to work, and ours added to the copy. With vendor, modules
// come from the main module's directory of that name, if it has one.
func prepare(ctx context.Context, env goEnv, dir, work string, vendor bool) (*module, error) {
	ours, err := moduleDir(ctx)
	if err != nil {
		return nil, err
	}
	m := &module{dir: dir, files: make(map[string][]byte)}
	var mod, sum []byte
	var edits []string
	if env.inModule() {
		if mod, err = os.ReadFile(env.GOMOD); err != nil {
			return nil, err
		}
		if modfilePath(mod) == modulePath {
			return m, nil
		}
		sum, _ = os.ReadFile(strings.TrimSuffix(env.GOMOD, ".mod") + ".sum")
		edits = keepVersion(mod)
		m.flags = keepLanguage(mod)
	} else {
		mod = []byte("module program\n")
		m.dir = work
	}
	edits = append(edits, "-require="+modulePath+"@v0.0.0", "-replace="+modulePath+"="+ours)
	if env.inWorkspace() {
		more, err := workspaceEdits(ctx, env.GOWORK, filepath.Dir(env.GOMOD))
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
		m.env = appendEnv(m.env, "GOWORK=off")
	}
	ourSum, err := os.ReadFile(filepath.Join(ours, "go.sum"))
	if err != nil {
		return nil, err
	}
	if env.inModule() && vendor {
		more, err := useVendor(filepath.Join(filepath.Dir(env.GOMOD), "vendor"), m.files)
		if err != nil {
			return nil, err
		}
		edits = append(edits, more...)
	}
	modfile := filepath.Join(work, "go.mod")
	if err := writeModfile(ctx, m.env, modfile, mod, joinLines(sum, ourSum), edits); err != nil {
		return nil, err
	}
	m.flags = append(m.flags, "-mod=mod")
	if env.inModule() {
		m.flags = append(m.flags, "-modfile="+modfile)
	}
	return m, nil
}

// writeModfile writes a go.mod, edited, and its go.sum, unless they were made
// from the same before: the go command adds to them, and may be at work.
func writeModfile(ctx context.Context, env []string, name string, mod, sum []byte, edits []string) error {
	from := []byte(key(append(edits, string(mod), string(sum))...))
	stamp := filepath.Join(filepath.Dir(name), "from")
	if old, err := os.ReadFile(stamp); err == nil && bytes.Equal(old, from) {
		return nil
	}
	err := cmp.Or(writeFile(name, mod), writeFile(strings.TrimSuffix(name, ".mod")+".sum", sum))
	if err != nil {
		return err
	}
	args := append(append([]string{"mod", "edit"}, edits...), name)
	if _, err := output(ctx, filepath.Dir(name), env, args...); err != nil {
		return err
	}
	return writeFile(stamp, from)
}

// goLine returns the version in a go.mod's go line, 1.16 where it has none.
func goLine(mod []byte) string {
	for line := range strings.Lines(string(mod)) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "go" {
			return f[1]
		}
	}
	return "1.16"
}

// minor returns the 21 of Go version 1.21.3.
func minor(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		rest = rest[:end]
	}
	n, _ := strconv.Atoi(rest)
	return n
}

// Our go line may be newer than the program's, and the go command raises the
// main module's to it. The language and the run-time behaviour that the program
// was written for are kept by name.

func keepLanguage(mod []byte) []string {
	return []string{"-gcflags=" + modfilePath(mod) + "/...=-lang=go1." + strconv.Itoa(minor(goLine(mod)))}
}

func keepVersion(mod []byte) []string {
	if bytes.Contains(mod, []byte("godebug")) {
		return nil
	}
	// Go 1.20 is the oldest behaviour that there is.
	return []string{"-godebug=default=go1." + strconv.Itoa(max(minor(goLine(mod)), 20))}
}

// memberOf returns the directory of the module in env's workspace that pkg,
// named in dir, is of, and what the go command says there.
func memberOf(ctx context.Context, env goEnv, dir, pkg string) (string, goEnv, error) {
	at := strings.TrimSuffix(pkg, "/...")
	if strings.HasSuffix(at, ".go") {
		at = filepath.Dir(at)
	}
	if !build.IsLocalImport(at) && !filepath.IsAbs(at) {
		return dir, env, nil
	}
	if !filepath.IsAbs(at) {
		at = filepath.Join(dir, at)
	}
	if _, err := os.Stat(at); err != nil {
		return "", env, err
	}
	there, err := readEnv(ctx, at)
	if err != nil || !there.inModule() {
		return dir, env, err
	}
	return filepath.Dir(there.GOMOD), there, nil
}

// workspaceEdits has a module that leaves its workspace find the others there.
func workspaceEdits(ctx context.Context, gowork, main string) ([]string, error) {
	out, err := output(ctx, filepath.Dir(gowork), nil, "work", "edit", "-json", gowork)
	if err != nil {
		return nil, err
	}
	var w struct {
		Use     []struct{ DiskPath string }
		Replace []struct {
			Old, New struct{ Path, Version string }
		}
	}
	if err := json.Unmarshal(out, &w); err != nil {
		return nil, err
	}
	var edits []string
	at := func(path, version string) string {
		if version != "" {
			return path + "@" + version
		}
		return path
	}
	for _, r := range w.Replace {
		to := r.New.Path
		if r.New.Version == "" && !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(gowork), to)
		}
		edits = append(edits, "-replace="+at(r.Old.Path, r.Old.Version)+"="+at(to, r.New.Version))
	}
	for _, u := range w.Use {
		dir := u.DiskPath
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(gowork), dir)
		}
		if dir == filepath.Clean(main) {
			continue
		}
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			return nil, err
		}
		path := modfilePath(mod)
		edits = append(edits, "-replace="+path+"="+dir)
		// A module that is not required yet is, as a workspace has it.
		edits = append(edits, "-require="+path+"@v0.0.0")
	}
	return edits, nil
}

// joinLines returns the lines of both, each once.
func joinLines(a, b []byte) []byte {
	seen := make(map[string]bool)
	var out []byte
	for line := range bytes.Lines(append(append(bytes.TrimRight(a, "\n"), '\n'), b...)) {
		if s := strings.TrimSpace(string(line)); s != "" && !seen[s] {
			seen[s] = true
			out = append(append(out, s...), '\n')
		}
	}
	return out
}
