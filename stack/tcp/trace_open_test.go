package tcp_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

func TestActiveOpen(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0 <mss 1460,sackOK,ts * 0,wscale *>")
	s.state(tcp.StateSynSent)
	if r := s.c.Ready(); r != 0 {
		t.Errorf("Ready() = %#x while connecting", r)
	}
	s.pass(50 * ms)
	s.in("S. 0:0 ack 1 <mss 1000,sackOK,ts 7 *,wscale 7>")
	s.out(". 1:1 ack 1 <ts * 7>")
	s.state(tcp.StateEstablished)
	if r := s.c.Ready(); r != netdev.PollOut {
		t.Errorf("Ready() = %#x when connected", r)
	}
	if i := s.c.Info(); !i.SACK || !i.Timestamps || i.SendScale != 7 || i.RTT < 49*ms || i.RTT > 51*ms {
		t.Errorf("%+v", i)
	}
}

func TestPassiveOpen(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 <mss 1000,sackOK,ts 77 0,wscale 7>")
	s.out("S. 0:0 ack 1 <mss 1460,sackOK,ts * 77,wscale *>")
	if s.l.Ready() || s.l.Accept(s.now) != nil {
		t.Fatal("accepted before the handshake was complete")
	}
	s.pass(30 * ms)
	s.in(". 1:1 ack 1")
	if !s.l.Ready() {
		t.Fatal("not ready to accept")
	}
	s.accept()
	s.state(tcp.StateEstablished)
	if s.c.Local != s.local || s.c.Remote != s.remote {
		t.Errorf("from %v to %v", s.c.Local, s.c.Remote)
	}
}

// RFC 7323 §2.2, §3.2, RFC 2018 §2: no option in a SYN-ACK that the SYN had not.
func TestOptionsAreOnlyAnswered(t *testing.T) {
	for _, c := range []struct{ syn, synack string }{
		{"<>", "<mss 1460>"},
		{"<mss 1000>", "<mss 1460>"},
		{"<mss 1000,sackOK>", "<mss 1460,sackOK>"},
		{"<mss 1000,wscale 2>", "<mss 1460,wscale *>"},
		{"<mss 1000,ts 5 0>", "<mss 1460,ts * 5>"},
	} {
		s := server(t, tcp.Config{}, tcp.Options{})
		s.in("S 0:0 " + c.syn)
		s.out("S. 0:0 ack 1 " + c.synack)
		s.in("R 1:1")
		s.gone()
	}
}

// RFC 7323 §2.2: unless both SYNs had it, nothing is scaled.
func TestOptionsThatThePeerLeavesOutAreNotUsed(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{NoDelay: true})
	s.out("S 0:0")
	s.in("S. 0:0 ack 1 win 4000 <mss 1000>")
	s.out(". 1:1 ack 1 <>")
	s.write(6000)
	s.out(". 1:1001 ack 1 <>", ". 1001:2001 ack 1", ". 2001:3001 ack 1", ". 3001:4001 ack 1")
	s.in(". 2:12 ack 4001 win 1000")
	s.out(". 4001:5001 ack 1 <>")
	if i := s.c.Info(); i.SACK || i.Timestamps || i.SendScale != 0 || i.RecvScale != 0 {
		t.Errorf("%+v", i)
	}
}

// RFC 9293 §3.7.1: 536 for IPv4 where the SYN has no MSS.
func TestMSSOfAPeerThatSaysNone(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, "<>", 0)
	s.write(1000)
	s.out(". 1:537 ack 1", ". 537:1001 ack 1")
}

func TestTinyMSSIsNotBelieved(t *testing.T) {
	for _, mss := range []string{"<mss 0>", "<mss 1>"} {
		s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, mss, 0)
		s.write(20)
		s.out(". 1:21 ack 1")
	}
}

func TestSYNIsSentAgainAndGivenUp(t *testing.T) {
	s := client(t, tcp.Config{SYNTimeout: 20 * time.Second}, tcp.Options{})
	s.out("S 0:0")
	for _, d := range []time.Duration{1, 2, 4, 8} { // RFC 6298 §2.1, §5.5
		s.after(d*time.Second, "S 0:0 <mss 1460,sackOK,ts * 0,wscale *>")
	}
	s.pass(6 * time.Second)
	s.ends(netdev.ErrConnTimedOut)
	if s.c.Ready()&(netdev.PollErr|netdev.PollOut) != netdev.PollErr|netdev.PollOut {
		t.Errorf("Ready() = %#x", s.c.Ready())
	}
	s.close()
	s.gone()
}

