package sim

import (
	"fmt"
	"strings"

	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
)

// takePlace finds the board a name and an address on the network that it shares.
func (b *Board) takePlace() (err error) {
	c := &b.config
	if c.Network == "" {
		return nil
	}
	if b.shared, err = openRegistry(c.Network); err != nil {
		return err
	}
	wish := c.Name
	p, others, err := b.shared.join(wish, c.Addr.Addr())
	if err != nil {
		return fmt.Errorf("network %s: %w", c.Network, err)
	}
	b.stops = append(b.stops, func() error { return b.shared.leave(p) })
	b.place, c.Name = p, p.name
	if p.name != wish {
		c.Events(fmt.Sprintf("the name %s is taken on network %s, and this board is %s", wish, c.Network, p.name))
	}
	company := "alone so far"
	if len(others) > 0 {
		company = "with " + strings.Join(others, ", ")
	}
	c.Events(fmt.Sprintf("%s is on network %s, %s", p.name, c.Network, company))
	return nil
}

// openUplink joins the board's switch with the segment of its network.
func (b *Board) openUplink(gw *ether.Device) error {
	segment, err := ether.OpenSegment(ether.Config{Name: "segment", Queue: queue}, b.shared.dir)
	if err != nil {
		return fmt.Errorf("network %s: %w", b.config.Network, err)
	}
	b.stops = append(b.stops, segment.Close)
	u := &uplink{Device: segment, addr: gatewayAddr}
	if u.mac, err = gw.HardwareAddr6(); err != nil {
		return err
	}
	port, err := b.network.Attach(ether.Config{Name: "uplink"}, u)
	if err == nil {
		b.stops = append(b.stops, port.Close)
	}
	return err
}

// gatewayAddr is that of every gateway.
var gatewayAddr = gateway.DefaultPrefix.Addr().Next()
