package stack_test

import (
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/igmp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

var group = netip.MustParseAddr("239.1.2.3")

// silent fails if a datagram is there for fd once nothing moves any more. It is
// for a bubble.
func silent(t *testing.T, s *stack.Stack, fd int) {
	t.Helper()
	synctest.Wait()
	buf := make([]byte, 64)
	if n, from, err := s.RecvFrom(fd, buf, netdev.MSG_DONTWAIT, never); err != netdev.ErrWouldBlock {
		t.Errorf("%q from %v, %v", buf[:n], from, err)
	}
}

func TestGroupsAreHeardByTheirMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		fa, nameA := bound(t, a, addrA)
		fb, name := bound(t, b, anywhere)
		to := at(group, name.Port())
		sendTo(t, a, fa, "too early", to)
		silent(t, b, fb)
		must(t, b.JoinGroup(fb, group, ""))
		if err := b.JoinGroup(fb, group, "eth0"); err != netdev.ErrAddrInUse {
			t.Errorf("joining twice: %v", err)
		}
		sendTo(t, a, fa, "hello, all", to)
		if got, from := recv(t, b, fb); got != "hello, all" || from != nameA {
			t.Errorf("%q from %v", got, from)
		}
		stranger, _ := bound(t, b, anywhere)
		sendTo(t, a, fa, "other port", at(group, portOf(t, b, stranger)))
		silent(t, b, stranger)
		must(t, b.LeaveGroup(fb, group, ""))
		sendTo(t, a, fa, "too late", to)
		silent(t, b, fb)
	})
}

func TestOwnGroupsAreHeardUnlessToldOtherwise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := alone(t, stack.Config{})
		fd, name := bound(t, s, anywhere)
		must(t, s.JoinGroup(fd, group, ""))
		sendTo(t, s, fd, "echo", at(group, name.Port()))
		if got, _ := recv(t, s, fd); got != "echo" {
			t.Errorf("%q", got)
		}
		must(t, s.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, false))
		sendTo(t, s, fd, "no echo", at(group, name.Port()))
		silent(t, s, fd)
	})
}

func TestInterfacesTellTheirGroups(t *testing.T) {
	s := alone(t, stack.Config{})
	all, mdns := netip.MustParseAddr("224.0.0.1"), netip.MustParseAddr("224.0.0.251")
	want := func(when string, lo, eth []netip.Addr) {
		t.Helper()
		ifaces, err := s.Interfaces()
		must(t, err)
		for i, want := range [][]netip.Addr{lo, eth} {
			if got := ifaces[i].Groups; got == nil || !slices.Equal(got, want) {
				t.Errorf("%s, %s is in %v, want %v", when, ifaces[i].Name, got, want)
			}
		}
	}
	open(t, s, netdev.SOCK_STREAM)
	one, two := open(t, s, netdev.SOCK_DGRAM), open(t, s, netdev.SOCK_DGRAM)
	want("at first", nil, []netip.Addr{all})
	must(t, s.JoinGroup(one, mdns, ""))
	must(t, s.JoinGroup(two, mdns, "eth0"))
	must(t, s.JoinGroup(two, group, "lo"))
	want("joined", []netip.Addr{group}, []netip.Addr{all, mdns})
	must(t, s.LeaveGroup(one, mdns, ""))
	want("one of two has left", []netip.Addr{group}, []netip.Addr{all, mdns})
	must(t, s.Close(two))
	want("both have", nil, []netip.Addr{all})
}

func TestTheLinkIsToldOfGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev, far := cable(t)
		s := newStack(t, dev, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
		reports := make(chan igmp.Message, 16)
		far.SetEthRecvHandler(func(frame []byte) {
			f, err := ethernet.Parse(append([]byte(nil), frame...))
			if err != nil || f.Type() != ethernet.TypeIPv4 {
				return
			}
			p, err := ipv4.Parse(f.Payload())
			if err != nil || p.Protocol() != igmp.Protocol {
				return
			}
			if !p.HasRouterAlert() || p.TTL() != 1 || p.Src() != addrA || !p.ChecksumOK() {
				t.Errorf("packet % x", []byte(p))
			}
			m, err := igmp.Parse(p.Payload())
			if err != nil || !m.ChecksumOK() {
				t.Error(err)
			}
			reports <- m
		})
		must(t, s.NetConnect(nil))
		one, two := open(t, s, netdev.SOCK_DGRAM), open(t, s, netdev.SOCK_DGRAM)
		must(t, s.JoinGroup(one, group, ""))
		synctest.Wait()
		report := func(kind igmp.RecordType) {
			t.Helper()
			m := <-reports
			r := m.Records()
			if !r.Next() || r.Record().Type() != kind || r.Record().Group() != group {
				t.Fatalf("report % x, want one of kind %v", []byte(m), kind)
			}
		}
		report(igmp.ChangeToExclude)
		report(igmp.ChangeToExclude) // once more, for it may have been lost
		must(t, s.JoinGroup(two, group, ""))
		must(t, s.LeaveGroup(one, group, ""))
		synctest.Wait()
		if len(reports) > 0 {
			t.Errorf("reports of what has not changed: % x", <-reports)
		}
		must(t, s.Close(two))
		report(igmp.ChangeToInclude)
	})
}

func TestBroadcastsNeedPermissionAndReachAll(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, nameA := bound(t, a, addrA)
	for _, to := range []netip.Addr{netip.MustParseAddr("255.255.255.255"), netip.MustParseAddr("10.0.0.255")} {
		fb, name := bound(t, b, anywhere)
		sendTo(t, a, fa, "anybody?", at(to, name.Port()))
		if got, from := recv(t, b, fb); got != "anybody?" || from != nameA {
			t.Errorf("%q from %v", got, from)
		}
		must(t, a.SetSockOpt(fa, netdev.SOL_SOCKET, netdev.SO_BROADCAST, false))
		if _, err := a.SendTo(fa, nil, 0, at(to, name.Port()), never); err != netdev.ErrAccess {
			t.Errorf("SendTo %v without permission: %v", to, err)
		}
		must(t, a.SetSockOpt(fa, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true))
	}
	if err := a.Connect(open(t, a, netdev.SOCK_STREAM), "", netip.MustParseAddrPort("10.0.0.255:80")); err != netdev.ErrNetUnreachable {
		t.Errorf("a stream to everybody: %v", err)
	}
}
