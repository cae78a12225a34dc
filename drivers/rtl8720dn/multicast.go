package rtl8720dn

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// JoinGroup has a datagram socket hear a group too.
func (d *Device) JoinGroup(sockfd int, group netip.Addr, iface string) error {
	return d.membership(sockfd, group, iface, ipAddMembership)
}

// LeaveGroup undoes JoinGroup.
func (d *Device) LeaveGroup(sockfd int, group netip.Addr, iface string) error {
	return d.membership(sockfd, group, iface, ipDropMembership)
}

func (d *Device) membership(sockfd int, group netip.Addr, iface string, name int) error {
	group = group.Unmap()
	if !group.Is4() || !group.IsMulticast() || iface != "" && iface != ifaceName {
		return netdev.ErrInvalid
	}
	return d.core.With(sockfd, func(s offload.Socket) error {
		if s.Kind != offload.Datagram {
			return netdev.ErrNotSupported
		}
		var value [8]byte // the group, and any interface
		ip := group.As4()
		copy(value[:], ip[:])
		return d.chip.setOption(s.ID, levelIP, name, value[:])
	})
}
