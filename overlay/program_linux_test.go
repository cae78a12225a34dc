package overlay

import (
	"bytes"
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// program builds the files of testdata/name, in a module of their own, for the
// device, and returns what the program prints.
func program(t *testing.T, name, device string, args ...string) string {
	t.Helper()
	return programWith(t, name, Options{Device: device}, nil, args...)
}

// programWith is program with more options, and flags for go build.
func programWith(t *testing.T, name string, opts Options, flags []string, args ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program with the overlay; not with -short")
	}
	dir := t.TempDir()
	src, err := os.ReadFile(filepath.Join("testdata", name+".go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	mod := []byte("module example.com/program\n\ngo 1.21\n")
	if err := cmp.Or(os.WriteFile(filepath.Join(dir, "main.go"), src, 0o644), os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o644)); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	opts.Dir, opts.Stdout, opts.Stderr = dir, &said, &said
	file, rest, err := Program(context.Background(), opts, slices.Concat(flags, []string{"."}, args))
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	if now, _ := os.ReadFile(filepath.Join(dir, "go.mod")); !bytes.Equal(now, mod) {
		t.Errorf("go.mod was changed to %q", now)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("the directory holds %v", entries)
	}
	out, err := exec.Command(file, rest...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestProgramIsOnItsDevice(t *testing.T) {
	t.Parallel()
	for _, device := range []string{"stack", "host", "bare"} {
		t.Run(device, func(t *testing.T) {
			t.Parallel()
			opts := Options{Device: device, Flags: []string{"quiet"}}
			if device == "stack" {
				opts.Flags = append(opts.Flags, "p=none", "profile=small", "loss=1%", "seed=1")
			}
			out := programWith(t, "fetch", opts, nil, "one", "two words")
			// Its loops are those of Go 1.21, which its go.mod asks for.
			if want := "200 hello\nargs [one two words]\nevent descriptors\nloops 2 2 2\n"; out != want {
				t.Errorf("the program printed\n%swant\n%s", out, want)
			}
		})
	}
}

// A program that sets a netdev of its own has Go's net on that one, with its
// names and interfaces.
func TestProgramBringsItsDevice(t *testing.T) {
	t.Parallel()
	out := program(t, "owndevice", "host")
	want := "sockets before 0\n" +
		"board.example [127.0.0.1]\n" +
		"nowhere.example not found true\n" +
		"interfaces [{1 1500 net0  up|running}] [10.11.12.13/32]\n" +
		"hello through the device\n" +
		"sockets after 2\n"
	if out != want {
		t.Errorf("the program printed\n%swant\n%s", out, want)
	}
}

func TestProgramHearsOfItsDevice(t *testing.T) {
	t.Parallel()
	out := program(t, "board", "stack")
	_, out, _ = strings.Cut(out, "localhost") // after what the device says of itself
	out = regexp.MustCompile(`10\.0\.2\.\d+/`).ReplaceAllString(out, "10.0.2.x/")
	want := " is 127.0.0.1\n" +
		"congestion bbr <nil> bbr\n" +
		"congestion vegas no such file or directory bbr\n" +
		"lo 127.0.0.1/8 16\n" +
		"eth0 10.0.2.x/24 16\n" +
		"joined on lo [lo]\n" +
		"left []\n" +
		"joined on eth0 [eth0]\n" +
		"left []\n" +
		"not found true 10.0.2.1:53\n"
	if out != want {
		t.Errorf("the program printed\n%swant\n%s", out, want)
	}
}
