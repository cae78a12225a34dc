package rtl8720dn

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

// startTime is how long the firmware looks whether its network has come up.
const startTime = 22 * time.Second

// startNetwork has the chip be an access point, with a DHCP server.
func (r *radio) startNetwork(p *netlink.ConnectParams, timeout time.Duration) error {
	if err := r.turnOn(modeAccessPoint); err != nil {
		return err
	}
	r.setCountry(p.Country)
	r.own = r.config.Address
	if !r.own.IsValid() {
		r.own = accessPoint
	}
	r.dns = [2]netip.Addr{}
	if err := r.setAddress(r.own, r.own.Addr(), nil); err != nil {
		return err
	}
	passphrase := p.Passphrase
	if p.IsOpen() {
		passphrase = ""
	}
	e := r.request(serviceWiFi, wifiStartAP)
	e.String(p.Ssid)
	e.NullableString(passphrase)
	e.Uint32(security(p))
	e.Int32(int32(r.config.Channel))
	if n, err := r.result(min(timeout, startTime), once); err != nil || n != 0 {
		return netlink.ErrConnectFailed
	}
	r.request(serviceTCPIP, tcpipDHCPSStart).Uint32(defaultInterface)
	if n, err := r.result(r.config.Timeout, repeat); err != nil || n != 0 {
		return netlink.ErrConnectFailed
	}
	return nil
}
