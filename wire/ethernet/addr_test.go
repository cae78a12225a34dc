package ethernet

import (
	"net/netip"
	"testing"
)

func TestKindsOfAddresses(t *testing.T) {
	for _, c := range []struct {
		addr                        [6]byte
		broadcast, multicast, local bool
	}{
		{Broadcast, true, true, true},
		{[6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}, false, true, true},
		{[6]byte{0x01, 0x00, 0x5e, 0, 0, 1}, false, true, false},
		{[6]byte{0x33, 0x33, 0, 0, 0, 1}, false, true, true},
		{[6]byte{0x02}, false, false, true},
		{[6]byte{0x00, 0x1b, 0x21, 0xff, 0xff, 0xff}, false, false, false},
	} {
		if IsBroadcast(c.addr) != c.broadcast || IsMulticast(c.addr) != c.multicast || IsLocal(c.addr) != c.local {
			t.Errorf("%x: %v %v %v", c.addr, IsBroadcast(c.addr), IsMulticast(c.addr), IsLocal(c.addr))
		}
	}
}

func TestGroupsHaveTheirOwnAddresses(t *testing.T) {
	for group, want := range map[string][6]byte{
		"224.0.0.22":         {0x01, 0x00, 0x5e, 0x00, 0x00, 0x16}, // from a capture
		"239.4.5.6":          {0x01, 0x00, 0x5e, 0x04, 0x05, 0x06}, // from a capture
		"239.129.2.3":        {0x01, 0x00, 0x5e, 0x01, 0x02, 0x03}, // the upper 9 bits are lost
		"::ffff:224.0.0.251": {0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb},
		"ff02::1:ff23:34f":   {0x33, 0x33, 0xff, 0x23, 0x03, 0x4f}, // from a capture
	} {
		if got := Multicast(netip.MustParseAddr(group)); got != want {
			t.Errorf("%s: %x, want %x", group, got, want)
		}
	}
}

func TestTypesHaveNames(t *testing.T) {
	for typ, want := range map[EtherType]string{TypeIPv4: "IPv4", TypeVLAN: "802.1Q", TypeLLDP: "LLDP", 0x9abc: "0x9abc", 3: "0x0003"} {
		if got := typ.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
