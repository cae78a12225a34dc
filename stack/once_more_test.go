package stack_test

import (
	"math"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/stack"
)

func TestEachAttemptToConnectHasAnErrorOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := pair(t, stack.Config{})
		fd := open(t, a, netdev.SOCK_STREAM)
		must(t, a.SetNonblock(fd, true))
		for range 2 {
			if err := a.Connect(fd, "", at(addrB, 9)); err != netdev.ErrInProgress {
				t.Fatal(err)
			}
			synctest.Wait()
			for _, want := range []any{netdev.ErrConnRefused, nil} {
				if got, err := a.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ERROR); got != want || err != nil {
					t.Errorf("SO_ERROR = %v, %v, want %v", got, err, want)
				}
			}
			if err := a.Connect(fd, "", at(addrB, 9)); err != netdev.ErrConnRefused {
				t.Errorf("the outcome is %v", err)
			}
		}
	})
}

// Two that agreed to share a port cannot both listen on it, be the address of one
// a part of the other's.
func TestOneOfThoseThatShareAPortListens(t *testing.T) {
	s := alone(t, stack.Config{})
	for _, second := range []netip.Addr{anywhere, addrA, home} {
		var fds [2]int
		for i, addr := range []netip.Addr{anywhere, second} {
			fds[i] = open(t, s, netdev.SOCK_STREAM)
			must(t, s.SetSockOpt(fds[i], netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true))
			must(t, s.Bind(fds[i], at(addr, 80)))
		}
		must(t, s.Listen(fds[1], 1))
		if err := s.Listen(fds[0], 1); err != netdev.ErrAddrInUse {
			t.Errorf("a second listener beside that on %v: %v", second, err)
		}
		must(t, s.Close(fds[1]))
		must(t, s.Listen(fds[0], 1))
		must(t, s.Close(fds[0]))
	}
}

func TestATimeThatIsTooLongIsRefused(t *testing.T) {
	s := alone(t, stack.Config{})
	fd := open(t, s, netdev.SOCK_STREAM)
	must(t, s.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, math.MaxInt32))
	if v, err := s.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT); v != math.MaxInt32 || err != nil {
		t.Errorf("TCP_USER_TIMEOUT = %v, %v", v, err)
	}
	if math.MaxInt > math.MaxInt32 {
		if err := s.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, math.MaxInt); err != netdev.ErrInvalid {
			t.Errorf("292 million years: %v", err)
		}
	}
}

func TestPingThatFindsNoRoomSaysSo(t *testing.T) {
	s, _, flow := full(t, stack.Config{})
	if _, err := s.Ping(t.Context(), home, nil); err != netdev.ErrNoBuffers {
		t.Errorf("Ping = %v", err)
	}
	flow()
	if _, err := s.Ping(t.Context(), home, nil); err != nil {
		t.Errorf("Ping = %v", err)
	}
}

func TestAGroupInNoHopIsWithinTheHost(t *testing.T) {
	s, r := recorded(t, stack.Config{})
	for _, stype := range []int{netdev.SOCK_DGRAM, netdev.SOCK_RAW} {
		fd := open(t, s, stype)
		must(t, s.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, 0))
		sendTo(t, s, fd, "12345678", at(group, 9))
	}
	if len(r.packets) > 0 {
		t.Errorf("sent % x", []byte(r.packets[0]))
	}
}

// Who does not listen hears less, and of what counts.
func TestEventsThatNobodyHearsDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev, _ := cable(t)
		r := &radio{Device: dev}
		s := newStack(t, r, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
		listen := make(chan struct{})
		var told []netlink.Event
		s.NetNotify(func(e netlink.Event) {
			<-listen
			told = append(told, e)
		})
		go s.NetConnect(nil)
		synctest.Wait()
		for range 1000 {
			r.notify(netlink.EventNetDown)
			r.notify(netlink.EventNetUp)
		}
		r.notify(netlink.EventNetDown)
		close(listen)
		synctest.Wait()
		if len(told) > 4 || told[0] != netlink.EventNetUp || told[len(told)-1] != netlink.EventNetDown {
			t.Errorf("told %v", told)
		}
		for i, e := range told {
			if up := e == netlink.EventNetUp; up != (i%2 == 0) {
				t.Errorf("event %d is %v", i, e)
			}
		}
	})
}
