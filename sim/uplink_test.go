package sim

import (
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/udp"
)

func TestAnUplinkKeepsWhatIsTheGateways(t *testing.T) {
	gw, board, other := [6]byte{2, 1}, [6]byte{2, 2}, [6]byte{2, 3}
	u := &uplink{mac: gw, addr: gatewayAddr}
	frame := func(dst, src [6]byte, h arp.Header) []byte {
		b := make([]byte, ethernet.HeaderLen+arp.Len)
		e := ethernet.Header{Dst: dst, Src: src, Type: ethernet.TypeARP}
		h.Emit(b[e.Emit(b):])
		return b
	}
	datagram := func(dst [6]byte, port uint16) []byte {
		b := make([]byte, ethernet.HeaderLen+ipv4.HeaderLen+udp.HeaderLen)
		e := ethernet.Header{Dst: dst, Src: board, Type: ethernet.TypeIPv4}
		n := e.Emit(b)
		h := ipv4.Header{TotalLen: ipv4.HeaderLen + udp.HeaderLen, TTL: 64, Protocol: udp.Protocol, Dst: netip.AddrFrom4([4]byte{255, 255, 255, 255})}
		n += h.Emit(b[n:])
		d := udp.Header{SrcPort: 68, DstPort: port, Length: udp.HeaderLen}
		d.Emit(b[n:])
		return b
	}
	own, far := netip.MustParseAddr("10.0.2.20"), netip.MustParseAddr("10.0.2.21")
	for name, c := range map[string]struct {
		frame []byte
		keeps bool
	}{
		"who is the gateway":        {frame(ethernet.Broadcast, board, arp.Request(board, own, gatewayAddr)), true},
		"the gateway asks":          {frame(ethernet.Broadcast, gw, arp.Request(gw, gatewayAddr, far)), true},
		"to the gateway":            {frame(gw, board, arp.Request(board, own, far)), true},
		"who is another board":      {frame(ethernet.Broadcast, board, arp.Request(board, own, far)), false},
		"a board probes an address": {frame(ethernet.Broadcast, board, arp.Probe(board, far)), false},
		"from board to board":       {frame(other, board, arp.Request(board, own, far)), false},
		"a board wants a lease":     {datagram(ethernet.Broadcast, 67), true},
		"a broadcast":               {datagram(ethernet.Broadcast, 6767), false},
		"from board to DHCP server": {datagram(other, 67), false},
		"no frame at all":           {[]byte{1, 2, 3}, true},
	} {
		if got := u.keeps(c.frame); got != c.keeps {
			t.Errorf("%s: keeps is %v", name, got)
		}
	}
}
