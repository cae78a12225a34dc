package tcp_test

import (
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack/tcp"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// inUse returns how much heap is in use.
func inUse() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// flood lets n SYNs arrive, each from another address. Their answers are pulled if
// pull is set.
func (h *host) flood(n int, pull bool) {
	h.t.Helper()
	hd := wire.Header{SrcPort: 1234, DstPort: 80, Seq: 1, Flags: wire.SYN, Window: 1000}
	b := make([]byte, hd.Len())
	for i := range n {
		src := netip.AddrFrom4([4]byte{172, byte(i >> 16), byte(i >> 8), byte(i)})
		hd.Emit(b)
		wire.Segment(b).FillChecksum(src, hostAddr)
		h.e.Input(h.now, src, hostAddr, b)
		for pull {
			if n, _ := h.e.Output(h.now, h.buf[:]); n == 0 {
				break
			}
		}
	}
}

func TestSYNFloodIsBounded(t *testing.T) {
	for _, pull := range []bool{true, false} {
		s := server(t, tcp.Config{MaxHalfOpen: 50}, tcp.Options{})
		s.flood(100, pull) // what is made once is there
		before := inUse()
		s.flood(50000, pull)
		if grown := inUse() - before; grown > 64<<10 {
			t.Errorf("the heap grew by %d in a flood of 50000 SYNs", grown)
		}
		if conns, half, _ := s.e.Len(); conns > 50 || half > 50 {
			t.Errorf("%d connections, %d half-open", conns, half)
		}
		c := &s.e.Counters
		if c.SyncookiesSent+c.ListenDrops+c.AnswersDropped < 50000 {
			t.Errorf("%d cookies, %d drops, %d answers dropped", c.SyncookiesSent, c.ListenDrops, c.AnswersDropped)
		}
		if n := s.pool.Peak(); n != 0 {
			t.Errorf("%d blocks were in use", n)
		}
		for {
			if n, _ := s.e.Output(s.now, s.buf[:]); n == 0 {
				break
			}
		}
		// Whoever means it is served at once, while it goes on.
		s.in("S 0:0 <mss 1000,sackOK>")
		s.out("S. 0:0 ack 1")
		s.flood(1000, pull)
		for {
			if n, _ := s.e.Output(s.now, s.buf[:]); n == 0 {
				break
			}
		}
		s.in(". 1:101 ack 1")
		s.accept()
		s.reads(100)
		s.sent = nil
		s.abort()
		s.sent = nil
		// What the flood left goes with time.
		for range 200 {
			s.now += time.Second
			s.e.Advance(s.now)
			for {
				if n, _ := s.e.Output(s.now, s.buf[:]); n == 0 {
					break
				}
			}
		}
		s.gone()
	}
}

func TestMemoryIsSharedAmongSlowReaders(t *testing.T) {
	const each = 20000
	readers := 1000
	if testing.Short() {
		readers = 250
	}
	config := func(blocks int) tcp.Config {
		return tcp.Config{Pool: newBlocks(blocks), MaxSendBuffer: 16 << 10, SendBuffer: 16 << 10, TimeWait: time.Second}
	}
	path := link{delay: 5 * ms, rate: 125e6}
	w := newWorld(1, config(20*readers), config(4*readers), path, path)
	a, b := w.sides[0], w.sides[1]
	b.listen(128, tcp.Options{})
	deaf := true
	b.made = func(x *app) { x.deaf = deaf }
	dial := func(port uint16, total int) {
		a.dial(port, 80, tcp.Options{}).total = total
		a.work()
	}
	for i := range uint16(readers) {
		dial(10000+i, each)
		w.run(ms, func() bool { return false })
	}
	if w.run(20*time.Second, func() bool { return false }); w.err != nil {
		t.Fatal(w.err)
	}
	if len(b.apps) != readers {
		t.Fatalf("%d connections, want %d", len(b.apps), readers)
	}
	if b.pool.Free() == 0 {
		t.Errorf("all %d blocks are held for those who do not read", b.pool.Blocks())
	}

	deaf = false
	begin := w.now
	dial(9999, 100000)
	if !w.run(5*time.Second, func() bool { return len(b.apps) > readers && b.apps[readers].closed }) || b.apps[readers].read != 100000 {
		t.Fatalf("one who reads got nothing or not all in 5 s, with %d blocks free", b.pool.Free())
	}
	t.Logf("%d blocks of %d free beside %d slow readers; 100000 bytes took %v", b.pool.Free(), b.pool.Blocks(), readers, w.now-begin)

	for _, x := range b.apps {
		x.deaf = false
		x.run()
	}
	open := func(x *app) bool { return !x.closed }
	done := w.run(10*time.Minute, func() bool {
		return !slices.ContainsFunc(a.apps, open) && !slices.ContainsFunc(b.apps, open)
	})
	for i, x := range b.apps {
		if want := each; i < readers && (x.read != want || !x.closed) {
			t.Errorf("reader %d: %d of %d bytes, closed %v", i, x.read, want, x.closed)
		}
	}
	w.run(5*time.Minute, func() bool { return false })
	if w.err != nil || !done || b.pool.InUse() != 0 || a.pool.InUse() != 0 {
		t.Errorf("done %v, %v, %d and %d blocks have not come back", done, w.err, a.pool.InUse(), b.pool.InUse())
	}
}

// serves expects that a new peer can send and receive at once.
func (s *script) serves(port uint16) {
	s.t.Helper()
	p := s.peer(80, port)
	p.l = s.l
	p.handshake("<mss 1000,sackOK>", 0)
	p.in(". 1:1001 ack 1")
	p.in2(". 1001:2001 ack 1", "ack 2001")
	p.reads(2000)
	p.sent = nil
	p.write(1000)
	p.out(". 1:1001 ack 2001")
	p.abort()
	p.sent = nil
}

// crowd returns n scripts with a connection each.
func (s *script) crowd(n int) []*script {
	s.t.Helper()
	for i := range uint16(n) {
		p := s.peer(80, 10000+i)
		p.l = s.l
		p.handshake("<mss 1000,sackOK>", 0)
	}
	return s.peers[len(s.peers)-n:]
}

func TestFloodOutOfOrderLeavesMemoryForOthers(t *testing.T) {
	for _, size := range []int{1, 1000} {
		s := server(t, tcp.Config{Pool: newBlocks(256)}, tcp.Options{})
		peers := s.crowd(100)
		for _, p := range peers {
			for at := 1001; at < 40000; at += 1000 + size {
				p.in(text(". %d:%d ack 1", at, at+size))
				p.sent = nil
			}
		}
		if s.pool.Free() == 0 {
			t.Errorf("all %d blocks are held for data out of order", s.pool.Blocks())
		}
		s.serves(9999)
		// The first gap of each can still be closed.
		for i, p := range peers {
			p.in(". 1:1001 ack 1")
			p.sent = nil
			if p.c.Buffered() < 1000 {
				t.Fatalf("peer %d: %d bytes although the gap is closed", i, p.c.Buffered())
			}
			p.reads(p.c.Buffered())
			p.sent = nil
			p.abort()
			p.sent = nil
		}
		if n := s.pool.InUse(); n != 0 {
			t.Errorf("%d blocks in use", n)
		}
	}
}

func TestDataThatNobodyAcknowledgesLeavesMemoryForOthers(t *testing.T) {
	s := server(t, tcp.Config{Pool: newBlocks(256)}, tcp.Options{})
	for _, p := range s.crowd(100) {
		for n := 1; n > 0; {
			n = p.c.Write(p.now, pattern(p.written, 1000))
			if p.written += n; p.written > 1<<20 {
				t.Fatal("Write takes without end")
			}
		}
		p.pump()
		p.sent = nil
	}
	if s.pool.Free() == 0 {
		t.Errorf("all %d blocks are held for what nobody acknowledges", s.pool.Blocks())
	}
	s.serves(9999)
}

// A connection that is idle holds no block, whatever it has carried.
func TestIdleConnectionHoldsNoMemory(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{NoDelay: true})
	for _, p := range s.crowd(10) {
		p.in(". 2001:3001 ack 1")
		p.in2(". 1:2001 ack 1", "ack 3001")
		p.reads(3000)
		p.sent = nil
		p.write(5000)
		p.sent = nil
		p.in(". 3001:3001 ack 5001")
		p.sent = nil
	}
	if n := s.pool.InUse(); n != 0 {
		t.Errorf("%d blocks in use by idle connections", n)
	}
}

