package tcp_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp"
)

const sacked = "<mss 1000,sackOK>"

// warm lets data come until the receiver may delay its ACKs, whatever it does about
// the first ones, and returns where the data ends.
func (s *script) warm() {
	s.t.Helper()
	for i := range 40 {
		s.in(text(". %d:%d ack 1", 1+i*1000, 1001+i*1000))
		s.sent = nil
		s.reads(1000)
		s.pump()
		s.sent = nil
	}
	s.pass0(100 * ms)
	s.irs = s.irs.Add(40000) // what comes next has number 1 again
	s.read -= 40000
}

// RFC 9293 §3.8.6.3, RFC 5681 §4.2.
func TestACKIsDelayed(t *testing.T) {
	s := open(t)
	s.warm()
	s.in(". 1:101 ack 1")
	s.after(40*ms, ". 1:1 ack 101")
	if s.e.Counters.DelayedACKs == 0 {
		t.Error("not counted")
	}
}

func TestEverySecondFullSegmentIsAcknowledged(t *testing.T) {
	s := open(t)
	s.warm()
	for i := 0; i < 20; i += 2 {
		s.in(text(". %d:%d ack 1", 1+i*1000, 1001+i*1000))
		s.in(text(". %d:%d ack 1", 1001+i*1000, 2001+i*1000))
		s.out(text(". 1:1 ack %d", 2001+i*1000))
	}
}

// A delay that was for nothing may have held the peer up, which sends no more before the
// ACK: with Nagle's algorithm, or with room for no more.
func TestSmallSegmentsAreAcknowledgedAtOnceAfterADelayForNothing(t *testing.T) {
	s := open(t)
	s.warm()
	s.in(". 1:101 ack 1")
	s.after(40*ms, ". 1:1 ack 101")
	s.in(". 101:201 ack 1")
	s.out(". 1:1 ack 201")
	s.in(". 201:1201 ack 1") // a full one has a second one coming
	s.pass(20 * ms)
	s.in(". 1201:1301 ack 1")
	s.out(". 1:1 ack 1301")
	s.write(10)
	s.out(". 1:11 ack 1301")
	s.in(". 1301:1401 ack 11") // where data answers data, the ACK rides on it
	s.after(40*ms, ". 11:11 ack 1401")
}

func TestACKRidesOnData(t *testing.T) {
	s := open(t)
	s.warm()
	s.in(". 1:101 ack 1")
	s.pass(20 * ms)
	s.write(10)
	s.out(". 1:11 ack 101")
	s.in(". 101:101 ack 11")
	s.pass(time.Minute)
}

func TestQuickACK(t *testing.T) {
	s := open(t)
	s.warm()
	s.c.QuickACK()
	s.in(". 1:101 ack 1")
	s.out(". 1:1 ack 101")
}

// RFC 5681 §4.2: out of order, and when a gap closes, at once.
func TestDataOutOfOrderIsAcknowledgedAtOnce(t *testing.T) {
	s := open(t)
	s.warm()
	s.in(". 1001:2001 ack 1")
	s.out(". 1:1 ack 1")
	s.in(". 2001:2101 ack 1")
	s.out(". 1:1 ack 1")
	s.holds(0)
	s.in(". 1:1001 ack 1")
	s.out(". 1:1 ack 2101")
	s.reads(2100)
	if s.e.Counters.OFOQueue != 2 {
		t.Errorf("OFOQueue = %d", s.e.Counters.OFOQueue)
	}
}

func TestOldDataIsAcknowledgedAtOnce(t *testing.T) {
	s := open(t)
	s.warm()
	s.in(". -999:1 ack 1")
	s.out(". 1:1 ack 1")
}

