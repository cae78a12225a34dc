package espat

import (
	"net/netip"

	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/netlink"
)

// address asks for the interface's address.
func (m *chip) address() (netip.Prefix, error) {
	name, prefix := "+CIPSTA?", "+CIPSTA:"
	if m.joining.params.ConnectMode == netlink.ConnectModeAP {
		name, prefix = "+CIPAP?", "+CIPAP:"
	}
	var ip, mask netip.Addr
	m.conn.Command(name)
	err := m.query(quick, prefix, func(f at.Fields) bool {
		if f == nil {
			ip, mask = netip.Addr{}, netip.Addr{}
			return true
		}
		ok := true
		if a, is := at.Prefixed(f, "ip:"); is {
			ip, ok = a.Addr()
		} else if a, is := at.Prefixed(f, "netmask:"); is {
			mask, ok = a.Addr()
		}
		return ok
	})
	if err != nil || !ip.IsValid() {
		return netip.Prefix{}, err
	}
	bits := 0
	if mask.IsValid() {
		for _, b := range mask.As4() {
			for ; b&0x80 != 0; b <<= 1 {
				bits++
			}
		}
	}
	return netip.PrefixFrom(ip, bits), nil
}
