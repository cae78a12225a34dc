package overlay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options say what a program is put on, and where it is built.
type Options struct {
	Device string    // name of the device, as package netlink/probe knows it
	Flags  []string  // its settings, each KEY=VALUE
	Dir    string    // working directory; "" is the current one
	Stdout io.Writer // of the go command; nil is nothing
	Stderr io.Writer // of the go command, and what there is to say; nil is nothing
}

// tag is the build tag of what is only for programs built with the overlay.
const tag = "netdev_overlay"

// A job is one go command, prepared.
type job struct {
	opts  Options
	verb  string
	args  *arguments
	env   goEnv
	mod   *module
	work  string // directory of this build in the cache
	std   string // directory of the generated files in the cache
	flags []string
	one   bool // one program is built, and nothing else
}

// newJob makes the overlay for "go verb args".
func newJob(ctx context.Context, opts Options, verb string, args []string) (*job, error) {
	if runtime.GOOS != "linux" {
		return nil, errors.New("the overlay is for Linux; on " + runtime.GOOS + " use package net of this module, which needs none")
	}
	a, err := parseArgs(verb, args)
	if err != nil {
		return nil, err
	}
	if opts.Dir, err = filepath.Abs(opts.Dir); err != nil {
		return nil, err
	}
	b := &job{opts: opts, verb: verb, args: a}
	if b.env, err = readEnv(ctx, opts.Dir); err != nil {
		return nil, err
	}
	dir := opts.Dir
	if !b.env.inModule() && b.env.inWorkspace() {
		if dir, b.env, err = memberOf(ctx, b.env, dir, a.packages[0]); err != nil {
			return nil, err
		}
	}
	if b.env.GOOS != "linux" {
		return nil, errors.New("the overlay is for GOOS=linux, not " + b.env.GOOS)
	}
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	prune(filepath.Join(cache, "build"))
	b.work = filepath.Join(cache, "build", b.key())
	if err := os.MkdirAll(b.work, 0o755); err != nil {
		return nil, err
	}
	os.Chtimes(b.work, time.Time{}, time.Now())
	unlock, err := lock(ctx, filepath.Join(b.work, "prepare"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if b.mod, err = prepare(ctx, b.env, dir, b.work, b.usesVendor()); err != nil {
		return nil, err
	}
	if b.mod.dir != opts.Dir {
		if err := b.leaveDir(); err != nil {
			return nil, err
		}
	}
	b.flags = append(b.mod.flags, b.tagFlags()...)
	return b, b.writeOverlay(ctx, cache)
}

// key tells one build from another. The arguments of a program are no part of
// it.
func (b *job) key() string {
	a := b.args
	return key(b.opts.Dir, b.opts.Device, strings.Join(b.opts.Flags, "\n"), b.verb, b.env.GOMOD, b.env.GOWORK,
		strings.Join(a.flags, " "), a.mod, strings.Join(a.tags, " "), strings.Join(a.packages, " "))
}

// usesVendor reports whether the go command would look into vendor. In a
// workspace it looks elsewhere.
func (b *job) usesVendor() bool {
	return b.args.mod != "mod" && !strings.Contains(b.env.GOFLAGS, "-mod=mod") && !b.env.inWorkspace()
}

// leaveDir makes paths independent of the directory, which is in no module.
func (b *job) leaveDir() error {
	for i, p := range b.args.packages {
		switch {
		case filepath.IsAbs(p) && strings.HasSuffix(p, ".go"):
		case strings.HasSuffix(p, ".go"), b.env.inModule() && build.IsLocalImport(p):
			b.args.packages[i] = filepath.Join(b.opts.Dir, p)
		case !b.env.inModule() && (build.IsLocalImport(p) || filepath.IsAbs(p)):
			return fmt.Errorf("no go.mod in %s or above it, which package %s needs; run \"go mod init NAME\" where it belongs, or name .go files", b.opts.Dir, p)
		}
	}
	if b.args.out != "" && !filepath.IsAbs(b.args.out) {
		slash := strings.HasSuffix(b.args.out, "/")
		b.args.out = filepath.Join(b.opts.Dir, b.args.out)
		if slash {
			b.args.out += "/"
		}
	}
	return nil
}

func (b *job) tagFlags() []string {
	tags := b.args.tags
	if len(tags) == 0 {
		// A -tags on the command line replaces one in GOFLAGS.
		for _, f := range strings.Fields(b.env.GOFLAGS) {
			if name, value, inline := CutFlag(f); name == "tags" && inline {
				tags = strings.Split(value, ",")
			}
		}
	}
	return []string{"-tags=" + strings.Join(append(slices.Clone(tags), tag), ",")}
}

// writeOverlay writes the generated files and the list of them.
func (b *job) writeOverlay(ctx context.Context, cache string) error {
	files, err := sources(b.env.GOROOT, b.env.GOOS, b.env.GOARCH)
	if err != nil {
		return err
	}
	parts := []string{b.env.GOVERSION, b.env.GOROOT, b.env.GOARCH}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		parts = append(parts, name, string(files[name]))
	}
	b.std = filepath.Join(cache, "goroot", key(parts...))
	if err := os.MkdirAll(b.std, 0o755); err != nil {
		return err
	}
	replace := make(map[string]string)
	for name, text := range files {
		rel, err := filepath.Rel(filepath.Join(b.env.GOROOT, "src"), name)
		if err != nil {
			return err
		}
		replace[name] = filepath.Join(b.std, strings.ReplaceAll(rel, string(filepath.Separator), "_"))
		if err := writeFile(replace[name], text); err != nil {
			return err
		}
	}
	for name, text := range b.mod.files {
		replace[name] = filepath.Join(b.work, key(name)+".mod")
		if err := writeFile(replace[name], text); err != nil {
			return err
		}
	}
	// To find the packages takes the modules already.
	flag, err := b.writeReplace("list.json", replace)
	if err != nil {
		return err
	}
	if err := b.addStart(ctx, replace, append(slices.Clone(b.flags), flag)); err != nil {
		return err
	}
	flag, err = b.writeReplace("overlay.json", replace)
	b.flags = append(b.flags, flag)
	return err
}

// writeReplace writes what -overlay takes, and returns that flag.
func (b *job) writeReplace(name string, replace map[string]string) (flag string, err error) {
	text, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return "", err
	}
	name = filepath.Join(b.work, name)
	return "-overlay=" + name, writeFile(name, text)
}