// RFC 2018 §4.
func TestSACKBlocksAreNewestFirst(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, sacked, 100*ms)
	s.in(". 1001:2001 ack 1")
	s.out(". 1:1 ack 1 <sack 1001:2001>")
	s.in(". 3001:4001 ack 1")
	s.out(". 1:1 ack 1 <sack 3001:4001 1001:2001>")
	s.in(". 5001:6001 ack 1")
	s.out(". 1:1 ack 1 <sack 5001:6001 3001:4001 1001:2001>")
	s.in(". 7001:8001 ack 1")
	s.out(". 1:1 ack 1 <sack 7001:8001 5001:6001 3001:4001 1001:2001>")
	s.in(". 9001:9101 ack 1")
	s.out(". 1:1 ack 1 <sack 9001:9101 7001:8001 5001:6001 3001:4001>")
	s.in(". 2001:3001 ack 1")
	s.out(". 1:1 ack 1 <sack 1001:4001 9001:9101 7001:8001 5001:6001>")
	s.in(". 1:1001 ack 1")
	s.out(". 1:1 ack 4001 <sack 9001:9101 7001:8001 5001:6001>")
	s.in(". 6001:7001 ack 1")
	s.out(". 1:1 ack 4001 <sack 5001:8001 9001:9101>")
	s.in(". 4001:5001 ack 1")
	s.out(". 1:1 ack 8001 <sack 9001:9101>")
	s.in(". 8001:9001 ack 1")
	s.out(". 1:1 ack 9101")
	s.reads(9100)
}

// RFC 2018 §3: beside timestamps there is room for three.
func TestSACKBlocksBesideTimestamps(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, "<mss 1000,sackOK,ts 1 0>", 100*ms)
	for i, want := range []string{
		"1001:2001",
		"3001:4001 1001:2001",
		"5001:6001 3001:4001 1001:2001",
		"7001:8001 5001:6001 3001:4001",
	} {
		s.in(text(". %d:%d ack 1", 1001+2000*i, 2001+2000*i))
		s.out(". 1:1 ack 1 <ts * *,sack " + want + ">")
	}
}

func TestNoSACKWithoutConsent(t *testing.T) {
	s := open(t)
	s.in(". 1001:2001 ack 1")
	s.out(". 1:1 ack 1")
}

// RFC 2883 §4.
func TestDuplicatesAreReported(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, sacked, 100*ms)
	s.in(". 1:1001 ack 1")
	s.in2(". 1001:2001 ack 1", "ack 2001")
	s.in(". 1:1001 ack 1")
	s.out(". 1:1 ack 2001 <sack 1:1001>")
	s.in(". 3001:4001 ack 1")
	s.out(". 1:1 ack 2001 <sack 3001:4001>")
	s.in(". 3001:4001 ack 1")
	s.out(". 1:1 ack 2001 <sack 3001:4001 3001:4001>")
	s.in(". 1001:2001 ack 1")
	s.out(". 1:1 ack 2001 <sack 1001:2001 3001:4001>")
	s.in(". 5001:6001 ack 1")
	s.out(". 1:1 ack 2001 <sack 5001:6001 3001:4001>")
}

func TestOverlapsAreTrimmed(t *testing.T) {
	s := open(t)
	s.in(". 1:501 ack 1")
	s.in2(". 201:1001 ack 1", "ack 1001")
	s.in(". 1501:2001 ack 1")
	s.out(". 1:1 ack 1001")
	s.in(". 901:1601 ack 1")
	s.out(". 1:1 ack 2001")
	s.reads(2000)
}

// RFC 9293 §3.10.7.4: what exceeds the window is cut off, what fits is taken.
func TestDataBeyondTheWindowIsCutOff(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{RecvBuffer: 4000}, plain, 0)
	edge := s.edge.Diff(s.irs)
	s.in(text(". 1:%d ack 1", edge+100))
	s.until(50*ms, text(". 1:1 ack %d win 0", edge))
	s.reads(edge - 1)
	s.out(text(". 1:1 ack %d", edge))
}

// RFC 9293 §3.8.6.2.2: the window opens by a segment or half the buffer, or not.
func TestWindowDoesNotOpenByALittle(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{RecvBuffer: 8000}, plain, 0)
	full := s.edge.Diff(s.irs) - 1
	if full < 6000 || full > 8000 {
		t.Fatalf("a window of %d with a buffer of 8000", full)
	}
	s.fill(full)
	for range 8 {
		s.reads(100)
		s.pass(100 * ms)
	}
	s.reads(full - 800)
	s.pump()
	if len(s.sent) != 1 || s.lastWindow < 4000 {
		t.Fatalf("sent %v, a window of %d, after everything was read", s.sent, s.lastWindow)
	}
	s.sent = nil
}