func TestSYNACKIsSentAgainAndGivenUp(t *testing.T) {
	s := server(t, tcp.Config{SYNTimeout: 5 * time.Second}, tcp.Options{})
	s.in("S 0:0 <mss 1000,sackOK>")
	s.out("S. 0:0 ack 1")
	s.after(time.Second, "S. 0:0 ack 1 <mss 1460,sackOK>")
	s.after(2*time.Second, "S. 0:0 ack 1")
	for !s.idle(10 * time.Second) {
		s.sent = nil // whether there is one more, or a reset, is its own affair
	}
	s.gone()
}

func TestSYNThatComesAgainIsAnsweredAgain(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.pass(100 * ms)
	s.in("S 0:0 " + plain)
	s.outAny("S. 0:0 ack 1", ". 1:1 ack 1")
	s.in(". 1:1 ack 1")
	s.accept()
}

func TestConnectionRefused(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.in("R. 0:0 ack 1")
	s.ends(netdev.ErrConnRefused)
	if c, _ := s.e.Woken(); c != s.c {
		t.Error("not woken")
	}
	s.close()
	s.gone()
}

// RFC 9293 §3.10.7.3, first and second check.
func TestSegmentsThatSYNSENTDoesNotTake(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.in("R 0:0")
	s.in("R. 0:0 ack 0")
	s.in("R. 0:0 ack 2")
	s.state(tcp.StateSynSent)
	s.in("S. 0:0 ack 0 " + plain)
	s.out("R 0:0")
	s.in("S. 0:0 ack 2 " + plain)
	s.out("R 2:2")
	s.in(". 0:0 ack 2")
	s.out("R 2:2")
	s.in(". 0:10 ack 1")
	s.in("F 0:0")
	s.in("- 0:10")
	s.state(tcp.StateSynSent)
	s.in("S. 0:0 ack 1 " + plain)
	s.out(". 1:1 ack 1")
	s.state(tcp.StateEstablished)
}

// RFC 9293 §3.5, figure 7.
func TestSimultaneousOpen(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{NoDelay: true})
	s.out("S 0:0")
	s.in("S 0:0 <mss 1000,sackOK,ts 9 0,wscale 3>")
	s.out("S. 0:0 ack 1 <mss 1460,sackOK,ts * 9,wscale *>")
	s.state(tcp.StateSynReceived)
	if s.c.Ready()&netdev.PollOut != 0 {
		t.Error("connected before the peer has heard of it")
	}
	s.in("S. 0:0 ack 1 <mss 1000,sackOK,ts 10 *,wscale 3>")
	s.pump()
	if len(s.sent) > 0 {
		s.out(". 1:1 ack 1")
	}
	s.in(". 1:1 ack 1")
	s.state(tcp.StateEstablished)
	if s.c.Ready()&netdev.PollOut == 0 || s.c.Info().SendScale != 3 {
		t.Errorf("Ready() = %#x, %+v", s.c.Ready(), s.c.Info())
	}
	s.write(10)
	s.out(". 1:11 ack 1")
}

// What opens the connection may come before Output was asked for a SYN that waits.
func TestNoSYNGoesOutOnceTheConnectionIsOpen(t *testing.T) {
	take := func(s *script, seg string) {
		s.e.Input(s.now, s.remote.Addr(), s.local.Addr(), s.emit(seg))
	}
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	take(s, "S 0:0 "+plain) // both have opened at once
	take(s, "S. 0:0 ack 1 "+plain)
	s.state(tcp.StateEstablished)
	s.out(". 1:1 ack 1")

	s = client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.now += 2 * time.Second
	s.e.Advance(s.now) // it is to be sent again
	take(s, "S. 0:0 ack 1 "+plain)
	s.state(tcp.StateEstablished)
	s.out(". 1:1 ack 1")

	s = server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.now += 2 * time.Second
	s.e.Advance(s.now)
	take(s, ". 1:1 ack 1")
	s.accept()
	s.state(tcp.StateEstablished)
	s.out(". 1:1 ack 1")
}

