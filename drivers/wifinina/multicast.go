package wifinina

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// ifname is the name of the one interface.
const ifname = "wlan0"

// JoinGroup has a datagram socket, which must be bound, hear a group: one at most.
// Only the older set of the firmware's sockets can, so that the socket becomes one
// of those, which receive no empty datagram; what had arrived before is lost.
func (d *Device) JoinGroup(sockfd int, group netip.Addr, iface string) error {
	if err := checkGroup(group, iface); err != nil {
		return err
	}
	return d.chip.core.With(sockfd, func(o offload.Socket) error {
		c := &d.chip
		s := &c.socks[o.ID]
		switch {
		case o.Kind != offload.Datagram || s.local == 0 || s.num == none:
			return netdev.ErrInvalid
		case s.group == group.Unmap():
			return netdev.ErrAddrInUse
		case s.group.IsValid():
			return netdev.ErrNoBuffers
		}
		return c.rebind(s, group.Unmap())
	})
}

// LeaveGroup ends what JoinGroup began.
func (d *Device) LeaveGroup(sockfd int, group netip.Addr, iface string) error {
	if err := checkGroup(group, iface); err != nil {
		return err
	}
	return d.chip.core.With(sockfd, func(o offload.Socket) error {
		s := &d.chip.socks[o.ID]
		if s.group != group.Unmap() {
			return netdev.ErrAddrNotAvailable
		}
		return d.chip.rebind(s, netip.Addr{})
	})
}

func checkGroup(group netip.Addr, iface string) error {
	group = group.Unmap()
	if !group.Is4() || !group.IsMulticast() || iface != "" && iface != ifname {
		return netdev.ErrInvalid
	}
	return nil
}

// rebind gives a datagram socket another one of the chip's at the same port: one
// that hears group, or, where group is not valid, none.
func (c *chip) rebind(s *sock, group netip.Addr) error {
	before := s.group
	c.release(s)
	err := c.openBound(s, group)
	if err != nil && group.IsValid() {
		c.openBound(s, before) // as it was, if that can be had
	}
	return err
}

func (c *chip) release(s *sock) {
	switch {
	case s.num == none:
	case s.slot:
		c.closeSlot(s)
	default:
		c.closeFD(s.num)
	}
	s.num = none
}

// openBound gives s a socket of the chip's at its port, or leaves it without one.
func (c *chip) openBound(s *sock, group netip.Addr) error {
	s.group = group
	if group.IsValid() {
		s.slot = true
		return c.startServer(s, s.local, modeMulticast)
	}
	if s.slot = c.legacy; s.slot {
		return c.startServer(s, s.local, modeUDP)
	}
	fd, err := c.openFD(s.kind)
	if err != nil {
		return err
	}
	c.socks.void(false, fd)
	s.num, s.cast = fd, false
	if err = c.bindFD(s, s.local, false); err != nil {
		c.release(s)
	}
	return err
}
