package sim

import (
	"net/netip"

	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/udp"
)

// An uplink is the way from the switch of one process to the segment that it
// shares with others. Each process has a gateway of the same address, which is
// there for its own boards alone: what is said to a gateway, and what it says,
// stays in the process.
type uplink struct {
	*ether.Device
	mac  [6]byte // of the gateway
	addr netip.Addr
}

func (u *uplink) SendOffsetEthFrame(frame []byte) error {
	if u.keeps(frame) {
		return nil
	}
	return u.Device.SendOffsetEthFrame(frame)
}

func (u *uplink) keeps(frame []byte) bool {
	f, err := ethernet.Parse(frame)
	if err != nil {
		return true
	}
	if f.Src() == u.mac || f.Dst() == u.mac {
		return true
	}
	switch f.Type() {
	case ethernet.TypeARP:
		p, err := arp.Parse(f.Payload())
		return err == nil && p.TargetIP() == u.addr
	case ethernet.TypeIPv4:
		return ethernet.IsBroadcast(f.Dst()) && isDHCP(f.Payload())
	}
	return false
}

// isDHCP reports whether a packet is for a DHCP server.
func isDHCP(packet []byte) bool {
	p, err := ipv4.Parse(packet)
	if err != nil || p.Protocol() != udp.Protocol {
		return false
	}
	d, err := udp.Parse(p.Payload())
	return err == nil && d.DstPort() == dhcpPort
}

const dhcpPort = 67
