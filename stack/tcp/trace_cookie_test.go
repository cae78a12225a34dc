package tcp_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack/tcp"
)

// flooded returns a script whose host has as many half-open connections as it keeps.
func flooded(t *testing.T, c tcp.Config) *script {
	t.Helper()
	c.MaxHalfOpen = 2
	s := server(t, c, tcp.Options{})
	for i := range uint16(2) {
		p := s.peer(80, 41000+i)
		p.in("S 0:0 " + plain)
		p.out("S. 0:0 ack 1")
	}
	return s
}

// calm ends what flooded has begun.
func (s *script) calm() {
	s.t.Helper()
	for _, p := range s.peers[1:3] {
		p.in("R 1:1")
	}
}

func TestCookieInsteadOfAHalfOpenConnection(t *testing.T) {
	for _, options := range []string{"<mss 1000>", "<mss 1000,sackOK>", "<mss 1000,sackOK,ts 9 0,wscale 4>", "<>", "<mss 100>"} {
		s := flooded(t, tcp.Config{})
		s.in("S 0:0 " + options)
		s.out("S. 0:0 ack 1")
		if _, half, _ := s.e.Len(); half != 2 || s.e.Counters.SyncookiesSent != 1 {
			t.Errorf("%d half-open, %d cookies sent", half, s.e.Counters.SyncookiesSent)
		}
		s.calm()
		s.pass(500 * ms)
		s.in(". 1:101 ack 1")
		s.accept()
		s.state(tcp.StateEstablished)
		if s.e.Counters.SyncookiesRecv != 1 {
			t.Errorf("SyncookiesRecv = %d", s.e.Counters.SyncookiesRecv)
		}
		s.reads(100)
		s.pass0(50 * ms)
		s.write(3000)
		s.pump()
		if len(s.sent) == 0 {
			t.Fatal("nothing was sent")
		}
		for _, seg := range s.sent {
			limit := 1000
			if options == "<>" {
				limit = 536
			} else if options == "<mss 100>" {
				limit = 536 // the least that a cookie remembers
			}
			if seg.data > limit {
				t.Errorf("a segment of %d bytes to a peer with %s", seg.data, options)
			}
		}
		sent := 0
		for _, seg := range s.sent {
			sent += seg.data
		}
		s.sent = nil
		s.in(text(". 101:101 ack %d", sent+1))
		if n := s.c.Unsent(); n != 3000-sent {
			t.Errorf("%d of %d bytes are not acknowledged", n, sent)
		}
		s.sent = nil
	}
}

// The SYN-ACK of a cookie is answered or forgotten.
func TestCookieIsNotSentAgain(t *testing.T) {
	s := flooded(t, tcp.Config{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	for _, p := range s.peers[1:3] {
		p.in("R 1:1")
	}
	s.pass(time.Hour)
	s.gone()
}

// The SYN came again while its cookie was on its way, and then there was room.
func TestCookieIsTakenThoughTheSYNCameAgain(t *testing.T) {
	s := flooded(t, tcp.Config{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	cookie := s.iss
	s.calm()
	s.in("S 0:0 " + plain)
	s.sent = nil
	if _, half, _ := s.e.Len(); half != 1 || s.iss == cookie {
		t.Fatalf("%d half-open", half)
	}
	s.in(". 1:1 ack 16777217") // neither the one nor the other
	s.out("R 16777217:16777217")
	s.iss = cookie
	s.in(". 1:101 ack 1")
	s.accept()
	s.state(tcp.StateEstablished)
	s.reads(100)
	s.write(100)
	s.out(". 1:101 ack 101")
	s.in(". 101:101 ack 101")
}

func TestForgedCookieIsRefused(t *testing.T) {
	s := flooded(t, tcp.Config{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.calm()
	for _, c := range []struct{ in, out string }{
		{". 1:1 ack 2", "R 2:2"},
		{". 1:1 ack 16777217", "R 16777217:16777217"},
		{". 2:2 ack 1", "R 1:1"},
		{". 5000:5000 ack 1", "R 1:1"},
	} {
		s.in(c.in)
		s.out(c.out)
	}
	if s.l.Ready() || s.e.Counters.SyncookiesFailed != 4 {
		t.Errorf("ready %v, SyncookiesFailed %d", s.l.Ready(), s.e.Counters.SyncookiesFailed)
	}
	other := s.peer(80, 40002)
	other.iss, other.irs = s.iss, s.irs
	other.in(". 1:1 ack 1") // another's cookie
	other.out("R 1:1")
	s.gone()
}

func TestOldCookieIsRefused(t *testing.T) {
	s := flooded(t, tcp.Config{})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.calm()
	s.pass(10 * time.Minute)
	s.in(". 1:1 ack 1")
	s.out("R 1:1")
	s.gone()
}

func TestCookiesAreTakenOnlyAfterAFlood(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.in(". 1:1 ack 1")
	s.out("R 1:1")
	s.gone()
}

// With the accept queue full nothing more is taken in, and clients try again.
func TestFullBacklog(t *testing.T) {
	s := server(t, tcp.Config{}, tcp.Options{})
	s.l.SetBacklog(2)
	for i := range uint16(2) {
		p := s.peer(80, 41000+i)
		p.in("S 0:0 " + plain)
		p.out("S. 0:0 ack 1")
		p.in(". 1:1 ack 1")
	}
	p := s.peer(80, 42000)
	p.in("S 0:0 " + plain)
	p.pump()
	p.sent = nil // a SYN-ACK, cookie or not, is no promise
	if s.e.Counters.ListenOverflows+s.e.Counters.ListenDrops+s.e.Counters.SyncookiesSent == 0 {
		conns, _, _ := s.e.Len()
		if conns > 3 {
			t.Errorf("%d connections, nothing counted", conns)
		}
	}
	for range 2 {
		if s.l.Accept(s.now) == nil {
			t.Fatal("nothing to accept")
		}
	}
	p.in("S 0:0 " + plain)
	p.outAny("S. 0:0 ack 1", ". 1:1 ack 1")
	p.l = s.l
	p.in(". 1:1 ack 1")
	p.accept()
	p.state(tcp.StateEstablished)
}

// An ACK with a cookie finds no place: it is as if it had been lost.
func TestCookieWithAFullBacklog(t *testing.T) {
	s := flooded(t, tcp.Config{MaxConns: 4})
	s.in("S 0:0 " + plain)
	s.out("S. 0:0 ack 1")
	s.l.SetBacklog(2)
	for _, p := range s.peers[1:3] {
		p.in(". 1:1 ack 1")
	}
	s.in(". 1:101 ack 1")
	if n := s.e.Counters.ListenOverflows; n != 1 {
		t.Errorf("ListenOverflows = %d", n)
	}
	s.peers[1].l = s.l
	s.peers[1].accept()
	s.in(". 1:101 ack 1")
	for c := s.l.Accept(s.now); c != nil; c = s.l.Accept(s.now) {
		if s.c = c; c.Remote == s.remote {
			break
		}
	}
	s.reads(100)
	s.sent = nil
}
