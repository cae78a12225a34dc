package rtl8720dn

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// Protection of a network, in the bits of the WiFi driver.
const (
	securityWPA  = 0x00200000
	securityWPA2 = 0x00400000
	cipherTKIP   = 0x00000002
	cipherAES    = 0x00000004
)

// security returns the WiFi driver's name for a protection.
func security(p *netlink.ConnectParams) uint32 {
	switch {
	case p.IsOpen():
		return 0
	case p.AuthType == netlink.AuthTypeWPA:
		return securityWPA | cipherTKIP
	case p.AuthType == netlink.AuthTypeWPA2Mixed:
		return securityWPA | securityWPA2
	}
	return securityWPA2 | cipherAES
}

// Why joining failed, as the WiFi driver says.
const (
	failedPassword  = 3
	failedHandshake = 4 // what a wrong passphrase looks like to WPA2
)

// joinNetwork joins a network, and has the chip find an address there. timeout is
// what both may take.
func (r *radio) joinNetwork(p *netlink.ConnectParams, timeout time.Duration) error {
	end := time.Now().Add(timeout)
	if err := r.turnOn(modeStation); err != nil {
		return err
	}
	r.setCountry(p.Country)
	if p.Hostname != "" {
		e := r.request(serviceTCPIP, tcpipSetHostname)
		e.Uint32(defaultInterface)
		e.String(p.Hostname)
		r.result(r.config.Timeout, repeat)
	}
	passphrase := p.Passphrase
	if p.IsOpen() {
		passphrase = ""
	}
	e := r.request(serviceWiFi, wifiConnect)
	e.String(p.Ssid)
	e.NullableString(passphrase)
	e.Uint32(security(p))
	e.Int32(-1) // the key's number, of WEP
	e.Uint32(0) // a semaphore
	n, err := r.result(time.Until(end), once)
	switch {
	case err != nil && !r.connected(), !r.booted:
		return netlink.ErrConnectFailed
	case err == nil && n != 0:
		return r.joinError()
	}
	if r.config.Address.IsValid() {
		return r.setAddress(r.config.Address, r.config.Gateway, r.config.DNS)
	}
	r.request(serviceTCPIP, tcpipDHCPCStart).Uint32(defaultInterface)
	n, err = r.result(time.Until(end), once)
	if err == nil && n != 0 {
		return netdev.ErrStartingDHCPClient
	}
	return nil // without a reply Joined looks for an address
}

// joinError asks why joining failed.
func (r *radio) joinError() error {
	r.request(serviceWiFi, wifiLastError)
	n, err := r.result(r.config.Timeout, repeat)
	if err == nil && (n == failedPassword || n == failedHandshake) {
		return netlink.ErrAuthFailure
	}
	return netlink.ErrConnectFailed
}

// setAddress gives the chip's interface an address.
func (r *radio) setAddress(a netip.Prefix, gateway netip.Addr, servers []netip.Addr) error {
	r.request(serviceTCPIP, tcpipDHCPCStop).Uint32(defaultInterface)
	r.result(r.config.Timeout, repeat)
	var b [12]byte
	ip := a.Addr().As4()
	copy(b[:], ip[:])
	mask := ^uint32(0) << (32 - a.Bits())
	b[4], b[5], b[6], b[7] = byte(mask>>24), byte(mask>>16), byte(mask>>8), byte(mask)
	if gateway.Is4() {
		gw := gateway.As4()
		copy(b[8:], gw[:])
	}
	e := r.request(serviceTCPIP, tcpipSetIP)
	e.Uint32(defaultInterface)
	e.Binary(b[:])
	if n, err := r.result(r.config.Timeout, repeat); err != nil || n != 0 {
		return netlink.ErrConnectFailed
	}
	for i := 0; i < len(servers) && i < len(r.dns); i++ {
		ip := servers[i].Unmap()
		if !ip.Is4() {
			continue
		}
		b := ip.As4()
		e := r.request(serviceTCPIP, tcpipSetDNS)
		e.Uint32(defaultInterface)
		e.Uint32(uint32(i))
		e.Binary(b[:])
		r.result(r.config.Timeout, repeat)
	}
	return nil
}

// Domains of regulation, as the WiFi driver numbers them.
const (
	domainWorld = 0
	domainETSI  = 1
	domainMKK   = 3
	domainFCC   = 5
)

// fcc are the countries that the WiFi driver counts to the FCC's, two letters each.
const fcc = "AS BM CA DM DO FM GD GT GU HT MH MP NI PA PR PW TW US VI"

// domain returns whose rules a country has.
func domain(country string) uint32 {
	if country == "XX" {
		return domainWorld
	}
	if country == "JP" {
		return domainMKK
	}
	for i := 0; i+2 <= len(fcc); i += 3 {
		if fcc[i:i+2] == country {
			return domainFCC
		}
	}
	return domainETSI
}

// setCountry has the radio keep to the rules of a country. A firmware that does
// not take it keeps to its own.
func (r *radio) setCountry(country string) {
	if len(country) != 2 {
		return
	}
	r.request(serviceWiFi, wifiSetCountry).Uint32(domain(country))
	r.result(r.config.Timeout, repeat)
}
