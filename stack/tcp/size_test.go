package tcp

import (
	"testing"
	"unsafe"
)

// Ten thousand idle connections cost ten thousand of these, and little more.
func TestAControlBlockStaysSmall(t *testing.T) {
	const most = 480 // a size class of Go's allocator
	if n := unsafe.Sizeof(Conn{}); n > most {
		t.Errorf("a Conn is %d bytes, want at most %d", n, most)
	}
}