// fill sends n bytes and expects that the window is closed then.
func (s *script) fill(n int) {
	s.t.Helper()
	for at := 1; at <= n; at += 1000 {
		s.in(text(". %d:%d ack 1", at, min(at+1000, n+1)))
		s.sent = nil
	}
	s.pass0(50 * ms)
	if s.acked.Diff(s.irs) != n+1 || s.lastWindow != 0 {
		s.t.Fatalf("acknowledged %d with a window of %d after %d bytes", s.acked.Diff(s.irs), s.lastWindow, n)
	}
}

// pass0 lets d pass and does not look at what is sent.
func (s *script) pass0(d time.Duration) {
	s.t.Helper()
	for limit := s.now + d; s.step(limit); {
	}
	s.sent = nil
}

func TestClosedWindow(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{RecvBuffer: 4000, NoDelay: true}, plain, 0)
	full := s.edge.Diff(s.irs) - 1
	s.fill(full)
	// A probe is answered, and its byte not taken.
	s.in(text(". %d:%d ack 1", full+1, full+2))
	s.out(text(". 1:1 ack %d win 0", full+1))
	s.in(text(". %d:%d ack 1", full, full))
	s.out(text(". 1:1 ack %d win 0", full+1))
	s.holds(full)
	// ACKs, and what is at RCV.NXT without data, are (RFC 9293 §3.10.7.4, MUST-66).
	s.write(10)
	s.out(text(". 1:11 ack %d win 0", full+1))
	s.in(text(". %d:%d ack 11", full+1, full+1))
	if n := s.c.Unsent(); n != 0 {
		t.Errorf("%d bytes are not acknowledged", n)
	}
	s.reads(full)
	s.pump()
	if len(s.sent) != 1 || s.lastWindow < 2000 {
		t.Fatalf("sent %v, a window of %d, after everything was read", s.sent, s.lastWindow)
	}
	s.out(text(". 11:11 ack %d", full+1))
	s.in(text(". %d:%d ack 11", full+1, full+501))
	s.holds(500)
	s.until(50*ms, text(". 11:11 ack %d", full+501))
}

func TestFINIntoAClosedWindow(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{RecvBuffer: 4000}, plain, 0)
	full := s.edge.Diff(s.irs) - 1
	s.fill(full)
	s.in(text("F. %d:%d ack 1", full+1, full+1))
	s.outAny(text(". 1:1 ack %d win 0", full+2), text(". 1:1 ack %d win 0", full+1))
	if s.acked.Diff(s.irs) == full+1 {
		s.reads(full)
		s.out(text(". 1:1 ack %d", full+1))
		s.in(text("F. %d:%d ack 1", full+1, full+1))
		s.out(text(". 1:1 ack %d", full+2))
	}
	s.state(tcp.StateCloseWait)
}

func TestUrgentDataIsReadInLine(t *testing.T) {
	s := open(t)
	s.in("UP. 1:101 ack 1 urg 50")
	s.in2("U. 101:2001 ack 1 urg 65535", "ack 2001")
	s.reads(2000)
}

func TestPeekTakesNothing(t *testing.T) {
	s := open(t)
	s.in(". 1:101 ack 1")
	b := make([]byte, 60)
	if n := s.c.Peek(b); n != 60 || string(b) != string(pattern(0, 60)) {
		t.Errorf("Peek = %d", n)
	}
	s.holds(100)
	s.reads(100)
	s.until(50*ms, ". 1:1 ack 101")
}

// Where there is no memory, data in order is left to come again, and counted.
func TestDataWithoutMemoryIsDropped(t *testing.T) {
	pool := newBlocks(4)
	s := established(t, tcp.Config{Pool: pool, RecvBuffer: 64 << 10}, tcp.Options{NoDelay: true}, plain, 0)
	taken := 0
	for at := 1; at < 40000; at += 1000 {
		s.in(text(". %d:%d ack 1", at, at+1000))
		s.sent = nil
		taken = max(taken, s.c.Buffered())
	}
	if taken == 0 || pool.Peak() > 4 {
		t.Fatalf("%d bytes taken, %d blocks", taken, pool.Peak())
	}
	if s.e.Counters.RcvQDrop+s.e.Counters.OFODrop == 0 && s.edge.Diff(s.irs) > 40000 {
		t.Error("nothing is counted")
	}
	s.pass0(100 * ms)
	s.reads(taken)
	s.pass0(0)
	s.in(text(". %d:%d ack 1", taken+1, taken+1001))
	s.sent = nil
	s.reads(1000)
	s.pass0(100 * ms)
}

