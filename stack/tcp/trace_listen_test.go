package tcp_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

func TestWhoeverListensIsWoken(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	if c, l := s.e.Woken(); c != nil || l != nil {
		t.Fatalf("woke %p, %p at a SYN", c, l)
	}
	s.in(". 1:1 ack 1")
	if c, l := s.e.Woken(); c != nil || l != s.l {
		t.Fatalf("woke %p, %p, want the listener", c, l)
	}
	if c, l := s.e.Woken(); c != nil || l != nil {
		t.Fatalf("woke %p, %p again", c, l)
	}
	s.accept()
	s.in(". 1:101 ack 1")
	if c, _ := s.e.Woken(); c != s.c || c.Ready()&netdev.PollIn == 0 {
		t.Fatalf("woke %p, want the connection", c)
	}
	s.after(40*ms, ". 1:1 ack 101")
}

// RFC 9293 §3.10.7.1 and .2.
func TestSegmentsForNoConnection(t *testing.T) {
	for _, port := range []uint16{80, 81} { // one that listens, one that is closed
		s := server(t, tcp.Config{}, tcp.Options{}).peer(port, 41000)
		s.in("R 5:5")
		s.in("R. 5:5 ack 9")
		s.in(". 5:15 ack 9")
		s.out("R 9:9")
		s.in("F. 5:15 ack 9")
		s.out("R 9:9")
		s.in("S. 0:0 ack 9 " + plain)
		s.out("R 9:9")
		if port == 81 {
			s.in("S 0:0 " + plain)
			s.out("R. 0:0 ack 1")
			s.in("S 0:10 " + plain)
			s.out("R. 0:0 ack 11")
			s.in("F 5:15")
			s.out("R. 0:0 ack 16")
		}
		s.gone()
	}
}

func TestExactListenerWins(t *testing.T) {
	h := newHost(t, tcp.Config{})
	listen := func(addr string) *tcp.Listener {
		l, err := h.e.Listen(netip.MustParseAddrPort(addr), 4, tcp.Options{})
		if err != nil {
			t.Fatalf("%s: %v", addr, err)
		}
		return l
	}
	every, port, exact := listen("0.0.0.0:0"), listen("0.0.0.0:80"), listen("10.0.0.1:80")
	for i, c := range []struct {
		to   string
		want *tcp.Listener
	}{
		{"10.0.0.1:80", exact},
		{"10.9.9.9:80", port},
		{"10.0.0.1:443", every},
	} {
		s := h.peer(0, uint16(40000+i))
		s.local = netip.MustParseAddrPort(c.to)
		s.l = c.want
		s.handshake(plain, 0)
		if s.c.Local != s.local {
			t.Errorf("accepted on %v, want %v", s.c.Local, s.local)
		}
	}
}

func TestDeferredListenerLetsTheOwnerAnswer(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{Deferred: true})
	s.in("S 0:0 " + plain)
	s.accept()
	s.state(tcp.StateSynReceived)
	s.pass(500 * ms)
	s.in("S 0:0 " + plain)
	s.pass(500 * ms)
	if s.l.Accept(s.now) != nil {
		t.Fatal("the SYN that came again is another connection")
	}
	s.c.Open(s.now)
	s.out("S. 0:0 ack 1 <mss 1460>")
	s.in(". 1:1 ack 1")
	s.state(tcp.StateEstablished)
	if c, _ := s.e.Woken(); c != s.c {
		t.Error("not woken")
	}
	s.write(5)
	s.out(". 1:6 ack 1")
}

func TestDeferredListenerLetsTheOwnerRefuse(t *testing.T) {
	for _, silent := range []bool{false, true} {
		s := server(t, tcp.Config{}, tcp.Options{Deferred: true})
		s.in("S 0:0 " + plain)
		s.accept()
		s.c.Refuse(s.now, silent)
		if !silent {
			s.out("R. 0:0 ack 1")
		}
		s.settled()
		s.gone()
	}
}

func TestListenerThatClosesResetsWhatWaits(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in(". 1:1 ack 1")
	half := s.peer(80, 40002)
	half.in("S 0:0 " + plain)
	half.out("S. 0:0 ack 1")
	s.l.Close(s.now)
	s.outAny("R 1:1", "R. 1:1 ack 1")
	half.outAny("R 1:1", "R. 1:1 ack 1", "")
	s.gone()
}

func TestConnectionThatDiesInTheBacklogIsNotGivenOut(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in(". 1:1 ack 1")
	s.in("R 1:1")
	if s.l.Ready() || s.l.Accept(s.now) != nil {
		t.Error("accepted what the peer has reset")
	}
	s.gone()
}

func TestSYNWithoutAPortOrAnAddressOfOneHost(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	for _, c := range []struct {
		src, dst string
	}{
		{"10.0.0.2:0", "10.0.0.1:80"},
		{"224.0.0.1:1000", "10.0.0.1:80"},
		{"255.255.255.255:1000", "10.0.0.1:80"},
		{"0.0.0.0:1000", "10.0.0.1:80"},
		{"10.0.0.2:1000", "224.0.0.1:80"},
		{"10.0.0.2:1000", "255.255.255.255:80"},
	} {
		src, dst := netip.MustParseAddrPort(c.src), netip.MustParseAddrPort(c.dst)
		h := wire.Header{SrcPort: src.Port(), DstPort: dst.Port(), Flags: wire.SYN}
		b := make([]byte, h.Len())
		h.Emit(b)
		wire.Segment(b).FillChecksum(src.Addr(), dst.Addr())
		s.e.Input(s.now, src.Addr(), dst.Addr(), b)
		if n, p := s.e.Output(s.now, s.buf[:]); n != 0 {
			t.Errorf("answered a SYN from %s to %s: %v", c.src, c.dst, p)
		}
	}
	s.gone()
}

func TestListenerIsBoundedByMaxConns(t *testing.T) {
	s := server(t, tcp.Config{MaxConns: 1}, tcp.Options{})
	s.handshake(plain, 0)
	p := s.peer(80, 40002)
	p.in("S 0:0 " + plain)
	if s.e.Counters.NoConns != 1 {
		t.Errorf("NoConns = %d", s.e.Counters.NoConns)
	}
	s.abort()
	s.sent = nil
	p.l = s.l
	p.handshake(plain, 0)
}

func TestUnansweredSYN(t *testing.T) {
	begin := func() *script {
		s := server(t, tcp.Config{SYNTimeout: 20 * time.Second}, tcp.Options{Deferred: true})
		s.in("S 0:0 " + plain)
		s.accept()
		return s
	}
	s := begin() // the peer takes it back
	s.in("R 7:7")
	s.state(tcp.StateSynReceived)
	s.in("R 1:1")
	s.ends(netdev.ErrConnReset)
	s.c.Refuse(s.now, false)
	s.pass(0)
	s.gone()

	s = begin() // an ACK of nothing that was sent
	s.in(". 1:1 ack 77")
	s.out("R 77:77")
	s.state(tcp.StateSynReceived)

	s = begin() // the owner takes too long
	s.pass(21 * time.Second)
	s.ends(netdev.ErrConnTimedOut)
	s.close()
	s.gone()

	s = begin() // the owner does not even refuse
	s.close()
	s.pump()
	s.sent = nil
	s.gone()
}
