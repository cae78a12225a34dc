package tcp

import (
	"testing"

	"github.com/netdev-go/netdev/internal/block"
)

// Four connections of a small board, without their data.
func TestFootprintOfASmallBoard(t *testing.T) {
	c := Config{
		Pool:     block.NewPool(block.Config{BlockSize: 128, Blocks: 48}),
		MaxConns: 4, MaxHalfOpen: 2, MaxTimeWait: 2, MaxAnswers: 4, Records: 8,
	}
	connections, records := c.Footprint()
	t.Logf("%d bytes for connections, %d for records", connections, records)
	if connections > 8<<10 || records > 2<<10 {
		t.Errorf("%d bytes for connections and %d for records", connections, records)
	}
	c.MaxConns = 8
	if more, _ := c.Footprint(); more <= connections {
		t.Error("more connections take no more")
	}
}