// startName sorts before other files, so that the device is there before the
// program's own variables are initialised.
const startName = "0netdev_start"

// addStart adds the file that opens the device to each program, or each test;
// flags find them.
func (b *job) addStart(ctx context.Context, replace map[string]string, flags []string) error {
	if b.verb != "test" && strings.HasSuffix(b.args.packages[0], ".go") {
		b.one = true
		// The go command wants all files named in the same way.
		name := strings.TrimSuffix(b.args.packages[0], filepath.Base(b.args.packages[0])) + startName + ".go"
		b.args.packages = append(b.args.packages[:len(b.args.packages):len(b.args.packages)], name)
		if !filepath.IsAbs(name) {
			name = filepath.Join(b.opts.Dir, name)
		}
		return b.writeStart(replace, name, "main")
	}
	pkgs, err := list(ctx, b.mod.dir, b.mod.env, flags, b.args.packages)
	if err != nil {
		return err
	}
	if b.verb == "run" && len(pkgs) > 1 {
		return fmt.Errorf("%s is %d packages; run takes one", b.args.packages[0], len(pkgs))
	}
	b.one = len(pkgs) == 1 && pkgs[0].Name == "main"
	for _, p := range pkgs {
		switch {
		case b.verb == "run" && p.Name != "" && p.Name != "main":
			return fmt.Errorf("package %s is not a main package", p.ImportPath)
		case b.verb == "test" && len(p.TestGoFiles)+len(p.XTestGoFiles) > 0:
			err = b.writeStart(replace, filepath.Join(p.Dir, startName+"_test.go"), p.Name+"_test")
		case b.verb != "test" && p.Name == "main":
			err = b.writeStart(replace, filepath.Join(p.Dir, startName+".go"), "main")
		}
		if err != nil {
			return err
		}
		if b.verb == "test" {
			b.exclude(p.ImportPath)
		}
	}
	return nil
}

func (b *job) writeStart(replace map[string]string, name, pkg string) error {
	file := filepath.Join(b.work, pkg+".go")
	replace[name] = file
	args := strconv.Quote(b.opts.Device)
	for _, f := range b.opts.Flags {
		args += ", " + strconv.Quote(f)
	}
	text := fmt.Sprintf("// Code generated by netdev; DO NOT EDIT.\n\npackage %s\n\nimport \"%s/overlay/start\"\n\nvar _ = start.Device(%s)\n", pkg, modulePath, args)
	return writeFile(file, []byte(text))
}

// command returns the go command with its flags.
func (b *job) command(ctx context.Context, verb string, flags, packages, rest []string) *exec.Cmd {
	args := append([]string{verb}, b.flags...)
	args = append(args, b.args.flags...)
	args = append(args, flags...)
	if verb != "test" {
		args = append(args, "--")
	}
	args = append(args, packages...)
	cmd := goCommand(ctx, append(args, rest...)...)
	cmd.Dir = b.mod.dir
	cmd.Env = b.mod.env
	cmd.Stdout = b.opts.Stdout
	cmd.Stderr = b.opts.Stderr
	return cmd
}

// compileStd compiles the standard library with the overlay, and says so, when
// this was not done before with the same flags.
func (b *job) compileStd(ctx context.Context) error {
	var flags []string
	for _, f := range b.args.flags {
		if f == "-race" || f == "-msan" || f == "-asan" || f == "-trimpath" {
			flags = append(flags, f)
		}
	}
	mark := filepath.Join(b.std, "built-"+key(append(flags, b.env.CGO_ENABLED, b.env.CC, b.env.GOFLAGS)...))
	if _, err := os.Stat(mark); err == nil {
		return nil
	}
	b.say("compiling the standard library for the overlay, once; this takes up to a minute")
	args := append(append([]string{"build"}, b.flags...), flags...)
	cmd := goCommand(ctx, append(args, "net/http")...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = b.mod.dir, b.mod.env, b.opts.Stderr, b.opts.Stderr
	if err := run(cmd); err != nil {
		return err
	}
	return writeFile(mark, nil)
}

func (b *job) say(text string) {
	if b.opts.Stderr != nil {
		fmt.Fprintln(b.opts.Stderr, "netdev: "+text)
	}
}

// goCommand returns a go command that the end of ctx interrupts: it then ends
// what it started, and leaves nothing half-done.
func goCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd
}

func run(cmd *exec.Cmd) error {
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return &GoError{exit.ExitCode()}
	}
	return err
}
