package stack_test

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// A jumbo card takes frames that are longer than a packet can be.
type jumbo struct{ card }

func (*jumbo) MaxFrameSizeAndOffset() (max, off int) { return 1 << 17, 0 }

func TestNoPacketIsLongerThanPacketsCanBe(t *testing.T) {
	s := newStack(t, &jumbo{}, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
	ifaces, err := s.Interfaces()
	must(t, err)
	for _, i := range ifaces {
		if i.MTU != 65535 {
			t.Errorf("%s carries %d", i.Name, i.MTU)
		}
	}
	must(t, s.NetConnect(nil))
	fa, fb := connected(t, s, s)
	go func() {
		s.Send(fa, make([]byte, 1<<20), 0, soon())
		s.Shutdown(fa, netdev.SHUT_WR)
	}()
	if got, err := readAll(s, fb); len(got) != 1<<20 || err != nil {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// RFC 2131 §2: a client takes messages of 576 bytes.
func TestDHCPNeedsRoomForItsMessages(t *testing.T) {
	for _, mtu := range []int{68, 575} {
		if _, err := stack.New(&card{}, stack.Config{MTU: mtu}); err != netdev.ErrInvalid {
			t.Errorf("DHCP in packets of %d: %v", mtu, err)
		}
		newStack(t, &card{}, stack.Config{MTU: mtu, Address: netip.PrefixFrom(addrA, 24)})
	}
	newStack(t, &card{}, stack.Config{MTU: 576})
}
