package stack_test

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

func congestionOf(t *testing.T, s *stack.Stack, fd int) any {
	t.Helper()
	v, err := s.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION)
	must(t, err)
	return v
}

func setCongestion(s *stack.Stack, fd int, name any) error {
	return s.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION, name)
}

func TestASocketHasTheCongestionControlItNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := alone(t, stack.Config{Congestion: congestion.NewReno, Algorithms: []congestion.Algorithm{congestion.BBR}})
		fd := open(t, s, netdev.SOCK_STREAM)
		if got := congestionOf(t, s, fd); got != "reno" {
			t.Errorf("at first %v", got)
		}
		for _, c := range []struct{ name, want string }{{"bbr", "bbr"}, {"cubic", "cubic"}, {"reno", "reno"}, {"bbr", "bbr"}, {"newreno", "reno"}} {
			must(t, setCongestion(s, fd, c.name))
			if got := congestionOf(t, s, fd); got != c.want {
				t.Errorf("%s gives %v, want %s", c.name, got, c.want)
			}
		}
		for _, name := range []any{"vegas", "", 1, nil} {
			if err := setCongestion(s, fd, name); !errors.Is(err, netdev.ErrInvalid) {
				t.Errorf("%v: %v", name, err)
			}
		}
		udp := open(t, s, netdev.SOCK_DGRAM)
		if err := setCongestion(s, udp, "cubic"); !errors.Is(err, netdev.ErrNotSupported) {
			t.Errorf("of a datagram socket: %v", err)
		}
	})
}

func TestAStackKnowsTheAlgorithmsItWasGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := alone(t, stack.Config{})
		fd := open(t, s, netdev.SOCK_STREAM)
		if got := congestionOf(t, s, fd); got != "cubic" {
			t.Errorf("the default is %v", got)
		}
		for _, name := range []string{"bbr", "reno", "newreno"} {
			if err := setCongestion(s, fd, name); !errors.Is(err, netdev.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAcceptedSocketsHaveTheCongestionControlOfTheirListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{Algorithms: []congestion.Algorithm{congestion.BBR}})
		l := open(t, b, netdev.SOCK_STREAM)
		must(t, setCongestion(b, l, "bbr"))
		must(t, b.Bind(l, at(addrB, 80)))
		must(t, b.Listen(l, 1))
		fd := open(t, a, netdev.SOCK_STREAM)
		must(t, a.Connect(fd, "", at(addrB, 80)))
		peer, _, err := b.Accept(l)
		must(t, err)
		defer b.Close(peer)
		if got := congestionOf(t, b, peer); got != "bbr" {
			t.Errorf("%v", got)
		}
	})
}

func TestCongestionControlChangesOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{Algorithms: []congestion.Algorithm{congestion.BBR}})
		fa, fb := connected(t, a, b)
		const piece = 100_000
		go func() {
			for _, name := range []string{"cubic", "bbr", "cubic", "bbr"} {
				if err := setCongestion(a, fa, name); err != nil {
					t.Error(err)
				}
				if _, err := a.Send(fa, make([]byte, piece), 0, soon()); err != nil {
					t.Error(err)
				}
			}
			a.Shutdown(fa, netdev.SHUT_WR)
		}()
		got, buf := 0, make([]byte, 4096)
		for {
			n, err := b.Recv(fb, buf, 0, soon())
			if got += n; err == io.EOF {
				break
			}
			must(t, err)
		}
		if got != 4*piece {
			t.Errorf("%d bytes of %d", got, 4*piece)
		}
	})
}
