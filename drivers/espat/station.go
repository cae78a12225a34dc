package espat

import (
	"net/netip"

	"github.com/netdev-go/netdev/netlink"
)

// station sets up what joining needs.
func (m *chip) station(p *netlink.ConnectParams) error {
	if p.Country != "" && p.Country != "XX" {
		m.conn.Command("+CWCOUNTRY=").Int(1).Quoted(p.Country).Int(1).Int(channels(p.Country))
		if m.exec(quick) != nil {
			return netlink.ErrNotSupported
		}
	}
	if p.Hostname != "" {
		m.conn.Command("+CWHOSTNAME=").Quoted(p.Hostname)
		if m.exec(quick) != nil {
			return netlink.ErrNotSupported
		}
	}
	c := &m.config
	if c.Address.IsValid() {
		m.conn.Command("+CIPSTA=").Addr(c.Address.Addr()).Addr(gatewayOf(c)).Addr(maskOf(c.Address))
	} else {
		m.conn.Command("+CWDHCP=").Int(1).Int(1)
	}
	if err := m.must(quick); err != nil {
		return err
	}
	m.conn.Command("+CIPDNS=").Int(boolInt(len(c.DNS) > 0))
	for _, a := range c.DNS[:min(len(c.DNS), 3)] {
		m.conn.Again().Addr(a)
	}
	return m.must(quick)
}

func gatewayOf(c *Config) netip.Addr {
	if c.Gateway.IsValid() {
		return c.Gateway
	}
	return c.Address.Addr() // there is none
}

func maskOf(p netip.Prefix) netip.Addr {
	mask := ^uint32(0) << (32 - p.Bits())
	return netip.AddrFrom4([4]byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)})
}

func channels(country string) int {
	switch country {
	case "US", "CA", "TW", "MX":
		return 11
	case "JP":
		return 14
	}
	return 13
}

// serveAP has the module be an access point.
func (m *chip) serveAP(p *netlink.ConnectParams) error {
	if err := m.mode(2); err != nil {
		return err
	}
	protection := protectionOf(p.AuthType)
	pass := p.Passphrase
	if p.IsOpen() {
		protection, pass = 0, ""
	}
	m.conn.Command("+CWSAP=").Quoted(p.Ssid).Quoted(pass).Int(1).Int(protection)
	if err := m.must(3 * quick); err != nil {
		return err
	}
	if c := &m.config; c.Address.IsValid() {
		m.conn.Command("+CIPAP=").Addr(c.Address.Addr()).Addr(gatewayOf(c)).Addr(maskOf(c.Address))
		return m.must(quick)
	}
	return nil
}

// protectionOf is how the firmware counts it.
func protectionOf(a netlink.AuthType) int {
	switch a {
	case netlink.AuthTypeOpen:
		return 0
	case netlink.AuthTypeWPA:
		return 2
	case netlink.AuthTypeWPA2Mixed:
		return 4
	}
	return 3
}
