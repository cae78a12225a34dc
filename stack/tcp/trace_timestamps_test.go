package tcp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

const stamped = "<mss 1000,sackOK,ts 1000 0,wscale 0>"

// openStamped returns a connection whose peer has timestamps, and has sent 1000.
func openStamped(t *testing.T) *script {
	t.Helper()
	s := server(t, tcp.Config{}, tcp.Options{NoDelay: true})
	s.in("S 0:0 " + stamped)
	s.out("S. 0:0 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 1 <ts 1000 *>")
	s.accept()
	return s
}

// RFC 7323 §5.3, R1.
func TestPAWSDropsOldDuplicates(t *testing.T) {
	s := openStamped(t)
	s.in(". 1:101 ack 1 <ts 999 *>")
	s.out(". 1:1 ack 1 <ts * 1000>")
	s.in("F. 1:1 ack 1 <ts 0 *>")
	s.out(". 1:1 ack 1 <ts * 1000>")
	s.holds(0)
	s.state(tcp.StateEstablished)
	if s.e.Counters.PAWSEstab != 2 {
		t.Errorf("PAWSEstab = %d", s.e.Counters.PAWSEstab)
	}
	s.in(". 1:101 ack 1 <ts 1000 *>") // the same is not old
	s.reads(100)
	s.until(50*ms, ". 1:1 ack 101")
}

// RFC 7323 §5.2: a reset is not subject to PAWS.
func TestPAWSLetsResetsThrough(t *testing.T) {
	s := openStamped(t)
	s.in("R. 1:1 ack 1 <ts 5 *>")
	s.ends(netdev.ErrConnReset)
}

// RFC 7323 §5.5.
func TestPAWSForgetsWhatIsOlderThan24Days(t *testing.T) {
	s := openStamped(t)
	s.pass(25 * 24 * time.Hour)
	s.in(". 1:101 ack 1 <ts 5 *>")
	s.reads(100)
	s.until(50*ms, ". 1:1 ack 101 <ts * 5>")
}

func TestPeersTimestampClockWraps(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 <mss 1000,ts 4294967290 0>")
	s.out("S. 0:0 ack 1 <mss 1460,ts * 4294967290>")
	s.in(". 1:1 ack 1 <ts 4294967295 *>")
	s.accept()
	s.in(". 1:101 ack 1 <ts 3 *>")
	s.reads(100)
	s.until(50*ms, ". 1:1 ack 101 <ts * 3>")
	s.in(". 101:201 ack 1 <ts 4294967290 *>")
	s.out(". 1:1 ack 101 <ts * 3>")
	s.holds(0)
}

// RFC 7323 §4.3 (A): the echo is that of the first segment that is not acknowledged.
func TestDelayedACKEchoesTheFirstSegment(t *testing.T) {
	s := openStamped(t)
	s.in(". 1:101 ack 1 <ts 2000 *>")
	s.pump()
	s.sent = nil // the first may be acknowledged at once; the next one then is the first
	s.pass(10 * ms)
	first := s.clockOfFirst(t, 101)
	s.in(". 101:201 ack 1 <ts 3000 *>")
	s.until(50*ms, fmt.Sprintf(". 1:1 ack 201 <ts * %d>", first))
}

// clockOfFirst returns the timestamp that an ACK of the segment from at on must echo:
// 2000 if what came before at was not acknowledged, else 3000.
func (s *script) clockOfFirst(t *testing.T, at int) int {
	t.Helper()
	if s.acked.Diff(s.irs) == at {
		return 3000
	}
	return 2000
}

// RFC 7323 §4.3 (B) and (C).
func TestEchoWhileThereIsAHole(t *testing.T) {
	s := openStamped(t)
	s.in(". 1:1001 ack 1 <ts 2000 *>")
	s.in2(". 1001:2001 ack 1 <ts 2001 *>", "ack 2001")
	s.in(". 3001:4001 ack 1 <ts 5000 *>")
	echo := s.lastEcho
	s.out(fmt.Sprintf(". 1:1 ack 2001 <ts * %d,sack 3001:4001>", echo))
	if echo != 2000 && echo != 2001 {
		t.Errorf("echoed %d while data is missing, want that of the last segment in order", echo)
	}
	s.in(". 4001:5001 ack 1 <ts 5001 *>")
	s.out(fmt.Sprintf(". 1:1 ack 2001 <ts * %d,sack 3001:5001>", echo))
	s.in(". 2001:3001 ack 1 <ts 6000 *>")
	s.out(". 1:1 ack 5001 <ts * 6000>")
}

// RFC 7323 §2.2, §2.3.
func TestWindowScaleOfThePeer(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{NoDelay: true})
	s.in("S 0:0 win 1 <mss 1000,wscale 7>")
	s.out("S. 0:0 ack 1")
	s.in(". 1:1 ack 1 win 16") // 2048
	s.accept()
	s.write(5000)
	s.out(". 1:1001 ack 1", ". 1001:2001 ack 1")
	s.in(". 1:1 ack 2001 win 65535")
	s.out(". 2001:3001 ack 1", ". 3001:4001 ack 1", ". 4001:5001 ack 1")
	if i := s.c.Info(); i.SendWindow != 65535<<7 {
		t.Errorf("SendWindow = %d", i.SendWindow)
	}
}

// RFC 7323 §2.2: the window of a SYN is never scaled.
func TestWindowOfASYNIsNotScaled(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{NoDelay: true})
	s.out("S 0:0")
	s.in("S. 0:0 ack 1 win 2000 <mss 1000,wscale 7>")
	s.out(". 1:1 ack 1")
	s.write(5000)
	s.out(". 1:1001 ack 1", ". 1001:2001 ack 1")
}

// RFC 7323 §2.3: a shift above 14 is taken for 14.
func TestWindowScaleIsAtMost14(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, "<mss 1000,wscale 255>", 0)
	if i := s.c.Info(); i.SendScale != 14 {
		t.Errorf("SendScale = %d", i.SendScale)
	}
}

func TestWindowsOfOurOwn(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{RecvBuffer: 1 << 20})
	s.in("S 0:0 <mss 1000,wscale 0>")
	s.pump()
	if len(s.sent) != 1 || s.sent[0].h.Window != 65535 {
		t.Fatalf("sent %v, want a SYN-ACK with the largest window", s.sent)
	}
	shift := s.sent[0].h.Options.WindowScale
	s.out("S. 0:0 ack 1 <mss 1460,wscale *>")
	s.in(". 1:1 ack 1")
	s.accept()
	s.in(". 1:1001 ack 1")
	s.in2(". 1001:2001 ack 1", "ack 2001")
	if w := int(s.lastWindow) << shift; w < 900<<10 || w > 1<<20 {
		t.Errorf("a window of %d, shift %d, with a buffer of 1 MiB", w, shift)
	}
}

func TestTimestampsOfAConnectionThatHasNone(t *testing.T) {
	s := open(t)
	s.in(". 1:101 ack 1 <ts 5 5>") // an option that was not agreed on is skipped
	s.reads(100)
	s.until(50*ms, ". 1:1 ack 101 <>")
}
