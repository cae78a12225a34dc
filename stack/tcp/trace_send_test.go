package tcp_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// outs expects full segments of 1000 bytes from the byte from up to the byte to.
func (s *script) outs(from, to int) {
	s.t.Helper()
	for at := from; at < to; at += 1000 {
		s.out(text(". %d:%d ack 1", at, min(at+1000, to)))
	}
}

// RFC 9293 §3.7.4, in Minshall's form: a small segment waits for the last small one.
func TestNagle(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, plain, 100*ms)
	s.write(1100)
	s.out(". 1:1001 ack 1", ". 1001:1101 ack 1")
	s.write(100)
	s.write(100)
	s.pass(50 * ms)
	s.in(". 1:1 ack 1001")
	s.pass(50 * ms)
	s.in(". 1:1 ack 1101")
	s.out(". 1101:1301 ack 1")
	s.write(300)
	s.write(800) // together more than a segment
	s.out(". 1301:2301 ack 1")
}

func TestNoDelay(t *testing.T) {
	s := open(t)
	for i := range 5 {
		s.write(10)
		s.out(text(". %d:%d ack 1", 1+10*i, 11+10*i))
	}
}

func TestNoDelaySetLaterSendsWhatWaits(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, plain, 100*ms)
	s.write(10)
	s.out(". 1:11 ack 1")
	s.write(10)
	s.settled()
	o := s.c.Options()
	o.NoDelay = true
	s.c.SetOptions(s.now, o)
	s.out(". 11:21 ack 1")
}

// RFC 6928, and slow start from there.
func TestInitialWindow(t *testing.T) {
	s := open(t)
	s.write(20000)
	s.outs(1, 10001)
	s.pass(100 * ms)
	s.in(". 1:1 ack 2001")
	s.outs(10001, 14001)
	s.in(". 1:1 ack 4001")
	s.outs(14001, 18001)
}

func TestInitialWindowOfLargeSegments(t *testing.T) {
	s := established(t, tcp.Config{MTU: mtu(9000)}, tcp.Options{}, "<mss 8960>", 100*ms)
	s.write(50000)
	s.out(". 1:8961 ack 1", ". 8961:17921 ack 1") // 2 segments are more than 14600 bytes
}

// RFC 6928 §2: one segment where a SYN or SYN-ACK was lost.
func TestInitialWindowAfterALostSYN(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.after(time.Second, "S 0:0")
	s.in("S. 0:0 ack 1 " + plain)
	s.out(". 1:1 ack 1")
	s.write(20000)
	s.pump()
	if n := len(s.sent); n < 1 || n > 4 {
		t.Errorf("%d segments at once after a SYN was lost", n)
	}
	s.sent = nil
}

// RFC 5681 §4.1.
func TestWindowAfterAPause(t *testing.T) {
	s := open(t)
	at := 1
	for range 4 {
		s.write(10000)
		s.outs(at, at+10000)
		s.pass(100 * ms)
		s.in(text(". 1:1 ack %d", at+5000))
		s.in(text(". 1:1 ack %d", at+10000))
		at += 10000
	}
	s.pass(10 * time.Second)
	s.write(30000)
	s.outs(at, at+10000)
	s.settled()
}

// RFC 9293 §3.8.6.2.1: neither a full segment nor half of the largest window.
func TestSmallPiecesOfAWindowAreNotSent(t *testing.T) {
	s := open(t)
	s.in(". 1:1 ack 1 win 3300")
	s.write(10000)
	s.outs(1, 3001)
	s.pass(50 * ms)
	s.in(". 1:1 ack 1001 win 2300")
	s.pass(20 * ms)
	s.in(". 1:1 ack 3001 win 3300")
	s.outs(3001, 6001)
}

func TestWindowUpdateSendsAtOnce(t *testing.T) {
	s := open(t)
	s.in(". 1:1 ack 1 win 0")
	s.write(1500)
	s.pass(100 * ms)
	s.in(". 1:1 ack 1 win 5000")
	s.outs(1, 1501)
}

// RFC 9293 §3.10.7.4: SND.WL1 and SND.WL2 keep old segments from setting the window.
func TestOldSegmentsDoNotSetTheWindow(t *testing.T) {
	s := open(t)
	s.in(". 1:101 ack 1 win 2000")
	s.sent = nil
	s.reads(100)
	s.pass0(50 * ms)
	s.in(". 1:1 ack 1 win 50000")
	s.pump()
	s.sent = nil
	s.write(5000)
	s.out(". 1:1001 ack 101", ". 1001:2001 ack 101")
	s.settled()
}

