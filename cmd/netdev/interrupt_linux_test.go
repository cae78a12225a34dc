package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A go command whose builds last until they are interrupted.
const slowGo = `#!/bin/sh
if [ "$1" != build ]; then
	exec '%s' "$@"
fi
sleep 300 >/dev/null 2>&1 &
trap "kill $!; echo the go command was interrupted; exit 1" INT
echo building
wait
`

func TestAnInterruptReachesTheGoCommand(t *testing.T) {
	t.Parallel()
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), fmt.Appendf(nil, slowGo, goCommand), 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")}
	for _, verb := range []string{"build", "run"} {
		t.Run(verb, func(t *testing.T) {
			t.Parallel()
			// In a cache of its own the first build is that of the standard library.
			c := call{env: append(env, "XDG_CACHE_HOME="+t.TempDir())}
			p := c.start(t, verb, "./testdata/program")
			p.line(p.stderr, "netdev: compiling the standard library for the overlay, once")
			p.line(p.stderr, "building")
			o := p.interrupt()
			if o.code != exitInterrupted || o.stdout != "" || o.stderr != "the go command was interrupted\n" {
				t.Errorf("interrupted: %+v", o)
			}
		})
	}
}
