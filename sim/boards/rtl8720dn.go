package boards

import (
	"net/netip"
	"time"

	driver "github.com/netdev-go/netdev/drivers/rtl8720dn"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// RTL8720DN returns a board with an RTL8720DN on its UART, as the Wio Terminal is
// one. Firmware is a version such as "2.1.3".
func RTL8720DN(c Config) (*Board, *rtl8720dn.Chip, error) {
	return RTL8720DNWith(c, nil)
}

// RTL8720DNWith is [RTL8720DN] with a chip and a driver whose configurations set
// may change.
func RTL8720DNWith(c Config, set func(*rtl8720dn.Config, *driver.Config)) (*Board, *rtl8720dn.Chip, error) {
	b, err := open(c)
	if err != nil {
		return nil, nil, err
	}
	cc := rtl8720dn.Config{
		Network: b.Network, Air: b.Air, Firmware: c.Firmware, Seed: b.config.Seed,
		BootTime: -1,
	}
	dc := driver.Config{
		ResetTime: time.Millisecond, Sockets: 10,
		SocketBuffer: 64 << 10, Memory: 512 << 10, Segment: 4000,
	}
	if a := b.config.Network.Addr; a.IsValid() {
		dc.Address, dc.Gateway = a, gateway.DefaultPrefix.Addr().Next()
		dc.DNS = []netip.Addr{dc.Gateway}
	}
	if set != nil {
		set(&cc, &dc)
	}
	chip := rtl8720dn.New(cc)
	dc.UART, dc.Enable = chip.Port(), chip.Enable
	return b.drive(driver.New(&dc), chip.Stop), chip, nil
}
