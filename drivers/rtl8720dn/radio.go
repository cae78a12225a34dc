package rtl8720dn

import (
	"net/netip"
	"strings"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/netlink"
)

// A radio leads the chip to a network, or has it be one.
type radio struct {
	*chip
	device *Device

	mode uint32        // of the WiFi driver, as far as it is on; 0 is off
	bad  int           // attempts to join that failed, one after the other
	up   bool          // Joined has told an address, and nothing has taken it since
	own  netip.Prefix  // as an access point, or static
	dns  [2]netip.Addr // of the network
	net  netip.Prefix  // the network that the chip is on
}

var _ link.Radio = (*radio)(nil)

// offTime is how long the WiFi driver may take to begin and to end.
const offTime = 10 * time.Second

// Join joins a network, which holds the chip until it has, or becomes one.
func (r *radio) Join(p *netlink.ConnectParams) error {
	timeout := p.ConnectTimeout
	if timeout <= 0 {
		timeout = netlink.DefaultConnectTimeout
	}
	if !fits(p.Ssid, maxSSID) || !fits(p.Passphrase, maxPassphrase) {
		return netlink.ErrNotSupported // there it would be longer than its room, or shorter
	}
	if r.bad >= maxBad {
		// The chip may have begun anew without a word, and know nothing of its mode.
		r.bad = 0
		r.crashed()
	}
	err := r.boot()
	if err == nil {
		r.gone = false
		if p.ConnectMode == netlink.ConnectModeAP {
			err = r.startNetwork(p, timeout)
		} else {
			err = r.joinNetwork(p, timeout)
		}
	}
	if err == nil {
		r.bad = 0
		return nil
	}
	r.bad++
	if err == errBus {
		err = netlink.ErrConnectFailed
	}
	return err
}

const maxPassphrase = 64

// fits reports whether the firmware has a text as it is: it ends with a NUL there.
func fits(text string, most int) bool {
	return len(text) <= most && strings.IndexByte(text, 0) < 0
}

// maxBad is after how many bad attempts the chip is reset.
const maxBad = 2

// turnOn has the WiFi driver run in a mode.
func (r *radio) turnOn(mode uint32) error {
	if r.mode == mode {
		if n, err := r.switchOn(mode); err != nil || n != switched {
			return err
		}
		// It was off: the chip has begun anew by itself.
		r.crashed()
		if err := r.boot(); err != nil {
			return err
		}
	}
	if err := r.turnOff(); err != nil {
		return err
	}
	if _, err := r.switchOn(mode); err != nil {
		return err
	}
	r.mode = mode
	return nil
}

// switched is what switchOn returns, unless the WiFi driver was running already.
const switched = 0

func (r *radio) switchOn(mode uint32) (int, error) {
	r.request(serviceWiFi, wifiOn).Uint32(mode)
	n, err := r.result(offTime, repeat)
	if err != nil || n < 0 {
		return n, netlink.ErrConnectFailed
	}
	return n, nil
}

// turnOff ends the WiFi driver, or else the chip.
func (r *radio) turnOff() error {
	if r.mode == 0 {
		return nil
	}
	r.mode = 0
	r.request(serviceWiFi, wifiOff)
	n, err := r.result(offTime, repeat)
	if err != nil || n < 0 {
		r.crashed()
		return netlink.ErrConnectFailed
	}
	return nil
}

// Joined looks for the address.
func (r *radio) Joined() (netip.Addr, error) {
	if !r.booted {
		return netip.Addr{}, netlink.ErrConnectFailed
	}
	if r.mode == modeStation && !r.connected() {
		return netip.Addr{}, netlink.ErrConnectFailed
	}
	if r.mode == modeAccessPoint {
		r.net = r.own
	} else if !r.readAddress() {
		return netip.Addr{}, netdev.ErrWouldBlock
	}
	r.up = true
	r.publish()
	return r.net.Addr(), nil
}