func TestFINBeyondTheWindowIsCutOff(t *testing.T) {
	for _, over := range []int{1, 500} {
		s := established(t, tcp.Config{}, tcp.Options{RecvBuffer: 4000}, plain, 0)
		edge := s.edge.Diff(s.irs)
		s.in(text("F. 1:%d ack 1", edge+over))
		s.until(50*ms, text(". 1:1 ack %d win 0", edge))
		s.state(tcp.StateEstablished)
		s.reads(edge - 1)
		s.out(text(". 1:1 ack %d", edge))
		s.in(text("F. %d:%d ack 1", edge, edge+over))
		s.out(text(". 1:1 ack %d", edge+over+1))
		s.state(tcp.StateCloseWait)
	}
}

// What comes again may bring a FIN with it.
func TestFINBehindOldData(t *testing.T) {
	s := open(t)
	s.in(". 1:1001 ack 1")
	s.pump()
	s.sent = nil
	s.in("F. 1:1001 ack 1")
	s.out(". 1:1 ack 1002")
	s.state(tcp.StateCloseWait)
	s.in("F. 501:1001 ack 1")
	s.out(". 1:1 ack 1002")
	s.reads(1000)
	if !s.c.EOF() {
		t.Error("no EOF")
	}
}

// Nothing of a segment counts before its checksum is right, wherever its data goes.
func TestWrongChecksumIsDropped(t *testing.T) {
	for _, options := range []string{plain, "<mss 1000,sackOK,ts 1 0>"} {
		for room := range 3 {
			pool := block.NewPool(block.Config{BlockSize: 64, Blocks: 1000})
			s := established(t, tcp.Config{Pool: pool}, tcp.Options{}, options, 0)
			s.in(". 1:11 ack 1")
			s.reads(10 * min(1, room)) // else the queue has something
			before := pool.InUse()
			p := &tcp.Posting{Buf: make([]byte, 50*room)}
			s.c.Post(p)
			b := s.emit(". 11:111 ack 1")
			for i := range b {
				b[i] ^= 0x10
				s.e.Input(s.now, s.remote.Addr(), s.local.Addr(), b)
				b[i] ^= 0x10
			}
			s.holds(10 - 10*min(1, room))
			s.state(tcp.StateEstablished)
			s.pass(0)
			if c := &s.e.Counters; c.InCsumErrors+c.InErrs < uint(len(b)-4) {
				t.Errorf("%d of %d counted", c.InCsumErrors+c.InErrs, len(b))
			}
			if p.N != 0 || pool.InUse() != before {
				t.Errorf("%d bytes handed over, %d blocks in use, %d before", p.N, pool.InUse(), before)
			}
			s.in(". 11:111 ack 1")
			if p.N != 50*room || !bytes.Equal(p.Buf, pattern(s.read, p.N)) {
				t.Errorf("handed over: %d of %d bytes, %v", p.N, len(p.Buf), p.Buf)
			}
			s.read += p.N
			s.reads(110 - 10*min(1, room) - p.N)
			s.until(50*ms, ". 1:1 ack 111")
		}
	}
}

// What a reader has posted memory for counts as read: the window stays open, and what
// waits to be read goes first.
func TestPostedMemoryIsFilledPastTheQueue(t *testing.T) {
	s := open(t)
	s.warm()
	p := &tcp.Posting{Buf: make([]byte, 2500)}
	s.c.Post(p)
	s.in(". 1:1001 ack 1")
	if w, _ := s.e.Woken(); w != s.c {
		t.Error("nobody is told")
	}
	edge := s.edge
	s.in(". 1001:2001 ack 1")
	s.out(". 1:1 ack 2001")
	if got := s.edge.Diff(edge); got < 2000 {
		t.Errorf("the window has moved by %d", got)
	}
	s.holds(0)
	s.in(". 3001:4001 ack 1")
	s.out(". 1:1 ack 2001")
	s.in(". 2001:3001 ack 1") // closes the gap
	s.out(". 1:1 ack 4001")
	if p.N != 2000 {
		t.Errorf("%d bytes handed over out of order", p.N)
	}
	s.holds(2000)
	s.in(". 4001:5001 ack 1") // behind what waits
	s.sent = nil
	if s.c.Post(nil); p.N != 2000 || !bytes.Equal(p.Buf[:p.N], pattern(s.read, p.N)) {
		t.Errorf("%d bytes handed over, or other ones", p.N)
	}
	s.read += p.N
	s.reads(3000)
	s.sent = nil
	s.in(". 5001:6001 ack 1")
	s.sent = nil
	s.reads(1000)
	if p.N != 2000 {
		t.Error("what was withdrawn was written to")
	}
	s.pass(time.Minute)
}

