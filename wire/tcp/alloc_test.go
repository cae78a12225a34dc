package tcp_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/tcp"
)

func TestNothingAllocates(t *testing.T) {
	bytes := unhex(t, captured[0].bytes)
	b := make([]byte, tcp.MaxHeaderLen)
	header := tcp.Header{Options: withTimestamps(sack(block1, block2, block3))}
	allocs := testing.AllocsPerRun(100, func() {
		s, err := tcp.Parse(bytes)
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.Header()
		if err != nil || !s.ChecksumOK(loopback, loopback) {
			t.Fatal(err)
		}
		h.Options.AddSACK(block1)
		h.Options.DSACK(s.Ack())
		h.Emit(b)
		n := header.Emit(b)
		tcp.Segment(b[:n]).FillChecksum(loopback, loopback)
		if _, err = tcp.Parse(b[:1]); err == nil {
			t.Fatal("parsed nothing")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a segment", allocs)
	}
}
