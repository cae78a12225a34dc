package stack_test

import (
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// cut is a connection between two stacks whose cable can be cut.
func cut(t *testing.T) (a, b *stack.Stack, fa, fb int, dev *ether.Device) {
	t.Helper()
	da, db := cable(t)
	a = newStack(t, da, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
	b = newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
	must(t, a.NetConnect(nil))
	must(t, b.NetConnect(nil))
	fa, fb = connected(t, a, b)
	return a, b, fa, fb, da
}

func TestAPeerThatIsGoneIsFoundOut(t *testing.T) {
	gone := ether.Impairment{Loss: 1}
	for _, c := range []struct {
		what     string
		set      func(s *stack.Stack, fd int) error
		send     bool
		min, max time.Duration
	}{
		{"by keep-alive", func(s *stack.Stack, fd int) error {
			for opt, v := range map[int]int{netdev.TCP_KEEPIDLE: 10, netdev.TCP_KEEPINTVL: 2, netdev.TCP_KEEPCNT: 3} {
				if err := s.SetSockOpt(fd, netdev.SOL_TCP, opt, v); err != nil {
					return err
				}
			}
			return s.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true)
		}, false, 14 * time.Second, 18 * time.Second},
		{"by the user timeout", func(s *stack.Stack, fd int) error {
			return s.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, 30_000)
		}, true, 30 * time.Second, 61 * time.Second},
		{"by retransmission", func(*stack.Stack, int) error { return nil }, true, 10 * time.Minute, 20 * time.Minute},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, _, fa, _, dev := cut(t)
				must(t, c.set(a, fa))
				time.Sleep(time.Second)
				must(t, dev.Impair(ether.Both, gone))
				start := time.Now()
				if c.send {
					if _, err := a.Send(fa, []byte("hello?"), 0, never); err != nil {
						t.Fatal(err)
					}
				}
				_, err := a.Recv(fa, make([]byte, 1), 0, never)
				d := time.Since(start)
				if err != netdev.ErrConnTimedOut && err != netdev.ErrHostUnreachable || d < c.min || d > c.max {
					t.Errorf("%v after %v, want a timeout after %v to %v", err, d, c.min, c.max)
				}
				if e, err := a.GetSockOpt(fa, netdev.SOL_SOCKET, netdev.SO_ERROR); e == nil || err != nil {
					t.Errorf("SO_ERROR = %v, %v", e, err)
				}
				if e, err := a.GetSockOpt(fa, netdev.SOL_SOCKET, netdev.SO_ERROR); e != nil || err != nil {
					t.Errorf("SO_ERROR once more = %v, %v", e, err)
				}
				if ev, err := a.Poll(fa); ev&netdev.PollHup == 0 || err != nil {
					t.Errorf("Poll = %#x, %v", ev, err)
				}
			})
		})
	}
}

func TestLingerDecidesWhatThePeerSees(t *testing.T) {
	for _, c := range []struct {
		seconds int
		want    error
	}{{-1, io.EOF}, {10, io.EOF}, {0, netdev.ErrConnReset}} {
		synctest.Test(t, func(t *testing.T) {
			a, b := pair(t, stack.Config{})
			fa, fb := connected(t, a, b)
			must(t, a.SetSockOpt(fa, netdev.SOL_SOCKET, netdev.SO_LINGER, c.seconds))
			must(t, a.Close(fa))
			if _, err := b.Recv(fb, make([]byte, 1), 0, never); err != c.want {
				t.Errorf("after Close with a linger of %d s the peer has %v, want %v", c.seconds, err, c.want)
			}
		})
	}
}

func TestAClosedConnectionIsForgottenInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		fa, fb := connected(t, a, b)
		for range 1000 {
			if _, err := a.Send(fa, make([]byte, 100), 0, never); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Recv(fb, make([]byte, 100), 0, never); err != nil {
				t.Fatal(err)
			}
		}
		must(t, a.Close(fa))
		must(t, b.Close(fb))
		time.Sleep(10 * time.Minute)
		for _, s := range []*stack.Stack{a, b} {
			if c := s.Counters(); c.BlocksInUse != 0 || c.Sockets != 0 {
				t.Errorf("%d blocks and %d sockets are left", c.BlocksInUse, c.Sockets)
			}
		}
	})
}

func TestAServerComesBackToItsPortAtOnce(t *testing.T) {
	a, b := pair(t, stack.Config{})
	lfd, name := listen(t, b, addrB, 4)
	fd := open(t, a, netdev.SOCK_STREAM)
	must(t, a.Connect(fd, "", name))
	afd, _, err := b.Accept(lfd)
	must(t, err)
	must(t, b.Close(afd)) // the server's end will be in TIME-WAIT
	must(t, b.Close(lfd))
	if _, err := a.Recv(fd, make([]byte, 1), 0, soon()); err != io.EOF {
		t.Fatal(err)
	}
	must(t, a.Close(fd))
	again := open(t, b, netdev.SOCK_STREAM)
	must(t, b.Bind(again, name))
	must(t, b.Listen(again, 4))
	must(t, a.Connect(open(t, a, netdev.SOCK_STREAM), "", name))
}

func TestTheNetworkIsToldWhatSocketsAsk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		raw, err := b.Socket(netdev.AF_INET, netdev.SOCK_RAW, netdev.IPPROTO_UDP)
		must(t, err)
		defer b.Close(raw)
		fd, _ := bound(t, a, addrA)
		must(t, a.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TTL, 7))
		must(t, a.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TOS, 0x20))
		must(t, a.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, 3))
		must(t, b.JoinGroup(raw, group, ""))
		for to, ttl := range map[netip.Addr]byte{addrB: 7, group: 3} {
			sendTo(t, a, fd, "x", at(to, 9))
			got, from := recv(t, b, raw)
			if from.Addr() != addrA || got[8] != ttl || got[1] != 0x20 {
				t.Errorf("to %v: TTL %d, TOS %#x", to, got[8], got[1])
			}
		}
		for opt, v := range map[int]any{netdev.IP_TTL: 0, netdev.IP_TOS: 256, netdev.IP_MULTICAST_TTL: -2, netdev.IP_MULTICAST_IF: addrB} {
			if err := a.SetSockOpt(fd, netdev.IPPROTO_IP, opt, v); err == nil {
				t.Errorf("option %#x may be %v", opt, v)
			}
		}
	})
}