// RFC 9293 §3.8.6.1: the first after an RTO, then ever more rarely, and without end
// as long as they are answered (MUST-36, 37).
func TestClosedWindowIsProbed(t *testing.T) {
	s := established(t, tcp.Config{GiveUp: time.Minute}, tcp.Options{NoDelay: true}, plain, 100*ms)
	s.in(". 1:1 ack 1 win 0")
	s.write(3000)
	last := time.Duration(0)
	for i := range 20 {
		from := s.now - min(last, 20*ms)
		for limit := s.now + 121*time.Second; len(s.sent) == 0 && s.step(limit); {
		}
		d := s.now - from
		if i == 0 && (d < 200*ms || d > 1100*ms) {
			t.Errorf("the first probe after %v", d)
		}
		if i > 0 && (d < last || d > 2*last+ms) {
			t.Errorf("probe %d after %v, the one before after %v", i, d, last)
		}
		s.outAny(". 1:2 ack 1", ". 0:0 ack 1", ". 0:1 ack 1", ". 1:1001 ack 1")
		s.pass(20 * ms)
		s.in(". 1:1 ack 1 win 0")
		last = d
	}
	if last < 30*time.Second {
		t.Errorf("after 20 probes they still go out every %v", last)
	}
	if s.e.Counters.WindowProbes != 20 {
		t.Errorf("WindowProbes = %d", s.e.Counters.WindowProbes)
	}
	s.in(". 1:1 ack 1 win 65535")
	s.outs(1, 3001)
}

func TestProbeThatIsTakenGoesOn(t *testing.T) {
	s := open(t)
	s.in(". 1:1 ack 1 win 0")
	s.write(3000)
	s.pass0(310 * ms)
	if s.e.Counters.WindowProbes != 1 {
		t.Fatalf("WindowProbes = %d", s.e.Counters.WindowProbes)
	}
	s.in(". 1:1 ack 1 win 65535")
	s.outs(1, 3001)
	s.in(". 1:1 ack 3001")
	s.pass(time.Hour)
}

func TestClosedWindowOfASilentPeerEnds(t *testing.T) {
	s := established(t, tcp.Config{GiveUp: time.Minute}, tcp.Options{}, plain, 100*ms)
	s.in(". 1:1 ack 1 win 0")
	s.write(100)
	s.pass0(3 * time.Minute)
	s.ends(netdev.ErrConnTimedOut)
}

// RFC 9293 §3.8.6, MUST-34: a window that shrinks is borne.
func TestWindowThatShrinks(t *testing.T) {
	s := open(t)
	s.write(5000)
	s.outs(1, 5001)
	s.in(". 1:1 ack 1001 win 1000")
	s.write(1000)
	s.pass(50 * ms)
	s.in(". 1:1 ack 5001 win 10000")
	s.outs(5001, 6001)
}

func TestSendBufferBoundsWrite(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{SendBuffer: 5000, NoDelay: true}, plain, 100*ms)
	s.in(". 1:1 ack 1 win 2000")
	if n := s.c.Space(); n < 4000 || n > 5000 {
		t.Errorf("Space() = %d with a buffer of 5000", n)
	}
	n := s.c.Write(s.now, pattern(0, 10000))
	if n < 4000 || n > 5000 {
		t.Errorf("Write took %d with a buffer of 5000", n)
	}
	if s.c.Ready()&netdev.PollOut != 0 || s.c.Write(s.now, []byte{1}) != 0 || s.c.Unsent() != n {
		t.Errorf("Ready() = %#x, Unsent() = %d when full", s.c.Ready(), s.c.Unsent())
	}
	s.outs(1, 2001)
	for c, _ := s.e.Woken(); c != nil; c, _ = s.e.Woken() {
	}
	s.in(". 1:1 ack 2001 win 65535")
	s.outs(2001, n+1)
	s.in(text(". 1:1 ack %d", n+1))
	if c, _ := s.e.Woken(); c != s.c || s.c.Ready()&netdev.PollOut == 0 {
		t.Error("not woken when there is space again")
	}
}

func TestWriteTakesWhatMemoryThereIs(t *testing.T) {
	pool := newBlocks(3)
	s := established(t, tcp.Config{Pool: pool}, tcp.Options{NoDelay: true}, plain, 100*ms)
	taken := s.c.Write(s.now, pattern(0, 20000))
	if taken == 0 || taken > 3*2048 {
		t.Fatalf("Write took %d with 3 blocks", taken)
	}
	s.pump()
	s.sent = nil
	s.in(text(". 1:1 ack %d", taken+1))
	if n := pool.InUse(); n != 0 {
		t.Errorf("%d blocks in use when all is acknowledged", n)
	}
	if s.c.Write(s.now, pattern(taken, 1)) != 1 {
		t.Error("Write takes nothing although memory came back")
	}
	s.pump()
	s.sent = nil
}

func TestMaxSegBoundsBothWays(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{MaxSeg: 600, NoDelay: true})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1 <mss 600>")
	s.in(". 1:1 ack 1")
	s.accept()
	s.write(1000)
	s.out(". 1:601 ack 1", ". 601:1001 ack 1")
}

