package stack_test

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// Whatever a socket is bound to, what leaves has the address of eth0.
func TestWhatLeavesHasTheAddressOfTheInterface(t *testing.T) {
	s, r := recorded(t, stack.Config{})
	for _, stype := range []int{netdev.SOCK_DGRAM, netdev.SOCK_RAW} {
		for _, c := range []struct {
			local netip.Addr
			err   error
		}{
			{anywhere, nil}, {addrA, nil}, {group, nil}, {netip.MustParseAddr("10.0.0.255"), nil},
			{home, netdev.ErrInvalid}, // what Linux says to that
		} {
			r.packets = nil
			fd := open(t, s, stype)
			must(t, s.Bind(fd, at(c.local, 0)))
			if _, err := s.SendTo(fd, []byte("12345678"), 0, at(addrB, 9), never); err != c.err {
				t.Errorf("SendTo of a socket of type %d at %v: %v, want %v", stype, c.local, err, c.err)
			}
			for _, p := range r.packets {
				if p.Src() != addrA {
					t.Errorf("a socket of type %d at %v sends from %v", stype, c.local, p.Src())
				}
			}
			if n := len(r.packets); c.err == nil && n != 1 {
				t.Errorf("a socket of type %d at %v sends %d packets", stype, c.local, n)
			}
			must(t, s.Close(fd))
		}
	}
}

// All of 127/8 is this host, which speaks from one address.
func TestTheLoopbackInterfaceSpeaksFromItsAddress(t *testing.T) {
	s := alone(t, stack.Config{})
	other := netip.MustParseAddr("127.8.9.10")
	fd, name := bound(t, s, other)
	from, fromName := bound(t, s, anywhere)
	sendTo(t, s, from, "x", name)
	if _, got := recv(t, s, fd); got != at(home, fromName.Port()) {
		t.Errorf("a datagram to %v comes from %v", other, got)
	}
	must(t, s.Connect(from, "", name))
	if got, _ := s.GetSockName(from); got.Addr() != home {
		t.Errorf("connected to %v from %v", other, got)
	}
	if _, err := s.Ping(t.Context(), other, nil); err != nil {
		t.Error(err)
	}
}
