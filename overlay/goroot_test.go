package overlay

import (
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var arches = []string{"386", "amd64", "arm", "arm64", "loong64", "mips64le", "ppc64le", "riscv64", "s390x"}

// goroot is that of the go command.
func goroot(t *testing.T) string {
	t.Helper()
	env, err := readEnv(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return env.GOROOT
}

func TestSourcesOfEveryArchitecture(t *testing.T) {
	root := goroot(t)
	for _, arch := range arches {
		files, err := sources(root, "linux", arch)
		if err != nil {
			t.Errorf("%s: %v", arch, err)
			continue
		}
		for name, text := range files {
			if _, err := parser.ParseFile(token.NewFileSet(), name, text, 0); err != nil {
				t.Errorf("%s: %v", arch, err)
			}
		}
		for _, p := range patches {
			if name := filepath.Join(root, "src", filepath.FromSlash(p.pkg), "znetdev.go"); files[name] == nil {
				t.Errorf("%s: %s is missing", arch, name)
			}
		}
	}
}

// A renamed function leaves the rest of its file as it was.
func TestOnlyNamesChange(t *testing.T) {
	files, err := sources(goroot(t), "linux", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if filepath.Base(name) == "znetdev.go" {
			continue
		}
		old, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(string(text), keptPrefix)
		if n == 0 {
			t.Errorf("%s: nothing changed", name)
		}
		if back := strings.ReplaceAll(string(text), keptPrefix, ""); back != string(old) {
			t.Errorf("%s: more than %d names changed", name, n)
		}
	}
}

// fakeRoot is a GOROOT with the given file in place of the real one.
func fakeRoot(t *testing.T, file, text string) string {
	t.Helper()
	real, root := goroot(t), t.TempDir()
	for _, p := range patches {
		dir := filepath.Join(root, "src", filepath.FromSlash(p.pkg))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		names, _ := filepath.Glob(filepath.Join(real, "src", filepath.FromSlash(p.pkg), "*.go"))
		for _, name := range names {
			if err := os.Symlink(name, filepath.Join(dir, filepath.Base(name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	name := filepath.Join(root, "src", filepath.FromSlash(file))
	os.Remove(name)
	if text != "" {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// A standard library that differs gives an error that names the file, never a
// wrong build.
func TestUnknownSourceIsRefused(t *testing.T) {
	tests := []struct {
		name, file, text string
		want             []string
	}{
		{"a function is gone", "internal/syscall/unix/fcntl_unix.go", "package unix\n",
			[]string{"internal/syscall/unix", "Fcntl", "was not found"}},
		{"a file is gone", "internal/poll/splice_linux.go", "",
			[]string{"internal/poll", "Splice", "was not found"}},
		{"a type differs", "internal/syscall/unix/fcntl_unix.go",
			"package unix\n\nfunc Fcntl(fd int, cmd int, arg uintptr) (int, error) { return 0, nil }\n",
			[]string{"fcntl_unix.go", "Fcntl", "uintptr", "expected"}},
		{"a receiver differs", "net/lookup_unix.go",
			"package net\n\nfunc lookupHost(ctx context.Context, host string) (addrs []string, err error) { return nil, nil }\n",
			[]string{"lookup_unix.go", "lookupHost"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sources(fakeRoot(t, tt.file, tt.text), "linux", "amd64")
			var wrong *SourceError
			if !errors.As(err, &wrong) {
				t.Fatalf("sources = %v, want a SourceError", err)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
		})
	}
}
