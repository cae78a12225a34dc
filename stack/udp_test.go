package stack_test

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

func TestDatagramsGoBothWays(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, nameA := bound(t, a, addrA)
	fb, nameB := bound(t, b, anywhere)
	sendTo(t, a, fa, "ping", at(addrB, nameB.Port()))
	got, from := recv(t, b, fb)
	if got != "ping" || from != nameA {
		t.Fatalf("%q from %v, want ping from %v", got, from, nameA)
	}
	sendTo(t, b, fb, "pong", from)
	got, from = recv(t, a, fa)
	if got != "pong" || from != at(addrB, nameB.Port()) {
		t.Fatalf("%q from %v", got, from)
	}
}

func TestLongDatagramsGoInFragments(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, _ := bound(t, a, addrA)
	fb, name := bound(t, b, addrB)
	for _, n := range []int{0, 1, 1471, 1472, 1473, 2952, 2953, 9000, 65506, 65507} {
		want := strings.Repeat("0123456789abcdef-", n/17+1)[:n]
		sendTo(t, a, fa, want, name)
		if got, _ := recv(t, b, fb); got != want {
			t.Fatalf("of %d bytes %d arrived, or others", n, len(got))
		}
	}
	if n, err := a.SendTo(fa, make([]byte, 65508), 0, name, never); n != 0 || err != netdev.ErrMessageTooLong {
		t.Errorf("65508 bytes: %d, %v", n, err)
	}
}

func TestLoopbackWorksBeforeTheNetworkDoes(t *testing.T) {
	dev, _ := cable(t)
	s := newStack(t, dev, stack.Config{})
	fd, name := bound(t, s, home)
	sendTo(t, s, fd, "self", name)
	if got, from := recv(t, s, fd); got != "self" || from != name {
		t.Fatalf("%q from %v", got, from)
	}
	if _, err := s.SendTo(fd, nil, 0, at(addrB, 9), never); err != netdev.ErrNetUnreachable && err != netdev.ErrInvalid {
		t.Errorf("SendTo the network: %v", err)
	}
}

func TestASocketHoldsNoMoreThanItsBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		fa, _ := bound(t, a, addrA)
		fb, name := bound(t, b, addrB)
		other, otherName := bound(t, b, addrB)
		must(t, b.SetSockOpt(fb, netdev.SOL_SOCKET, netdev.SO_RCVBUF, 10_000))
		for i := range 100 {
			sendTo(t, a, fa, strings.Repeat(string(rune('a'+i%26)), 1000), name)
			synctest.Wait()
		}
		dropped := b.Counters().UDP.RcvbufErrors
		if dropped < 88 || dropped > 92 {
			t.Errorf("%d of 100 datagrams of 1000 bytes dropped", dropped)
		}
		sendTo(t, a, fa, "for the other", otherName)
		if got, _ := recv(t, b, other); got != "for the other" {
			t.Errorf("%q", got)
		}
		for i := range 100 - int(dropped) {
			if got, _ := recv(t, b, fb); len(got) != 1000 || got[999] != byte('a'+i) {
				t.Fatalf("datagram %d: %d bytes of %q", i, len(got), got[0])
			}
		}
		silent(t, b, fb)
		if c := b.Counters(); c.BlocksInUse != 0 {
			t.Errorf("%d blocks are in use", c.BlocksInUse)
		}
	})
}

// Nobody gets more of the memory of all than is left of it.
func TestOneSocketDoesNotTakeTheMemoryOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{BlockSize: 1024, Blocks: 64})
		fa, _ := bound(t, a, addrA)
		fb, name := bound(t, b, addrB)
		for range 100 {
			sendTo(t, a, fa, strings.Repeat("x", 1000), name)
			synctest.Wait()
		}
		c := b.Counters()
		if c.BlocksInUse < 24 || c.BlocksInUse > 40 || c.UDP.MemErrors == 0 {
			t.Errorf("%d of 64 blocks in use, %d datagrams dropped", c.BlocksInUse, c.UDP.MemErrors)
		}
		must(t, b.Close(fb))
		if c := b.Counters(); c.BlocksInUse != 0 {
			t.Errorf("%d blocks are in use after Close", c.BlocksInUse)
		}
	})
}

func TestConnectForgetsWhatStrangersSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		friend, friendName := bound(t, a, addrA)
		stranger, _ := bound(t, a, addrA)
		fd, name := bound(t, b, addrB)
		for i := range 5 {
			sendTo(t, a, stranger, "spam", name)
			sendTo(t, a, friend, strings.Repeat("x", 400*i), name)
		}
		synctest.Wait()
		must(t, b.Connect(fd, "", friendName))
		sendTo(t, a, stranger, "more spam", name)
		for i := range 5 {
			if got, from := recv(t, b, fd); len(got) != 400*i || from != friendName {
				t.Errorf("%d bytes from %v, want %d", len(got), from, 400*i)
			}
		}
		silent(t, b, fd)
	})
}

func TestPortsAreSharedByAgreementOnly(t *testing.T) {
	s := alone(t, stack.Config{})
	bind := func(a netip.Addr, port uint16, opt int) error {
		fd := open(t, s, netdev.SOCK_DGRAM)
		if opt != 0 {
			must(t, s.SetSockOpt(fd, netdev.SOL_SOCKET, opt, true))
		}
		return s.Bind(fd, at(a, port))
	}
	for _, c := range []struct {
		what  string
		a     netip.Addr
		port  uint16
		opt   int
		taken bool
	}{
		{"first", addrA, 1000, netdev.SO_REUSEPORT, false},
		{"another address", home, 1000, 0, false},
		{"the same, without saying so", addrA, 1000, 0, true},
		{"the same, with the other option", addrA, 1000, netdev.SO_REUSEADDR, true},
		{"the same", addrA, 1000, netdev.SO_REUSEPORT, false},
		{"all addresses", anywhere, 1000, netdev.SO_REUSEPORT, true}, // that of home has not agreed
		{"another port", addrA, 1001, netdev.SO_REUSEADDR, false},
		{"that one again", anywhere, 1001, netdev.SO_REUSEADDR, false},
	} {
		if err := bind(c.a, c.port, c.opt); c.taken != (err == netdev.ErrAddrInUse) || !c.taken && err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestSocketsThatShareAPortShareItsSenders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		var fds []int
		for range 3 {
			fd := open(t, b, netdev.SOCK_DGRAM)
			must(t, b.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEPORT, true))
			must(t, b.Bind(fd, at(addrB, 1000)))
			fds = append(fds, fd)
		}
		_, err := a.Ping(t.Context(), addrB, nil) // who is not known yet is not sent all of this
		must(t, err)
		const senders = 60
		for range senders {
			fd, _ := bound(t, a, addrA)
			for range 2 {
				sendTo(t, a, fd, "x", at(addrB, 1000))
			}
		}
		synctest.Wait()
		for _, fd := range fds {
			from := map[netip.AddrPort]int{}
			for {
				_, name, err := b.RecvFrom(fd, nil, netdev.MSG_DONTWAIT, never)
				if err != nil {
					break
				}
				from[name]++
			}
			if len(from) < senders/12 { // less than once in 10⁵ runs by chance
				t.Errorf("a socket of three hears %d of %d senders", len(from), senders)
			}
			for name, n := range from {
				if n != 2 {
					t.Errorf("%v was heard %d times of 2 by one socket", name, n)
				}
			}
		}
	})
}

func TestTheSocketThatFitsBestHears(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, nameA := bound(t, a, addrA)
	var fds [3]int
	for i := range fds {
		fds[i] = open(t, b, netdev.SOCK_DGRAM)
		must(t, b.SetSockOpt(fds[i], netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true))
	}
	must(t, b.Bind(fds[0], at(anywhere, 1000)))
	for i, prepare := range []func() error{
		func() error { return nil },
		func() error { return b.Bind(fds[1], at(addrB, 1000)) },
		func() error {
			if err := b.Bind(fds[2], at(addrB, 1000)); err != nil {
				return err
			}
			return b.Connect(fds[2], "", nameA)
		},
	} {
		must(t, prepare())
		sendTo(t, a, fa, "who?", at(addrB, 1000))
		if got, _ := recv(t, b, fds[i]); got != "who?" {
			t.Errorf("socket %d: %q", i, got)
		}
	}
}

func TestTheFirstDatagramToANeighbourMayBeTheLongest(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, _ := bound(t, a, addrA)
	fb, name := bound(t, b, addrB)
	sendTo(t, a, fa, strings.Repeat("x", 65507), name)
	if got, _ := recv(t, b, fb); len(got) != 65507 {
		t.Errorf("%d bytes", len(got))
	}
}