func TestSimultaneousOpenWhoseSYNACKIsLost(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.pass(900 * ms)
	s.until(4*time.Second, "S. 0:0 ack 1")
	s.in(". 1:1 ack 1")
	s.state(tcp.StateEstablished)
}

func TestDataWithTheLastACKOfTheHandshake(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in("P. 1:101 ack 1")
	s.accept()
	s.reads(100)
	s.until(50*ms, ". 1:1 ack 101")
}

// The data of a SYN may be left to come again (RFC 9293 §3.10.7.2), but not be
// confused with other data.
func TestDataInASYN(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:10 " + plain)
	s.outAny("S. 0:0 ack 1", "S. 0:0 ack 11")
	s.in(". 1:11 ack 1")
	s.accept()
	s.reads(10)
	s.until(50*ms, ". 1:1 ack 11")
}

func TestFINWithTheLastACKOfTheHandshake(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in("F. 1:51 ack 1")
	s.out(". 1:1 ack 52")
	s.accept()
	s.state(tcp.StateCloseWait)
	s.reads(50)
	if !s.c.EOF() {
		t.Error("no EOF")
	}
}

func TestUnacceptableACKInSYNRECEIVED(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.in(". 1:1 ack 2")
	s.out("R 2:2")
	s.in(". 1:1 ack 0")
	s.out("R 0:0")
	s.in(". 1:1 ack 1")
	s.accept()
}

func TestBrokenSegmentsAreCounted(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	b := s.emit("S 0:0 " + plain)
	b[4]++
	s.e.Input(s.now, s.remote.Addr(), s.local.Addr(), b)
	b[4]--
	for n := range b {
		s.e.Input(s.now, s.remote.Addr(), s.local.Addr(), b[:n])
	}
	if n := s.e.Counters.InErrs + s.e.Counters.InCsumErrors; n != uint(len(b)+1) || s.e.Counters.InCsumErrors == 0 {
		t.Errorf("%d of %d counted, %d for their checksum", n, len(b)+1, s.e.Counters.InCsumErrors)
	}
	s.gone()
}

