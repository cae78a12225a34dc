package stack_test

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

func TestResetClosesTheDescriptorWhateverBecameOfTheConnection(t *testing.T) {
	a, b := pair(t, stack.Config{})
	refused := open(t, a, netdev.SOCK_STREAM)
	if err := a.Connect(refused, "", at(addrB, 9)); err != netdev.ErrConnRefused {
		t.Fatal(err)
	}
	fresh, dgram := open(t, a, netdev.SOCK_STREAM), open(t, a, netdev.SOCK_DGRAM)
	lfd, _ := listen(t, a, anywhere, 1)
	fa, fb := connected(t, a, b)
	lost, _ := connected(t, a, b)
	for what, fd := range map[string]int{
		"refused": refused, "fresh": fresh, "datagram": dgram, "listener": lfd, "connected": fa,
	} {
		if err := a.Reset(fd); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := a.Close(fd); err != netdev.ErrInvalidSocketFd {
			t.Errorf("%s: open after Reset (%v)", what, err)
		}
	}
	if _, err := b.Recv(fb, make([]byte, 1), 0, soon()); err != netdev.ErrConnReset {
		t.Errorf("the peer's Recv: %v", err)
	}
	a.NetDisconnect()
	must(t, a.Reset(lost))
	if err := a.Reset(lost); err != netdev.ErrInvalidSocketFd {
		t.Errorf("a second Reset: %v", err)
	}
}

func TestAnEchoRequestThatDoesNotArriveIsAnsweredSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gateway *stack.Stack
		var cause error
		board, gateway := routed(t, &stack.Forward{Echo: func(from, to netip.Addr, id, seq uint16, payload []byte) {
			if err := gateway.SendEchoUnreachable(from, to, id, seq, payload, cause); err != nil {
				t.Error(err)
			}
		}})
		for _, n := range []int{0, 56, 3000} {
			for _, cause = range []error{netdev.ErrHostUnreachable, netdev.ErrNetUnreachable} {
				if _, err := board.Ping(t.Context(), elsewhere, make([]byte, n)); !errors.Is(err, cause) {
					t.Errorf("Ping with %d bytes is %v, want %v", n, err, cause)
				}
			}
		}
		six := netip.MustParseAddr("2001:db8::1")
		if err := gateway.SendEchoUnreachable(six, elsewhere, 1, 2, nil, cause); err == nil {
			t.Error("an echo request of IPv6 came over IPv4")
		}
		if err := gateway.SendEchoReply(six, addrA, 1, 2, nil); err == nil {
			t.Error("and its reply went")
		}
	})
}
