package boards

import (
	"net/netip"
	"time"

	driver "github.com/netdev-go/netdev/drivers/espat"
	"github.com/netdev-go/netdev/sim/espat"
	"github.com/netdev-go/netdev/sim/gateway"
)

// ESPAT returns a board with an ESP module on its UART. Firmware is a version such
// as "4.1.0.0".
func ESPAT(c Config) (*Board, *espat.Chip, error) {
	return ESPATWith(c, nil)
}

// ESPATWith is [ESPAT] with a chip and a driver whose configurations set may
// change.
func ESPATWith(c Config, set func(*espat.Config, *driver.Config)) (*Board, *espat.Chip, error) {
	b, err := open(c)
	if err != nil {
		return nil, nil, err
	}
	cc := espat.Config{
		Network: b.Network, Air: b.Air, Firmware: c.Firmware, Seed: b.config.Seed,
		BootTime: -1,
	}
	dc := driver.Config{SocketBuffer: 16 << 10, Memory: 512 << 10, Timeout: 5 * time.Second}
	if a := b.config.Network.Addr; a.IsValid() {
		dc.Address, dc.Gateway = a, gateway.DefaultPrefix.Addr().Next()
		dc.DNS = []netip.Addr{dc.Gateway}
	}
	if set != nil {
		set(&cc, &dc)
	}
	chip := espat.New(cc)
	if dc.UART == nil {
		dc.UART = chip.Port()
	}
	dc.Reset = chip.Enable
	return b.drive(driver.New(&dc), chip.Stop), chip, nil
}
