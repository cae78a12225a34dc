//go:build race

package overlay

import "testing"

// -race has the compiler add checks of pointers, which the hooks must pass too.
// The test compiles much of the standard library: it is for the stage that has
// time for it.
func TestHooksPassTheChecksOfPointers(t *testing.T) {
	t.Parallel()
	out := programWith(t, "message", Options{Device: "host"}, []string{"-gcflags=syscall=-d=checkptr"})
	if want := "hello true\n"; out != want {
		t.Errorf("the program printed\n%swant\n%s", out, want)
	}
}