// Neither an address for many nor our own port's address makes a connection.
func TestDialRefusesWhatCannotBe(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	if _, err := s.e.Dial(s.now, s.local, s.remote, tcp.Options{}); err != netdev.ErrAddrInUse {
		t.Errorf("Dial of the same again: %v", err)
	}
	if _, err := s.e.Listen(s.local, 1, tcp.Options{}); err != nil {
		t.Errorf("Listen beside a connection: %v", err)
	}
	if _, err := s.e.Listen(s.local, 1, tcp.Options{}); err != netdev.ErrAddrInUse {
		t.Errorf("Listen twice: %v", err)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	h := newHost(t, tcp.Config{MaxConns: 2})
	for i := range uint16(2) {
		h.peer(50000+i, 80).dial(tcp.Options{})
		h.peers[i].out("S 0:0")
	}
	s := h.peer(50002, 80)
	if _, err := h.e.Dial(h.now, s.local, s.remote, tcp.Options{}); err != netdev.ErrNoMoreSockets {
		t.Errorf("Dial: %v", err)
	}
	h.peers[0].abort()
	if _, err := h.e.Dial(h.now, s.local, s.remote, tcp.Options{}); err != nil {
		t.Errorf("Dial after Abort: %v", err)
	}
	s.out("S 0:0")
}

func TestIPv6(t *testing.T) {
	h := newHost(t, tcp.Config{})
	s := h.peer(80, 40000)
	s.local = netip.MustParseAddrPort("[fd00::1]:80")
	s.remote = netip.MustParseAddrPort("[fd00::2]:40000")
	l, err := h.e.Listen(netip.MustParseAddrPort("[::]:80"), 1, tcp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.l = l
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1 <mss 1440>")
	s.in(". 1:1 ack 1")
	s.accept()
	s.write(10)
	s.out(". 1:11 ack 1")
	s.in(". 1:11 ack 11")
	s.reads(10)
	s.until(50*ms, ". 11:11 ack 11")
}

// RFC 6528: for the same ends a number that grows by one every 4 µs, and for others
// one that tells nothing.
func TestInitialSequenceNumbers(t *testing.T) {
	h := newHost(t, tcp.Config{})
	iss := func(port uint16) wire.Seq {
		s := h.peer(port, 80)
		s.dial(tcp.Options{})
		s.out("S 0:0")
		s.abort()
		s.sent = nil
		h.peers = nil
		return s.iss
	}
	first, other := iss(50000), iss(50001)
	h.now += time.Minute
	if d := iss(50000).Diff(first); d < 14_990_000 || d > 15_010_000 {
		t.Errorf("the number grew by %d in a minute, want 15000000", d)
	}
	if d := other.Diff(first); d > -100000 && d < 100000 {
		t.Errorf("the numbers of two ports differ by %d", d)
	}
}

func TestSYNACKWithData(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{})
	s.out("S 0:0")
	s.in("FS. 0:100 ack 1 " + plain)
	s.outAny(". 1:1 ack 102", ". 1:1 ack 1")
	if s.acked.Diff(s.irs) == 1 {
		s.in("F. 1:101 ack 1")
		s.out(". 1:1 ack 102")
	}
	s.state(tcp.StateCloseWait)
	s.reads(100)
}

func TestEndsThatCannotBeAreRefused(t *testing.T) {
	h := newHost(t, tcp.Config{})
	ok, none := netip.MustParseAddrPort("10.0.0.1:5"), netip.AddrPort{}
	for _, c := range []struct{ local, remote netip.AddrPort }{
		{ok, none},
		{none, ok},
		{ok, netip.MustParseAddrPort("10.0.0.2:0")},
		{netip.MustParseAddrPort("10.0.0.1:0"), ok},
		{ok, netip.MustParseAddrPort("0.0.0.0:7")},
		{netip.MustParseAddrPort("0.0.0.0:7"), ok},
	} {
		if _, err := h.e.Dial(h.now, c.local, c.remote, tcp.Options{}); !errors.Is(err, netdev.ErrInvalid) {
			t.Errorf("Dial from %v to %v: %v", c.local, c.remote, err)
		}
	}
	for _, local := range []netip.AddrPort{none, netip.MustParseAddrPort("10.0.0.1:0")} {
		if _, err := h.e.Listen(local, 1, tcp.Options{}); !errors.Is(err, netdev.ErrInvalid) {
			t.Errorf("Listen on %v: %v", local, err)
		}
	}
	for _, want := range []error{nil, netdev.ErrAddrInUse} {
		if _, err := h.e.Listen(netip.MustParseAddrPort("0.0.0.0:0"), 1, tcp.Options{}); err != want {
			t.Errorf("Listen on everything: %v, want %v", err, want)
		}
	}
}

func TestEachConnectionIsListed(t *testing.T) {
	s := open(t)
	p := s.peer(80, 40002)
	p.in("S 0:0 " + plain)
	p.out("S. 0:0 ack 1")
	states := map[netip.AddrPort]tcp.State{}
	s.e.Each(func(c *tcp.Conn) bool {
		states[c.Remote] = c.State()
		return true
	})
	if len(states) != 2 || states[s.remote] != tcp.StateEstablished || states[p.remote] != tcp.StateSynReceived {
		t.Errorf("%v", states)
	}
	n := 0
	s.e.Each(func(*tcp.Conn) bool { n++; return false })
	if n != 1 || !s.e.InUse(s.local, s.remote) || s.e.InUse(s.remote, s.local) {
		t.Errorf("%d after false, InUse %v", n, s.e.InUse(s.local, s.remote))
	}
}

func TestDataOfASYNACKBeyondTheWindow(t *testing.T) {
	s := client(t, tcp.Config{}, tcp.Options{RecvBuffer: 2000})
	s.out("S 0:0")
	s.in("S. 0:2500 ack 1 " + plain)
	s.pump()
	if got := s.acked.Diff(s.irs); got != 1 && got != 2001 {
		t.Errorf("acknowledged %d with a window of 2000", got)
	}
	s.sent = nil
	if s.acked.Diff(s.irs) == 1 {
		s.in2(". 1:2001 ack 1", "ack 2001")
	}
	s.reads(2000)
	s.sent = nil
}
