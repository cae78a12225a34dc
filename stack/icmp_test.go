package stack_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

func TestPing(t *testing.T) {
	a, _ := pair(t, stack.Config{})
	for _, addr := range []netip.Addr{addrB, addrA, home, netip.MustParseAddr("0.0.0.0")} {
		for _, n := range []int{0, 56, 1473, 65507} {
			if rtt, err := a.Ping(t.Context(), addr, make([]byte, n)); err != nil || rtt <= 0 {
				t.Errorf("Ping %v with %d bytes: %v, %v", addr, n, rtt, err)
			}
		}
	}
	for addr, want := range map[string]error{
		"192.0.2.1": netdev.ErrNetUnreachable, "::1": netdev.ErrFamilyNotSupported,
	} {
		if _, err := a.Ping(t.Context(), netip.MustParseAddr(addr), nil); err != want {
			t.Errorf("Ping %s: %v, want %v", addr, err, want)
		}
	}
	if _, err := a.Ping(t.Context(), netip.Addr{}, nil); err != netdev.ErrInvalid {
		t.Errorf("Ping nobody: %v", err)
	}
	if _, err := a.Ping(t.Context(), addrB, make([]byte, 65508)); err != netdev.ErrMessageTooLong {
		t.Errorf("Ping with too much: %v", err)
	}
}

func TestWhoDoesNotAnswerOnTheLinkIsUnreachable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := alone(t, stack.Config{})
		start := time.Now()
		if err := s.Connect(open(t, s, netdev.SOCK_STREAM), "", at(addrB, 80)); err != netdev.ErrHostUnreachable {
			t.Errorf("Connect = %v", err)
		}
		if d := time.Since(start); d < 2*time.Second || d > 5*time.Second {
			t.Errorf("after %v", d)
		}
		if _, err := s.Ping(t.Context(), addrB, nil); err != netdev.ErrHostUnreachable {
			t.Errorf("Ping = %v", err)
		}
		fd := open(t, s, netdev.SOCK_DGRAM)
		must(t, s.Connect(fd, "", at(addrB, 9)))
		if _, err := s.Send(fd, []byte("x"), 0, never); err != nil {
			t.Errorf("Send = %v", err)
		}
		if _, err := s.Recv(fd, nil, 0, never); err != netdev.ErrHostUnreachable {
			t.Errorf("Recv = %v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Ping(ctx, addrB, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Ping with a context that ends first: %v", err)
		}
	})
}

func TestAPortThatNobodyHasIsAnErrorOfAConnectedSocketOnly(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fd, _ := bound(t, a, anywhere)
	other, name := bound(t, b, addrB)
	sendTo(t, a, fd, "into the void", at(addrB, 9))
	sendTo(t, b, other, "x", at(addrA, portOf(t, a, fd)))
	if got, _ := recv(t, a, fd); got != "x" {
		t.Errorf("got %q", got)
	}
	must(t, b.Close(other))
	must(t, a.Connect(fd, "", name))
	if _, err := a.Send(fd, []byte("x"), 0, never); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Recv(fd, make([]byte, 1), 0, soon()); err != netdev.ErrConnRefused {
		t.Errorf("Recv = %v", err)
	}
	if _, err := a.Recv(fd, make([]byte, 1), netdev.MSG_DONTWAIT, never); err != netdev.ErrWouldBlock {
		t.Errorf("the error is told twice: %v", err)
	}
}

func portOf(t testing.TB, s *stack.Stack, fd int) uint16 {
	t.Helper()
	name, err := s.GetSockName(fd)
	must(t, err)
	return name.Port()
}

func TestErrorsAreSentAtALimitedRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		fd, _ := bound(t, a, addrA)
		for range 1000 {
			sendTo(t, a, fd, "x", at(addrB, 9))
			synctest.Wait()
		}
		c := b.Counters()
		if c.ICMP.OutDestUnreachs == 0 || c.ICMP.OutDestUnreachs > 100 || c.ICMP.OutDestUnreachs+c.ICMP.RateLimited != 1000 {
			t.Errorf("%d errors sent, %d held back", c.ICMP.OutDestUnreachs, c.ICMP.RateLimited)
		}
	})
}

func TestRawSocketsSendAndHearICMP(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, fb := open(t, a, netdev.SOCK_RAW), open(t, b, netdev.SOCK_RAW)
	must(t, a.Connect(fa, "", at(addrB, 0)))
	h := icmpv4.Echo(7, 9)
	m := make([]byte, 12)
	copy(m[h.Emit(m):], "echo")
	icmpv4.Message(m).FillChecksum()
	if _, err := a.Send(fa, m, 0, never); err != nil {
		t.Fatal(err)
	}
	got, from := recv(t, b, fb)
	p, err := ipv4.Parse([]byte(got))
	must(t, err)
	if from.Addr() != addrA || p.Dst() != addrB || string(p.Payload()) != string(m) {
		t.Errorf("b heard % x from %v", got, from)
	}
	// b itself has answered.
	got, from = recv(t, a, fa)
	p, err = ipv4.Parse([]byte(got))
	must(t, err)
	r, err := icmpv4.Parse(p.Payload())
	must(t, err)
	if from.Addr() != addrB || r.Type() != icmpv4.TypeEchoReply || r.ID() != 7 || r.Seq() != 9 || string(r.Payload()) != "echo" {
		t.Errorf("a heard % x from %v", got, from)
	}
}
