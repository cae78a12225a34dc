package wifinina

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/netlink"
)

// Scan looks for access points; the firmware tells ten at most. It has to leave its
// network for that, so that of a device that is connected the answer is
// netlink.ErrConnected.
func (d *Device) Scan(ctx context.Context) ([]netlink.AccessPoint, error) {
	var found []netlink.AccessPoint
	err := d.do(ctx, func() (err error) {
		if d.chip.joined() {
			return netlink.ErrConnected
		}
		found, err = d.chip.scan()
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

func (c *chip) scan() ([]netlink.AccessPoint, error) {
	c.port.Begin(nina.ScanNetworks)
	r, err := c.exchange()
	if err != nil {
		return nil, err
	}
	list := make([]netlink.AccessPoint, r.Params())
	for i := range list {
		list[i].SSID = text(r.Param(i))
	}
	for i := range list {
		if err := c.describe(&list[i], byte(i)); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// describe asks for the rest of what a scan has found.
func (c *chip) describe(p *netlink.AccessPoint, index byte) error {
	r, err := c.of(nina.ScanRSSI, index)
	if err != nil {
		return err
	}
	p.RSSI = int(int32(r.Uint32(0)))
	if r, err = c.of(nina.ScanAuth, index); err != nil {
		return err
	}
	switch r.Byte(0) {
	case authOpen:
		p.Auth = netlink.AuthTypeOpen
	case authWPA:
		p.Auth = netlink.AuthTypeWPA
	case authWPA2:
		p.Auth = netlink.AuthTypeWPA2
	default:
		p.Auth = netlink.AuthTypeOther
	}
	if r, err = c.of(nina.ScanBSSID, index); err != nil {
		return err
	}
	p.BSSID = reversed(r.Param(0))
	if r, err = c.of(nina.ScanChannel, index); err != nil {
		return err
	}
	p.Channel = int(r.Byte(0))
	return nil
}

func (c *chip) of(cmd nina.Command, index byte) (*nina.Reply, error) {
	c.port.Begin(cmd).Byte(index)
	return c.exchange()
}

// hops is the TTL of a ping.
const hops = 64

// ping is ErrWouldBlock where nobody has answered for 5 s.
func (c *chip) ping(addr netip.Addr) (time.Duration, error) {
	if !c.joined() {
		return 0, netdev.ErrNetDown
	}
	q := c.port.Begin(nina.Ping)
	q.Addr(addr.As4())
	q.Byte(hops)
	begin := time.Now()
	r, err := c.exchange()
	took := time.Since(begin)
	if err != nil {
		return 0, err
	}
	ms := int16(r.Little(0))
	if ms < 0 {
		return 0, netdev.ErrWouldBlock
	}
	// The firmware counts whole milliseconds.
	return min(took, time.Duration(ms+1)*time.Millisecond), nil
}