// readAddress asks for the address, and reports whether there is one.
func (r *radio) readAddress() bool {
	r.request(serviceTCPIP, tcpipGetIP).Uint32(defaultInterface)
	d, err := r.call(r.config.Timeout, repeat)
	if err != nil {
		return false
	}
	b := d.Binary()
	if d.Int32() != 0 || d.End() != nil || len(b) < 12 {
		return false
	}
	ip := parseIP(b)
	if ip.IsUnspecified() {
		return false
	}
	r.net = netip.PrefixFrom(ip, prefixLen(b[4:]))
	r.readServers()
	return true
}

// prefixLen returns how many ones a mask begins with.
func prefixLen(mask []byte) int {
	n := 0
	for n < 32 && mask[n/8]&(0x80>>(n%8)) != 0 {
		n++
	}
	return n
}

// readServers asks for the name servers that DHCP has found.
func (r *radio) readServers() {
	for i := range r.dns {
		r.dns[i] = netip.Addr{}
		e := r.request(serviceTCPIP, tcpipGetDNS)
		e.Uint32(defaultInterface)
		e.Uint32(uint32(i))
		d, err := r.call(r.config.Timeout, repeat)
		if err != nil {
			return
		}
		b := d.Binary()
		if d.Int32() == 0 && d.End() == nil && len(b) >= 4 {
			r.dns[i] = parseIP(b)
		}
	}
}

// connected asks whether the chip is joined to an access point.
func (r *radio) connected() bool {
	r.request(serviceWiFi, wifiIsConnected)
	n, err := r.result(r.config.Timeout, repeat)
	return err == nil && n == 0
}

// Leave ends what Join began. Whatever the chip is doing, it must not go on.
func (r *radio) Leave() error {
	r.up = false
	if !r.booted {
		return nil
	}
	switch r.mode {
	case modeAccessPoint:
		r.request(serviceTCPIP, tcpipDHCPSStop).Uint32(defaultInterface)
		r.result(r.config.Timeout, repeat)
		return r.turnOff()
	case modeStation:
		r.request(serviceTCPIP, tcpipDHCPCStop).Uint32(defaultInterface)
		r.result(r.config.Timeout, repeat)
		r.request(serviceWiFi, wifiDisconnect)
		if n, err := r.result(offTime, repeat); err != nil || n < 0 {
			return r.turnOff()
		}
	}
	return nil
}

// Alive asks whether the chip is where it was.
func (r *radio) Alive() error {
	if !r.look() {
		return netdev.ErrNetDown
	}
	return nil
}

// look finds out what has become of the link, and reports whether there is one.
// Where the chip gives no answer that makes sense nothing is known, unless it has
// been reset for it.
func (r *radio) look() bool {
	switch {
	case !r.up || !r.booted:
		return false
	case r.mode == modeAccessPoint:
		if n, err := r.switchOn(r.mode); err == nil && n == switched {
			r.crashed() // it has begun anew by itself
		}
		return r.up
	}
	r.request(serviceWiFi, wifiIsConnected)
	n, err := r.result(r.config.Timeout, repeat)
	switch {
	case err != nil:
	case n != 0 && !r.gone:
		// It has left without a word: so does a chip that begins anew by itself.
		r.crashed()
	case n != 0:
		r.up = false
		r.device.Link.Lost()
	case r.readAddress():
		r.publish()
		r.device.Link.Changed(r.net.Addr())
	}
	return r.up
}

// publish tells the device what the network is.
func (r *radio) publish() {
	d := r.device
	d.mu.Lock()
	defer d.mu.Unlock()
	d.network = r.net
	d.servers = d.servers[:0]
	for _, a := range r.dns {
		if a.IsValid() && !a.IsUnspecified() && (len(d.servers) == 0 || d.servers[0] != a) {
			d.servers = append(d.servers, a)
		}
	}
}

// fell is for a chip that has begun anew.
func (r *radio) fell() {
	r.up = false
	r.mode = 0
	r.device.Link.Lost()
}
