package overlay

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The tests have a cache of their own, but for the go command's.
func TestMain(m *testing.M) {
	os.Exit(func() int {
		goCache, err := exec.Command("go", "env", "GOCACHE").Output()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		dir, err := os.MkdirTemp("", "netdev")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		os.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
		os.Setenv("XDG_CACHE_HOME", dir)
		return m.Run()
	}())
}
