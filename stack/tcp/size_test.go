package tcp

import (
	"testing"
	"unsafe"
)

func TestAControlBlockStaysSmall(t *testing.T) {
	var c Conn
	t.Logf("%d: flight %d rtt %d early %d path %d", unsafe.Sizeof(c), unsafe.Sizeof(c.flight), unsafe.Sizeof(c.rtt), unsafe.Sizeof(c.early), unsafe.Sizeof(c.Path))
}
