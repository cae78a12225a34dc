package wifinina

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/netlink"
)

// States of the firmware's radio.
const (
	statusIdle         = 0
	statusJoining      = 1
	statusScanned      = 2
	statusConnected    = 3
	statusFailed       = 4
	statusDisconnected = 6
	statusAPListening  = 7
	statusAPConnected  = 8
	statusAPFailed     = 9
	statusNoShield     = 255
)

// Reasons for not being connected, of 802.11 and of the ESP32.
const (
	reasonNone             = 0
	reasonAuthExpired      = 2
	reasonLeft             = 8
	reasonMICFailure       = 14
	reasonHandshakeTimeout = 15
	reasonNoAP             = 201
	reasonAuthFailed       = 202
	reasonHandshakeTime    = 204
)

// Kinds of protection, as the firmware tells them.
const (
	authWPA  = 2
	authWPA2 = 4
	authWEP  = 5
	authOpen = 7
)

const (
	maxSSID       = 32
	maxPassphrase = 63
)

// A radio is the link.Radio of a chip.
type radio struct {
	*chip
	protected bool // WPA2 was asked for
}

// Join begins to join, or is an access point when it returns.
func (r *radio) Join(p *netlink.ConnectParams) error {
	switch {
	case p.AuthType != netlink.AuthTypeOpen && p.AuthType != netlink.AuthTypeWPA2:
		return netlink.ErrAuthTypeNoGood
	case p.Country != "" && p.Country != "XX":
		return netlink.ErrNotSupported
	case len(p.Ssid) > maxSSID || len(p.Passphrase) > maxPassphrase || len(p.Hostname) > maxSSID:
		return netlink.ErrNotSupported // the firmware's memory ends there
	case r.config.Address.IsValid() && !r.config.Address.Addr().Is4():
		return netlink.ErrNotSupported
	}
	if err := r.boot(); err != nil {
		return netlink.ErrConnectFailed
	}
	// Only what comes before joining counts.
	if p.Hostname != "" {
		r.port.Begin(nina.SetHostname).Text(p.Hostname)
		if _, err := r.exchange(); err != nil {
			return netlink.ErrConnectFailed
		}
	}
	if err := r.setAddress(); err != nil {
		return netlink.ErrConnectFailed
	}
	r.protected = !p.IsOpen()
	if r.ap = p.ConnectMode == netlink.ConnectModeAP; r.ap {
		return r.beAP(p)
	}
	cmd := nina.SetNetwork
	if r.protected {
		cmd = nina.SetPassphrase
	}
	q := r.port.Begin(cmd)
	q.Text(p.Ssid)
	if r.protected {
		q.Text(p.Passphrase)
	}
	if rep, err := r.exchange(); err != nil || rep.Byte(0) != 1 {
		return netlink.ErrConnectFailed
	}
	return nil
}

// setAddress sets what is static.
func (r *radio) setAddress() error {
	c := &r.config
	if c.Address.IsValid() {
		gateway := c.Gateway
		if !gateway.Is4() {
			gateway = netip.IPv4Unspecified()
		}
		q := r.port.Begin(nina.SetIP)
		q.Byte(1)
		q.Addr(c.Address.Addr().As4())
		q.Addr(gateway.As4())
		q.Addr(mask(c.Address.Bits()))
		if _, err := r.exchange(); err != nil {
			return err
		}
	}
	return r.setServers()
}

// setServers tells the chip's own resolver whom to ask.
func (r *radio) setServers() error {
	servers := r.config.DNS
	if len(servers) == 0 {
		return nil
	}
	q := r.port.Begin(nina.SetDNS)
	q.Byte(1)
	for i := 0; i < 2; i++ {
		a := netip.IPv4Unspecified()
		if i < len(servers) && servers[i].Is4() {
			a = servers[i]
		}
		q.Addr(a.As4())
	}
	_, err := r.exchange()
	return err
}

func mask(bits int) (m [4]byte) {
	for i := 0; i < bits && i < 32; i++ {
		m[i/8] |= 0x80 >> (i % 8)
	}
	return m
}

// maskBits is the inverse of mask, or -1.
func maskBits(m [4]byte) int {
	for bits := 0; bits <= 32; bits++ {
		if mask(bits) == m {
			return bits
		}
	}
	return -1
}