// A control block serves one connection after the other.
func TestConnectionsComeAndGoWithoutGrowth(t *testing.T) {
	s := server(t, tcp.Config{MaxTimeWait: 4}, tcp.Options{})
	cycle := func() {
		for range 100 {
			s.handshake(plain, 0)
			s.in("R 1:1")
			s.close()
			s.handshake(plain, 0)
			s.close()
			s.out("F. 1:1 ack 1")
			s.in("F. 1:1 ack 2")
			s.out(". 2:2 ack 2")
			s.pass(time.Minute)
			for c, l := s.e.Woken(); c != nil || l != nil; c, l = s.e.Woken() {
			}
		}
	}
	cycle()
	before := inUse()
	cycle()
	if grown := inUse() - before; grown > 16<<10 {
		t.Errorf("the heap grew by %d in 200 connections", grown)
	}
}

// Where memory is short a connection in TIME-WAIT is kept for as long as nobody needs
// its control block.
func TestTimeWaitGivesWayToNewConnections(t *testing.T) {
	s := server(t, tcp.Config{MaxConns: 2, MaxTimeWait: -1}, tcp.Options{})
	for i := range uint16(5) {
		p := s.peer(80, 20000+i)
		p.l = s.l
		p.handshake(plain, 0)
		p.close()
		p.out("F. 1:1 ack 1")
		p.in("F. 1:1 ack 2")
		p.out(". 2:2 ack 2")
		conns, _, waiting := s.e.Len()
		if waiting == 0 || conns+waiting > 2 {
			t.Errorf("%d connections, %d in TIME-WAIT", conns, waiting)
		}
		s.pass(time.Second)
	}
	s.pass(time.Minute)
	if conns, _, waiting := s.e.Len(); conns+waiting != 0 {
		t.Errorf("%d connections, %d in TIME-WAIT", conns, waiting)
	}
}
