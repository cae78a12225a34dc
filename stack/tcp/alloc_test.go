package tcp

import (
	"testing"
	"time"
)

// In steady state no segment allocates, with data one way or both.
func TestNoAllocationPerSegment(t *testing.T) {
	p := newPair(Config{})
	l := p.listen(t, 1)
	client, server := p.connect(t, 1000, l)
	buf := make([]byte, 32<<10)
	posting := Posting{Buf: make([]byte, 16<<10)}
	round := func() {
		p.now += 10 * time.Millisecond
		p.a.Advance(p.now)
		p.b.Advance(p.now)
		client.Write(p.now, buf)
		server.Write(p.now, buf[:64])
		p.flush()
		server.Read(p.now, buf)
		client.Read(p.now, buf)
		p.flush()
		client.Lend(p.now, buf)
		client.Recall()
		client.Lend(p.now, buf)
		server.Post(&posting)
		p.flush()
		client.Recall()
		server.Post(nil)
		server.Read(p.now, buf)
		posting.N = 0
	}
	for range 100 {
		round()
	}
	before := p.segs
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations in a round", n)
	}
	if p.segs-before < 2000 {
		t.Errorf("only %d segments", p.segs-before)
	}
}

// Nor does a connection that sends, once there were some.
func TestNoAllocationPerConnection(t *testing.T) {
	p := newPair(Config{MaxTimeWait: 4})
	l := p.listen(t, 4)
	port := uint16(1000)
	buf := make([]byte, 100)
	round := func() {
		port++
		client, server := p.connect(t, port, l)
		client.Write(p.now, buf)
		server.Write(p.now, buf)
		p.flush()
		client.Read(p.now, buf)
		server.Read(p.now, buf)
		client.Close(p.now)
		p.flush()
		server.Close(p.now)
		p.flush()
		p.now += time.Second
		p.a.Advance(p.now)
		p.b.Advance(p.now)
	}
	for range 50 {
		round()
	}
	if n := testing.AllocsPerRun(100, round); n != 0 {
		t.Errorf("%v allocations for a connection", n)
	}
}

// Connections come and go in the memory of those before.
func TestConnectionsAreUsedAgain(t *testing.T) {
	p := newPair(Config{MaxTimeWait: 4})
	l := p.listen(t, 4)
	port := uint16(1000)
	for range 50 {
		port++
		client, server := p.connect(t, port, l)
		client.Close(p.now)
		p.flush()
		server.Close(p.now)
		p.flush()
		p.now += time.Millisecond
	}
	free := 0
	for c := p.b.free; c != nil; c = c.chain {
		free++
	}
	if free == 0 || free > 4 {
		t.Errorf("%d connections are free after 50 in turn", free)
	}
}