func (r *radio) beAP(p *netlink.ConnectParams) error {
	cmd := nina.StartAP
	if r.protected {
		cmd = nina.StartAPWPA2
	}
	q := r.port.Begin(cmd)
	q.Text(p.Ssid)
	if r.protected {
		q.Text(p.Passphrase)
	}
	q.Byte(max(r.config.Channel, 1))
	if rep, err := r.exchange(); err != nil || rep.Byte(0) != 1 {
		return netlink.ErrConnectFailed
	}
	return nil
}

// Joined looks how far joining has come.
func (r *radio) Joined() (netip.Addr, error) {
	status, err := r.status()
	switch {
	case err == nina.ErrUnclear:
		return netip.Addr{}, netdev.ErrWouldBlock
	case err != nil:
		return netip.Addr{}, netlink.ErrConnectFailed
	case r.isUp(status):
		return r.cameUp()
	case status == statusFailed || status == statusDisconnected:
		return netip.Addr{}, r.failure()
	case status == statusAPFailed || status == statusNoShield:
		return netip.Addr{}, netlink.ErrConnectFailed
	}
	return netip.Addr{}, netdev.ErrWouldBlock
}

func (c *chip) isUp(status byte) bool {
	if c.ap {
		return status == statusAPListening || status == statusAPConnected
	}
	return status == statusConnected
}

func (c *chip) status() (byte, error) {
	c.port.Begin(nina.GetStatus)
	r, err := c.exchange()
	if err != nil {
		return 0, err
	}
	return r.Byte(0), nil
}

// failure is why there is no connection, or ErrWouldBlock where there may be one.
func (r *radio) failure() error {
	r.port.Begin(nina.GetReason)
	rep, err := r.exchange()
	switch {
	case err == nina.ErrUnclear:
		return netdev.ErrWouldBlock
	case err != nil:
		return netlink.ErrConnectFailed
	}
	switch rep.Byte(0) {
	case reasonNone, reasonLeft: // of the network before this one
		return netdev.ErrWouldBlock
	case reasonAuthExpired, reasonMICFailure, reasonHandshakeTimeout, reasonAuthFailed, reasonHandshakeTime:
		return netlink.ErrAuthFailure
	}
	return netlink.ErrConnectFailed
}

// cameUp learns the address. A network that is protected by less than was asked for
// is not the one that was meant.
func (r *radio) cameUp() (netip.Addr, error) {
	p, err := r.address()
	if err != nil {
		return netip.Addr{}, err
	}
	if r.protected && !r.ap {
		r.port.Begin(nina.GetEncryption).Byte(dummy)
		rep, err := r.exchange()
		if err != nil {
			return netip.Addr{}, netdev.ErrWouldBlock
		}
		switch rep.Byte(0) {
		case authOpen, authWEP, authWPA:
			return netip.Addr{}, netlink.ErrAuthFailure
		}
	}
	if err := r.learnServers(); err != nil {
		return netip.Addr{}, netdev.ErrWouldBlock
	}
	r.setPrefix(p)
	return p.Addr(), nil
}

// address returns the chip's, or ErrWouldBlock.
func (c *chip) address() (netip.Prefix, error) {
	c.port.Begin(nina.GetIP).Byte(dummy)
	r, err := c.exchange()
	if err != nil {
		return netip.Prefix{}, netdev.ErrWouldBlock
	}
	a, bits := netip.AddrFrom4(r.Addr(0)), maskBits(r.Addr(1))
	if a.IsUnspecified() || bits < 0 {
		return netip.Prefix{}, netdev.ErrWouldBlock
	}
	return netip.PrefixFrom(a, bits), nil
}

// Leave leaves the network, or ends the access point.
func (r *radio) Leave() error {
	r.setPrefix(netip.Prefix{})
	r.resetResolver()
	if !r.port.Alive() {
		return nil
	}
	r.port.Begin(nina.Disconnect).Byte(dummy)
	_, err := r.exchange()
	return err
}

// Alive looks for a link that is lost, a chip that has been reset, and for another
// address.
func (r *radio) Alive() error {
	status, err := r.status()
	switch {
	case err == nina.ErrUnclear:
		return nil // exchange has looked again
	case err != nil:
		return netlink.ErrConnectFailed
	case status == statusIdle || status == statusNoShield:
		r.lost()
		return netlink.ErrConnectFailed
	case !r.isUp(status):
		r.setPrefix(netip.Prefix{})
		return netlink.ErrConnectFailed
	}
	if p, err := r.address(); err == nil {
		r.setPrefix(p)
		r.link.Changed(p.Addr())
	}
	return nil
}