// Where it is memory that keeps a window small, what is handed over moves it on at once, as
// Read would.
func TestASmallWindowMovesOnWithWhatIsHandedOver(t *testing.T) {
	for _, posts := range []bool{false, true} {
		pool := block.NewPool(block.Config{BlockSize: 256, Blocks: 10})
		s := established(t, tcp.Config{Pool: pool}, tcp.Options{}, plain, 100*ms)
		s.warm()
		if posts {
			s.c.Post(&tcp.Posting{Buf: make([]byte, 5000)})
		}
		s.in(". 1:1001 ack 1")
		if !posts {
			s.reads(1000)
		}
		s.out(". 1:1 ack 1001")
	}
}

// What was handed over is no data that waits for Read, and what comes to wait afterwards
// is told of, whether there is new memory posted or not.
func TestWhoHasBeenHandedDataIsWokenForWhatWaits(t *testing.T) {
	for _, again := range []bool{false, true} {
		s := open(t)
		s.warm()
		p := &tcp.Posting{Buf: make([]byte, 3000)}
		s.c.Post(p)
		s.in(". 1:1001 ack 1")
		if w, _ := s.e.Woken(); w != s.c || p.N != 1000 {
			t.Fatalf("woken: %v, %d bytes handed over", w, p.N)
		}
		s.sent = nil
		if again {
			s.c.Post(&tcp.Posting{Buf: make([]byte, 3000)})
		}
		s.in(". 501:1501 ack 1") // in part again, for which nothing is posted
		s.sent = nil
		if w, _ := s.e.Woken(); w != s.c {
			t.Errorf("nobody is told of what waits; posted again: %v", again)
		}
		s.holds(500)
	}
}

// With nobody to read it, data is acknowledged and dropped, in and out of order.
func TestDataAfterCloseReadIsDropped(t *testing.T) {
	s := open(t)
	s.c.CloseRead(s.now)
	s.settled()
	s.in(". 1:1001 ack 1")
	s.in2(". 1001:2001 ack 1", "ack 2001")
	s.in(". 3001:4001 ack 1")
	s.out(". 1:1 ack 2001")
	s.in(". 2001:3001 ack 1")
	s.out(". 1:1 ack 3001")
	if n := s.pool.InUse(); n != 0 || s.c.Buffered() != 0 {
		t.Errorf("%d blocks, %d bytes", n, s.c.Buffered())
	}
	s.in("F. 3001:4001 ack 1")
	s.out(". 1:1 ack 4002")
	s.state(tcp.StateCloseWait)
}

func TestOldSegmentWithoutDataIsNoDuplicate(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, sacked, 0)
	s.in(". 1:101 ack 1")
	s.pass0(50 * ms)
	s.in(". 100:100 ack 1") // a keep-alive
	s.out(". 1:1 ack 101")
	s.in(". 1:1 ack 1")
	s.pump()
	for _, seg := range s.sent {
		if n := len(seg.h.Options.Blocks()); n != 0 {
			t.Errorf("%d SACK blocks in %s", n, s.text(&seg))
		}
	}
	s.sent = nil
}

// RFC 9293 §3.10.7.4, MUST-66: what is too much for the window still acknowledges.
func TestProbeOfAClosedWindowAcknowledges(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{RecvBuffer: 4000, NoDelay: true}, plain, 0)
	full := s.edge.Diff(s.irs) - 1
	s.fill(full)
	s.write(10)
	s.out(text(". 1:11 ack %d win 0", full+1))
	s.in(text(". %d:%d ack 11", full+1, full+2))
	s.out(text(". 11:11 ack %d win 0", full+1))
	if n := s.c.Unsent(); n != 0 {
		t.Errorf("%d bytes are not acknowledged", n)
	}
	s.holds(full)
}
