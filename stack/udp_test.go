package stack_test

import (
	"strings"
	"testing"

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
