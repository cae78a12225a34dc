package tcp_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

// unreachable lets an ICMP error arrive for the segment at seq.
func (s *script) unreachable(seq int, err error, hard bool, mtu int) {
	s.t.Helper()
	s.settled()
	s.e.Unreachable(s.now, s.local, s.remote, uint32(s.iss.Add(seq)), err, hard, mtu)
	s.pump()
}

func TestHardErrorEndsAnAttempt(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.unreachable(5, netdev.ErrHostUnreachable, true, 0) // not a number that is under way
	s.state(tcp.StateSynSent)
	s.unreachable(0, netdev.ErrHostUnreachable, true, 0)
	s.ends(netdev.ErrHostUnreachable)
	if c, _ := s.e.Woken(); c != s.c {
		t.Error("not woken")
	}
}

func TestSoftErrorIsTheReasonOfATimeout(t *testing.T) {
	s := client(t, tcp.Config{SYNTimeout: 5 * time.Second}, tcp.Options{})
	s.out("S 0:0")
	s.unreachable(0, netdev.ErrNetUnreachable, false, 0)
	s.state(tcp.StateSynSent)
	s.pass0(20 * time.Second)
	s.ends(netdev.ErrNetUnreachable)
}

// RFC 5461, RFC 5927 §5.2: an established connection lives on.
func TestErrorsDoNotEndAConnection(t *testing.T) {
	s := open(t)
	s.write(10)
	s.out(". 1:11 ack 1")
	s.unreachable(1, netdev.ErrHostUnreachable, true, 0)
	s.unreachable(1, netdev.ErrConnRefused, true, 0)
	s.unreachable(500, netdev.ErrHostUnreachable, true, 0)
	s.state(tcp.StateEstablished)
	if err := s.c.Err(); err != nil {
		t.Errorf("Err() = %v", err)
	}
	s.in(". 1:1 ack 11")
	s.pass(time.Hour)
}

// RFC 1191 §6.4: what was too long goes out at once, in pieces, and it is no
// congestion.
func TestPathMTUThatIsLess(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, "<mss 1460>", 100*ms)
	s.write(4380)
	s.out(". 1:1461 ack 1", ". 1461:2921 ack 1", ". 2921:4381 ack 1")
	window := s.c.Info().Window
	s.pass(10 * ms)
	s.unreachable(1, netdev.ErrMessageTooLong, false, 1040)
	s.out(". 1:1001 ack 1")
	s.pump()
	s.sent = nil
	if i := s.c.Info(); i.MSS != 1000 || i.Window < window*1000/1460 {
		t.Errorf("MSS %d, window %d", i.MSS, i.Window)
	}
	if s.e.Counters.PMTUReduced != 1 || s.e.Counters.Timeouts != 0 {
		t.Errorf("PMTUReduced %d, Timeouts %d", s.e.Counters.PMTUReduced, s.e.Counters.Timeouts)
	}
	s.pass0(time.Second)
	s.in(". 1:1 ack 4381")
	s.write(1500)
	s.out(". 4381:5381 ack 1", ". 5381:5881 ack 1")
}

func TestPathMTUThatIsNotBelieved(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, "<mss 1460>", 100*ms)
	s.unreachable(1, netdev.ErrMessageTooLong, false, 600) // nothing under way
	s.write(1460)
	s.out(". 1:1461 ack 1")
	s.unreachable(9000, netdev.ErrMessageTooLong, false, 600)
	s.unreachable(1, netdev.ErrMessageTooLong, false, 1500) // no less than what we send
	s.unreachable(1, netdev.ErrMessageTooLong, false, 9000)
	s.settled()
	if i := s.c.Info(); i.MSS != 1460 {
		t.Errorf("MSS = %d", i.MSS)
	}
}

// An MTU of no use, or none at all from an old router, must not make the segments tiny.
func TestPathMTUHasALowerBound(t *testing.T) {
	for _, mtu := range []int{0, 1, 68} {
		s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, "<mss 1460>", 100*ms)
		s.write(1460)
		s.out(". 1:1461 ack 1")
		s.unreachable(1, netdev.ErrMessageTooLong, false, mtu)
		s.pump()
		if len(s.sent) == 0 || s.sent[0].data < 216 || s.sent[0].data >= 1460 {
			t.Errorf("sent %v at an MTU of %d", s.sent, mtu)
		}
		s.sent = nil
	}
}

func TestMTUOfThePath(t *testing.T) {
	s := client(t, tcp.Config{MTU: mtu(600)}, tcp.Options{NoDelay: true})
	s.out("S 0:0 <mss 560,sackOK,ts * 0,wscale *>")
	s.in("S. 0:0 ack 1 <mss 1460,ts 1 *>")
	s.out(". 1:1 ack 1")
	s.write(600)
	s.out(". 1:549 ack 1", ". 549:601 ack 1")
}

func TestSoftErrorIsTheReasonWhenDataIsGivenUp(t *testing.T) {
	s := established(t, tcp.Config{GiveUp: 10 * time.Second}, tcp.Options{}, plain, 100*ms)
	s.write(10)
	s.out(". 1:11 ack 1")
	s.unreachable(1, netdev.ErrNetUnreachable, false, 0)
	s.pass0(time.Minute)
	s.ends(netdev.ErrNetUnreachable)
}

// RFC 4821 §7.7 in little: large segments that vanish without a word become smaller.
func TestLargeSegmentsThatVanish(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, "<mss 1460>", 100*ms)
	s.write(1460)
	s.out(". 1:1461 ack 1")
	for i := 1; ; i++ {
		for len(s.sent) == 0 && s.step(s.now+time.Minute) {
		}
		if got := s.c.Info().Retransmits; got != i {
			t.Errorf("Retransmits = %d after %d", got, i)
		}
		if len(s.sent) == 0 || i == 10 {
			t.Fatalf("no smaller segment after %d retransmissions", i)
		}
		n := s.sent[0].data
		s.sent = nil
		if n <= 536 {
			break
		}
	}
	s.in(". 1:1 ack 1461")
	s.write(1000)
	s.out(". 1461:1997 ack 1")
	s.sent = nil
}
