package w5500

import (
	"math/bits"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

// readdress has Network use the address in the registers, and none where SIPR is
// 0.0.0.0.
func (c *Chip) readdress() {
	c.addressAt = time.Time{}
	wanted := c.written()
	if wanted.prefix == c.address.prefix && wanted.gateway == c.address.gateway {
		return
	}
	c.leave()
	c.address = wanted
	if n := c.config.Network; n != nil && wanted.prefix.IsValid() {
		if err := n.Configure(wanted.prefix, wanted.gateway, nil); err == nil {
			c.address.up = n.NetConnect(&netlink.ConnectParams{}) == nil
		}
	}
	c.tellCable()
	for i := range c.sockets {
		if s := &c.sockets[i]; s.state() == srUDP {
			c.bindUDP(s)
		}
	}
}

// leave takes the address from Network. Connections are lost with it, and UDP
// sockets stay.
func (c *Chip) leave() {
	if c.config.Network == nil || !c.address.prefix.IsValid() {
		return
	}
	for i := range c.sockets {
		if s := &c.sockets[i]; s.state() == srUDP && s.fd >= 0 {
			c.release(s)
		}
	}
	c.config.Network.NetDisconnect()
	c.address = address{}
}

// written is what the registers say.
func (c *Chip) written() (a address) {
	ip := netip.AddrFrom4([4]byte(c.common[regSIPR:]))
	if ip.IsUnspecified() {
		return a
	}
	mask := uint32(word(c.common[regSUBR:]))<<16 | uint32(word(c.common[regSUBR+2:]))
	a.prefix = netip.PrefixFrom(ip, bits.LeadingZeros32(^mask))
	if g := netip.AddrFrom4([4]byte(c.common[regGAR:])); !g.IsUnspecified() {
		a.gateway = g
	}
	return a
}
