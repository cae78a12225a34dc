package w5500

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// JoinGroup has a bound datagram socket hear a group too; the chip has room for
// one on each socket. What this device sends to the group it hears as well. What
// waits on the socket is lost: the chip opens it anew.
func (d *Device) JoinGroup(sockfd int, group netip.Addr, iface string) error {
	return d.membership(sockfd, group, iface, true)
}

// LeaveGroup undoes JoinGroup.
func (d *Device) LeaveGroup(sockfd int, group netip.Addr, iface string) error {
	return d.membership(sockfd, group, iface, false)
}

func (d *Device) membership(sockfd int, group netip.Addr, iface string, join bool) error {
	group = group.Unmap()
	if !group.Is4() || !group.IsMulticast() || iface != "" && iface != ifaceName {
		return netdev.ErrInvalid
	}
	return d.core.With(sockfd, func(s offload.Socket) error {
		if s.Kind != offload.Datagram {
			return netdev.ErrNotSupported
		}
		return d.chip.failed(d.chip.setGroup(s.ID, group, join))
	})
}

// setGroup opens a socket anew, with a group or without.
func (c *chip) setGroup(id int, group netip.Addr, join bool) error {
	e, s := &c.ends[id], c.socketOf(id)
	switch {
	case join && e.group == group, !join && e.group != group:
		return netdev.ErrAddrNotAvailable
	case join && e.group.IsValid():
		return netdev.ErrNoBuffers
	case s.mode == 0:
		return netdev.ErrInvalid // it has no port yet
	}
	e.group, e.loop, e.looped = netip.Addr{}, nil, netip.AddrPort{}
	if join {
		e.group, e.loop = group, make([]byte, 0, maxDatagram)
	}
	return c.openDatagram(s)
}

// loopBack gives what is sent to a group to the sockets here that have joined it:
// the chip does not hear itself. There is room for one datagram on each.
func (c *chip) loopBack(b []byte, from uint16, to netip.AddrPort) {
	for id := range c.ends {
		e := &c.ends[id]
		if e.group != to.Addr() || e.port != to.Port() || e.looped.IsValid() {
			continue
		}
		e.loop = append(e.loop[:0], b...)
		e.looped = netip.AddrPortFrom(c.address.ip(), from)
		c.core.Signal(id)
	}
}

// takeLoop returns what loopBack has left.
func (e *end) takeLoop(b []byte) (int, netip.AddrPort) {
	from := e.looped
	e.looped = netip.AddrPort{}
	return copy(b, e.loop), from
}
