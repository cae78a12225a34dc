package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

const module = "github.com/netdev-go/netdev"

// An image is a program that was built.
type image struct {
	stripped  int            // the file, without symbols
	text      int            // the section .text
	ours      map[string]int // by package, of ours or one that we brought
	functions []function     // of those
}

type function struct {
	name string
	size int
}

func (im *image) sum() int {
	n := 0
	for _, size := range im.ours {
		n += size
	}
	return n
}

// board is the environment that builds for the proxy of a board.
var board = []string{"GOOS=linux", "GOARCH=arm", "GOARM=7", "CGO_ENABLED=0"}

func build(program, file, ldflags string, env ...string) error {
	cmd := exec.Command("go", "build", "-ldflags", ldflags, "-o", file, module+"/bench/size/programs/"+program)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

func read(file string) (*image, error) {
	f, err := elf.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text := f.Section(".text")
	if text == nil {
		return nil, fmt.Errorf("%s has no .text", file)
	}
	symbols, err := f.Symbols()
	if err != nil {
		return nil, err
	}
	im := &image{text: int(text.Size), ours: map[string]int{}}
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || int(s.Section) >= len(f.Sections) || f.Sections[s.Section] != text {
			continue
		}
		if p := packageOf(s.Name); counts(p) {
			im.ours[short(p)] += int(s.Size)
			im.functions = append(im.functions, function{s.Name, int(s.Size)})
		}
	}
	return im, nil
}

// counts reports whether a package is there on our account, the program's own and
// its device apart.
func counts(path string) bool {
	return strings.HasPrefix(path, module) && !strings.HasPrefix(path, module+"/bench") ||
		strings.HasPrefix(path, "golang.org/x/net/dns")
}

func short(path string) string {
	if path == module {
		return "netdev"
	}
	return strings.TrimPrefix(path, module+"/")
}

// packageOf returns the import path in the name of a symbol, which ends at the first
// dot after the last slash; that of a type's argument comes later.
func packageOf(symbol string) string {
	name, _, _ := strings.Cut(symbol, "[")
	name = strings.TrimPrefix(name, "type:.eq.")
	dir, last := "", name
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		dir, last = name[:i+1], name[i+1:]
	}
	last, _, found := strings.Cut(last, ".")
	if !found {
		return ""
	}
	return dir + last
}
