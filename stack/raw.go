package stack

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// inputRaw gives a packet, header included, to the raw sockets of its protocol,
// and reports whether there is one.
func (s *Stack) inputRaw(a *arrival, protocol uint8) bool {
	heard := false
	if a.foreign {
		return false
	}
	for k := s.raw; k != nil; k = k.next {
		if k.protocol != protocol || !k.hears(netip.AddrPortFrom(a.src, 0)) {
			continue
		}
		if local := k.local.Addr(); local.IsValid() && !local.IsUnspecified() && local != a.dst {
			continue
		}
		heard = true
		s.queueDatagram(k, netip.AddrPortFrom(a.src, 0), a.packet)
	}
	return heard
}

// sendRaw sends the payload of a packet.
func (s *Stack) sendRaw(k *socket, to netip.Addr, data []byte) error {
	d := k.dgram
	h, err := s.routeFor(k, to)
	if err != nil {
		return err
	}
	if !h.local && s.eth.isBroadcast(to) && d.noBroadcast {
		return netdev.ErrAccess
	}
	ttl := d.hopLimit(to)
	if ttl == 0 && !h.local {
		return nil // a group within the host
	}
	return s.sendIP(s.now(), &h,
		ipv4.Header{TOS: d.tos, ID: s.nextID(), TTL: ttl, Protocol: k.protocol, Src: h.src, Dst: to},
		&payload{data: data})
}
