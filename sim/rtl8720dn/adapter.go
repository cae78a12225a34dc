package rtl8720dn

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

// A netif is an interface of lwIP. The chip's Network stands for the one that is
// in use: that of the station, or that of the access point where there is no
// station.
type netif struct {
	info   [12]byte // address, mask, gateway, as set_ip_info gave them
	leased bool     // the Network has an address from DHCP
	up     bool     // the Network has the address of info, or a lease
}

// apAddress is that of an access point which nobody has given one.
var apAddress = [12]byte{192, 168, 1, 1, 255, 255, 255, 0, 192, 168, 1, 1}

func init() {
	register(serviceAdapter, map[uint8]handler{
		0x01: func(_ *session, c *call) { c.putI32(success) },
		0x02: (*session).adapterStationStart,
		0x04: (*session).adapterStop,
		0x05: accepts(4),
		0x06: (*session).adapterDown,
		0x07: (*session).adapterGetIP,
		0x08: (*session).adapterSetIP,
		0x09: (*session).adapterSetDNS,
		0x0A: (*session).adapterGetDNS,
		0x0B: accepts(4), // the DHCP server: stations get their addresses from the simulated network
		0x0C: accepts(4),
		0x0D: (*session).adapterDHCPStart,
		0x0E: (*session).adapterDHCPStop,
		0x0F: (*session).adapterSetHostname,
		0x10: (*session).adapterGetHostname,
		0x11: (*session).adapterGetMAC,
	})
}

// netif reads an interface's number.
func (s *session) netif(c *call) *netif {
	n := c.u32()
	if n > 1 {
		n = 0
	}
	return &s.lwip.netifs[n]
}

// apNetif is the number of the interface that the access point has.
func (s *session) apNetif() int {
	if s.wifi.mode == modeBoth {
		return 1
	}
	return 0
}

// active reports whether n is the interface that the Network stands for.
func (s *session) active(n *netif) bool {
	switch {
	case s.linked() != nil:
		return n == &s.lwip.netifs[0]
	case s.accessPoint() != "":
		return n == &s.lwip.netifs[s.apNetif()]
	}
	return false
}

// up gives the Network the address of n, or with none one from DHCP.
func (s *session) up(n *netif) bool {
	s.down()
	info := s.static(n)
	var prefix netip.Prefix
	var gateway netip.Addr
	if info != [12]byte{} {
		ones := bits.LeadingZeros32(^binary.BigEndian.Uint32(info[4:]))
		prefix = netip.PrefixFrom(netip.AddrFrom4([4]byte(info[:4])), ones)
		if g := netip.AddrFrom4([4]byte(info[8:])); !g.IsUnspecified() && g != prefix.Addr() {
			gateway = g
		}
	}
	if err := s.network.Configure(prefix, gateway, s.nameServers()); err != nil {
		return false
	}
	if err := s.connectNetwork(); err != nil {
		return false
	}
	n.up, n.leased = true, info == [12]byte{}
	return true
}

// static returns the address that n was given, or has as an access point's.
func (s *session) static(n *netif) [12]byte {
	if n.info == [12]byte{} && s.accessPoint() != "" && s.active(n) && s.linked() == nil {
		return apAddress
	}
	return n.info
}

// connectNetwork is NetConnect, which the end of the session ends too.
func (s *session) connectNetwork() error {
	done := make(chan error, 1)
	go func() { done <- s.network.NetConnect(&netlink.ConnectParams{Retries: 1}) }()
	select {
	case err := <-done:
		return err
	case <-s.ctx.Done():
	}
	for {
		// It may have begun after kill's NetDisconnect.
		s.network.NetDisconnect()
		select {
		case err := <-done:
			return err
		case <-time.After(time.Millisecond):
		}
	}
}

// down takes the Network off.
func (s *session) down() {
	s.network.NetDisconnect()
	for i := range s.lwip.netifs {
		s.lwip.netifs[i].up, s.lwip.netifs[i].leased = false, false
	}
}

// lease has DHCP find an address, which holds the chip.
func (s *session) lease(n *netif) int32 {
	if s.linked() == nil || n != &s.lwip.netifs[0] {
		return failure
	}
	if n.leased && s.address(n) != [12]byte{} {
		return success
	}
	n.info = [12]byte{}
	if !s.up(n) {
		return failure
	}
	s.tellAddress(s.address(n))
	return success
}

