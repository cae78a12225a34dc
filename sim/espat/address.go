package espat

import (
	"math/bits"
	"net"
	"net/netip"

	"github.com/netdev-go/netdev/netlink"
)

func init() {
	register("CIPSTAMAC", nil, func(c *call) error {
		c.s.linef("+CIPSTAMAC:\"%s\"\r\n", net.HardwareAddr(c.s.mac()))
		return nil
	}, nil)
	register("CIPSTA", nil, func(c *call) error { return c.tellAddress(station) }, setAddress)
	register("CIPAP", nil, func(c *call) error { return c.tellAddress(softAP) }, setAPAddress)
	register("CWDHCP", nil, show(func(s *session) int { return flag(!s.static.IsValid()) | 2 }), func(c *call) error {
		on, which := c.number(0, 1, -1), c.number(0, 3, -1)
		if !c.complete() {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if on == 1 && which&station != 0 {
			c.s.static = netip.Prefix{}
			c.s.save()
		}
		return nil
	})
	register("CIPDNS", nil, tellDNS, setDNS)
	register("CIFSR", func(c *call) error {
		addr, _, _ := c.s.address()
		c.s.linef("+CIFSR:STAIP,\"%v\"\r\n", addr)
		c.s.linef("+CIFSR:STAMAC,\"%s\"\r\n", net.HardwareAddr(c.s.mac()))
		return nil
	}, nil, nil)
	register("CWHOSTNAME", nil, func(c *call) error {
		c.s.mu.Lock()
		name := c.s.wifi.hostname
		c.s.mu.Unlock()
		c.s.linef("+CWHOSTNAME:%s\r\n", name)
		return nil
	}, func(c *call) error {
		name := c.text(32)
		if !c.complete() || name == "" {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if c.s.mode&station == 0 {
			return errFailed
		}
		c.s.wifi.hostname = name
		return nil
	})
	register("CWCOUNTRY", nil, func(c *call) error {
		c.s.mu.Lock()
		w := c.s.wifi
		c.s.mu.Unlock()
		if w.country == "" {
			w.country, w.first, w.channels = "CN", 1, 13
		}
		c.s.linef("+CWCOUNTRY:%d,%s,%d,%d\r\n", w.policy, quote(w.country), w.first, w.channels)
		return nil
	}, func(c *call) error {
		policy, code, first, n := c.number(0, 1, -1), c.text(3), c.number(1, 14, -1), c.number(1, 14, -1)
		if !c.complete() || len(code) < 2 {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		w := &c.s.wifi
		w.policy, w.country, w.first, w.channels = policy, code, first, n
		return nil
	})
	register("CWSAP", nil, func(c *call) error {
		c.s.mu.Lock()
		a := c.s.ap
		c.s.mu.Unlock()
		c.s.linef("+CWSAP:%s,%s,%d,%d,%d,%d\r\n", quote(a.ssid), quote(a.passphrase), a.channel, a.ecn, a.most, a.hidden)
		return nil
	}, setAP)
}

func (s *session) mac() []byte {
	if m := s.chip.config.MAC; m != ([6]byte{}) {
		return m[:]
	}
	if s.net != nil {
		if m, err := s.net.GetHardwareAddr(); err == nil {
			return m
		}
	}
	return make([]byte, 6)
}

// address returns what the network has: zeros where it has nothing.
func (s *session) address() (addr, gateway, mask netip.Addr) {
	zero := netip.IPv4Unspecified()
	addr, gateway, mask = zero, zero, zero
	if s.net == nil {
		return
	}
	a, err := s.net.Addr()
	if err != nil {
		return
	}
	addr = a
	list, _ := s.net.Interfaces()
	for _, i := range list {
		for _, p := range i.Addrs {
			if p.Addr() == a {
				mask = netip.AddrFrom4([4]byte(net.CIDRMask(p.Bits(), 32)))
				gateway = p.Masked().Addr().Next()
			}
		}
	}
	s.mu.Lock()
	if s.static.IsValid() && s.gateway.IsValid() {
		gateway = s.gateway
	}
	s.mu.Unlock()
	return
}

func (c *call) tellAddress(which int) error {
	s := c.s
	addr, gateway, mask := s.address()
	s.mu.Lock()
	if which == softAP {
		addr, gateway = s.apAddr.Addr(), s.apGateway
		mask = netip.AddrFrom4([4]byte(net.CIDRMask(s.apAddr.Bits(), 32)))
	} else if s.wifi.station == nil {
		addr, gateway, mask = netip.IPv4Unspecified(), netip.IPv4Unspecified(), netip.IPv4Unspecified()
	}
	s.mu.Unlock()
	s.linef("+%s:ip:\"%v\"\r\n", c.name, addr)
	s.linef("+%s:gateway:\"%v\"\r\n", c.name, gateway)
	s.linef("+%s:netmask:\"%v\"\r\n", c.name, mask)
	return nil
}

// prefix reads an address, a gateway and a mask.
func (c *call) prefix() (p netip.Prefix, gateway netip.Addr) {
	addr, gateway, mask := c.addr(), c.addr(), c.addr()
	if !addr.IsValid() || gateway.IsValid() != mask.IsValid() || !c.complete() {
		c.failed = true
		return
	}
	if !mask.IsValid() {
		mask = netip.AddrFrom4([4]byte{255, 255, 255, 0})
	}
	m := mask.As4()
	n := bits.LeadingZeros32(^(uint32(m[0])<<24 | uint32(m[1])<<16 | uint32(m[2])<<8 | uint32(m[3])))
	return netip.PrefixFrom(addr, n), gateway
}

// setAddress has the station use a static address, at once where it is joined.
func setAddress(c *call) error {
	p, gateway := c.prefix()
	if c.failed {
		return errParameters
	}
	s := c.s
	s.mu.Lock()
	s.static, s.gateway = p, gateway
	s.save()
	up := s.wifi.state == stateUp
	s.mu.Unlock()
	if !up {
		return nil
	}
	s.down()
	if s.up(defaultJoin) != nil {
		return errFailed
	}
	return nil
}

func setAPAddress(c *call) error {
	p, gateway := c.prefix()
	if c.failed {
		return errParameters
	}
	c.s.mu.Lock()
	c.s.apAddr, c.s.apGateway = p, gateway
	c.s.save()
	up := c.s.wifi.apUp
	c.s.mu.Unlock()
	if up {
		return c.s.startAP()
	}
	return nil
}

func setAP(c *call) error {
	a := accessPoint{ssid: c.text(32), passphrase: c.text(64), channel: c.number(1, 14, -1), ecn: c.number(0, 4, -1)}
	a.most, a.hidden = c.number(1, 10, 4), c.number(0, 1, 0)
	if !c.complete() || a.ssid == "" || a.ecn == 1 || a.ecn != 0 && len(a.passphrase) < 8 {
		return errParameters
	}
	s := c.s
	s.mu.Lock()
	if s.mode&softAP == 0 {
		s.mu.Unlock()
		return errFailed
	}
	s.ap = a
	s.save()
	alone := s.mode == softAP
	s.mu.Unlock()
	if alone {
		return s.startAP()
	}
	return nil
}

// startAP gives the network the address of our own access point.
func (s *session) startAP() error {
	if s.net == nil {
		return errFailed
	}
	s.down()
	s.mu.Lock()
	p, gateway := s.apAddr, s.apGateway
	s.mu.Unlock()
	if gateway == p.Addr() {
		gateway = netip.Addr{}
	}
	err := s.net.Configure(p, gateway, nil)
	if err == nil {
		err = s.net.NetConnect(&netlink.ConnectParams{})
	}
	if err != nil {
		return errFailed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wifi.apUp = true
	return nil
}

func tellDNS(c *call) error {
	s := c.s
	s.mu.Lock()
	manual, list := s.manualDNS, s.dns
	s.mu.Unlock()
	if !manual && s.net != nil {
		list = s.net.DNSServers()
	}
	text := ""
	for _, a := range list {
		text += ",\"" + a.String() + "\""
	}
	s.linef("+CIPDNS:%d%s\r\n", flag(manual), text)
	return nil
}

func setDNS(c *call) error {
	manual := c.number(0, 1, -1)
	var list []netip.Addr
	for len(c.params) > 0 {
		if a := c.addr(); a.IsValid() {
			list = append(list, a)
		}
	}
	if !c.complete() || len(list) > 3 {
		return errParameters
	}
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	s.manualDNS, s.dns = manual == 1, nil
	if manual == 1 {
		s.dns = list
	}
	s.save()
	return nil
}
