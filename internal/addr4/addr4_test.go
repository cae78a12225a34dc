package addr4

import (
	"net/netip"
	"testing"
)

func TestPut(t *testing.T) {
	for addr, want := range map[netip.Addr][4]byte{
		netip.MustParseAddr("192.0.2.1"):        {192, 0, 2, 1},
		netip.MustParseAddr("::ffff:192.0.2.1"): {192, 0, 2, 1},
		netip.MustParseAddr("::192.0.2.1"):      {},
		netip.MustParseAddr("2001:db8::1"):      {},
		{}:                                      {},
	} {
		b := [6]byte{0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5}
		if Put(b[1:], addr); b != [6]byte{0xa5, want[0], want[1], want[2], want[3], 0xa5} {
			t.Errorf("%v: %x", addr, b)
		}
	}
}

func TestPutPanicsWhereThereIsNoRoom(t *testing.T) {
	b := []byte{0xa5, 0xa5, 0xa5}
	defer func() {
		if recover() == nil || b[0] != 0xa5 {
			t.Errorf("no panic, or too late: %x", b)
		}
	}()
	Put(b, netip.IPv4Unspecified())
}