func TestPathCarriesTTLAndTOS(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{TTL: 7, TOS: 0x10})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in(". 1:1 ack 1")
	s.accept()
	s.c.Write(s.now, []byte{0})
	n, p := s.e.Output(s.now, s.buf[:])
	if n == 0 || p.TTL != 7 || p.TOS != 0x10 || p.MayFragment {
		t.Errorf("%d bytes on %+v", n, p)
	}
}

// RFC 5961 §5 has a bound for old ACKs; duplicates within it are no reason to answer.
func TestPureACKsAreNotAnswered(t *testing.T) {
	s := open(t)
	s.write(10)
	s.out(". 1:11 ack 1")
	s.in(". 1:1 ack 11")
	s.in(". 1:1 ack 1")
	s.in(". 1:1 ack 11")
	s.in(". 1:1 ack 11 win 100")
	s.pass(time.Hour)
}

// A FIN takes up window like data (RFC 9293 §3.4): it is the probe where nothing else waits.
func TestFINWaitsForAClosedWindow(t *testing.T) {
	s := open(t)
	s.in(". 1:1 ack 1 win 0")
	s.closeWrite()
	s.pump()
	if len(s.sent) > 0 { // a FIN into a closed window is a probe at once
		s.out("F. 1:1 ack 1")
	} else {
		s.until(2*time.Second, "F. 1:1 ack 1")
	}
	s.pass(10 * ms)
	s.in(". 1:1 ack 2 win 0")
	s.state(tcp.StateFinWait2)
	s.pass(time.Hour)
}

func TestFINWaitsBehindDataForAClosedWindow(t *testing.T) {
	s := open(t)
	s.in(". 1:1 ack 1 win 0")
	s.write(100)
	s.closeWrite()
	s.pass0(2 * time.Second)
	s.in(". 1:1 ack 1 win 1000")
	s.pump()
	end := s.sent[len(s.sent)-1]
	if !end.h.Flags.Has(wire.FIN) || end.h.Seq.Diff(s.iss)+end.data != 101 {
		t.Errorf("sent %s when the window opened", s.text(&end))
	}
	s.sent = nil
	s.in(". 1:1 ack 102")
	s.state(tcp.StateFinWait2)
}

// Connections that have much to send take turns.
func TestConnectionsTakeTurns(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	a, b := s, s.peer(80, 40002)
	b.l = s.l
	a.handshake(plain, 0)
	b.handshake(plain, 0)
	for _, p := range []*script{a, b} {
		p.c.Write(s.now, pattern(0, 60000))
	}
	n, first, longest, run := 0, uint16(0), 0, 0
	for {
		size, p := s.e.Output(s.now, s.buf[:])
		if size == 0 {
			break
		}
		if n++; p.Remote.Port() == first {
			run++
		} else {
			first, run = p.Remote.Port(), 1
		}
		if n <= 20 {
			longest = max(longest, run)
		}
	}
	if n != 20 || longest > 10 {
		t.Errorf("%d segments, %d in a row of one connection", n, longest)
	}
}

// RFC 9293 §3.8.6.2.1: where the peer's largest window is less than two segments, half
// of it is worth sending, and less is not.
func TestPeerWithATinyWindow(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{NoDelay: true})
	s.in("S 0:0 win 400 " + plain)
	s.out("S. 0:0 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 1 win 400")
	s.accept()
	s.write(3000)
	s.out(". 1:401 ack 1")
	s.in(". 1:1 ack 401 win 800")
	s.out(". 401:1201 ack 1")
	s.in(". 1:1 ack 1201 win 300")
	s.pass(50 * ms)
	s.in(". 1:1 ack 1201 win 450")
	s.out(". 1201:1651 ack 1")
	s.in(". 1:1 ack 1651 win 800")
	s.out(". 1651:2451 ack 1")
}

// Lent memory is sent from, and is its owner's after Recall or Close.
func TestLentMemoryIsSentFromAndGivenBack(t *testing.T) {
	for _, closes := range []bool{false, true} {
		s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, plain, 100*ms)
		b := pattern(0, 4500)
		if n := s.c.Lend(s.now, b); n != len(b) {
			t.Fatalf("Lend took %d", n)
		}
		s.written += len(b)
		s.outs(1, 4501)
		s.in(". 1:1 ack 1501") // in the middle of a segment
		s.until(time.Second, ". 1501:2501 ack 1")
		if closes {
			s.c.Close(s.now)
		} else {
			s.c.Recall()
		}
		clear(b)
		s.sent = nil
		s.pump()
		if closes {
			s.sent = nil // FIN
		}
		s.until(2*time.Second, ". 1501:2501 ack 1")
		s.in(". 1:1 ack 4501")
		s.sent = nil
		if closes {
			s.pass0(time.Second)
			s.c = nil
			continue
		}
		if n := s.pool.InUse(); n != 0 {
			t.Errorf("%d blocks in use", n)
		}
		s.write(1200)
		s.outs(4501, 5701)
	}
}
