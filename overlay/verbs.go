package overlay

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// Program builds the package, or the .go files, that begin args, after flags of
// go build, and returns where the program is and the arguments that follow.
// The program is kept in the user's cache, and made anew only when something
// changed. A build that fails is a GoError, and has said why on opts.Stderr.
func Program(ctx context.Context, opts Options, args []string) (file string, rest []string, err error) {
	b, err := newJob(ctx, opts, "run", args)
	if err != nil {
		return "", nil, err
	}
	unlock, err := lock(ctx, filepath.Join(b.work, "lock"))
	if err != nil {
		return "", nil, err
	}
	defer unlock()
	if err := b.compileStd(ctx); err != nil {
		return "", nil, err
	}
	// It may have any name, and does not meet our files.
	bin := filepath.Join(b.work, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", nil, err
	}
	file = filepath.Join(bin, b.programName())
	cmd := b.command(ctx, "build", []string{"-o", file}, b.args.packages, nil)
	return file, b.args.rest, run(cmd)
}

// programName is the name that go build would give the program.
func (b *job) programName() string {
	name := b.args.packages[0]
	if strings.HasSuffix(name, ".go") {
		return strings.TrimSuffix(filepath.Base(name), ".go")
	}
	if name == "." || strings.HasPrefix(name, "..") {
		name = filepath.Join(b.opts.Dir, name)
	}
	return filepath.Base(name)
}

// Build is go build with the overlay.
func Build(ctx context.Context, opts Options, args []string) error {
	b, err := newJob(ctx, opts, "build", args)
	if err != nil {
		return err
	}
	if err := b.compileStd(ctx); err != nil {
		return err
	}
	var flags []string
	out := b.args.out
	if out == "" && b.one && b.mod.dir != b.opts.Dir {
		out = filepath.Join(b.opts.Dir, b.programName())
	}
	if out != "" {
		flags = []string{"-o", out}
	}
	return run(b.command(ctx, "build", flags, b.args.packages, nil))
}

// Test is go test with the overlay. Tests of the standard library that cannot
// run on a netdev are left out, each with its reason on opts.Stderr.
func Test(ctx context.Context, opts Options, args []string) error {
	b, err := newJob(ctx, opts, "test", args)
	if err != nil {
		return err
	}
	if err := b.compileStd(ctx); err != nil {
		return err
	}
	var flags []string
	if b.args.skip != "" {
		flags = append(flags, "-skip="+b.args.skip)
	}
	if b.args.out != "" {
		flags = append(flags, "-o="+b.args.out)
	}
	return run(b.command(ctx, "test", flags, b.args.packages, b.args.rest))
}
