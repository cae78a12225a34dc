package tcp

import (
	"testing"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// Four connections of a small board, without their data.
func TestFootprintOfASmallBoard(t *testing.T) {
	c := Config{
		Pool:     block.NewPool(block.Config{BlockSize: 264, Blocks: 13}),
		MaxConns: 4, MaxHalfOpen: 2, MaxTimeWait: -1, MaxAnswers: 2, Records: 2,
		Congestion: congestion.NewReno,
	}
	connections, records := c.Footprint()
	t.Logf("%d bytes for connections, %d for records", connections, records)
	if connections > 6<<10 || records > 2<<10 {
		t.Errorf("%d bytes for connections and %d for records", connections, records)
	}
	c.MaxConns = 8
	if more, _ := c.Footprint(); more <= connections {
		t.Error("more connections take no more")
	}
}