// address returns what get_ip_info does.
func (s *session) address(n *netif) (info [12]byte) {
	if !n.leased {
		return s.static(n)
	}
	addr, err := s.network.Addr()
	if err != nil || !addr.Is4() {
		return info
	}
	ips, err := s.network.Interfaces()
	if err != nil {
		return info
	}
	for _, i := range ips {
		for _, p := range i.Addrs {
			if p.Addr() == addr {
				a := addr.As4()
				copy(info[:], a[:])
				binary.BigEndian.PutUint32(info[4:], ^uint32(0)<<(32-p.Bits()))
				g := s.router(p).As4()
				copy(info[8:], g[:])
			}
		}
	}
	return info
}

// router guesses the gateway of a lease, which no Network tells: the name server
// on the same network, or the first address of it.
func (s *session) router(p netip.Prefix) netip.Addr {
	for _, a := range s.network.DNSServers() {
		if p.Contains(a) {
			return a
		}
	}
	return p.Masked().Addr().Next()
}

func (s *session) adapterStationStart(c *call) {
	c.binary()
	c.binary()
	if c.short {
		return
	}
	c.putI32(s.lease(&s.lwip.netifs[0]))
}

func (s *session) adapterStop(c *call) {
	n := s.netif(c)
	if c.short {
		return
	}
	if n.leased {
		s.down()
	}
	c.putI32(success)
}

func (s *session) adapterDown(c *call) {
	c.u32()
	if c.short {
		return
	}
	s.leave()
	s.down()
	s.wifi.mode = modeNone
	c.putI32(success)
}

func (s *session) adapterGetIP(c *call) {
	n := s.netif(c)
	if c.short {
		return
	}
	info := s.address(n)
	c.putBinary(info[:])
	c.putI32(success)
}

func (s *session) adapterSetIP(c *call) {
	n, info := s.netif(c), c.binary()
	if c.short {
		return
	}
	copy(n.info[:], info)
	n.leased = false
	if s.active(n) {
		s.up(n)
	}
	c.putI32(success)
}

// nameServers are those that set_dns has set.
func (s *session) nameServers() (addrs []netip.Addr) {
	for _, a := range s.lwip.dns {
		if a.IsValid() && !a.IsUnspecified() {
			addrs = append(addrs, a)
		}
	}
	return addrs
}

func (s *session) adapterSetDNS(c *call) {
	n, kind, addr := s.netif(c), c.u32(), c.binary()
	if c.short {
		return
	}
	if int(kind) < len(s.lwip.dns) && len(addr) >= 4 {
		s.lwip.dns[kind] = netip.AddrFrom4([4]byte(addr))
	}
	if n.up && !n.leased && s.active(n) {
		s.up(n)
	}
	c.putI32(success)
}

func (s *session) adapterGetDNS(c *call) {
	_, kind := s.netif(c), c.u32()
	if c.short {
		return
	}
	addrs := s.network.DNSServers()
	if addrs == nil {
		addrs = s.nameServers()
	}
	var b [4]byte
	if int(kind) < len(addrs) {
		b = addrs[kind].As4()
	}
	c.putBinary(b[:])
	c.putI32(success)
}

func (s *session) adapterDHCPStart(c *call) {
	n := s.netif(c)
	if c.short {
		return
	}
	c.putI32(s.lease(n))
}

func (s *session) adapterDHCPStop(c *call) {
	n := s.netif(c)
	if c.short {
		return
	}
	if n.leased {
		s.down()
	}
	c.putI32(success)
}

// adapterSetHostname does what the firmware does: nothing.
func (s *session) adapterSetHostname(c *call) {
	c.u32()
	c.text()
	c.putI32(success)
}

func (s *session) adapterGetHostname(c *call) {
	c.u32()
	if !c.short {
		s.crash("get_hostname copies from a pointer that nobody has set")
	}
}

func (s *session) adapterGetMAC(c *call) {
	c.u32()
	c.putBinary(s.macText())
	c.putI32(success)
}
