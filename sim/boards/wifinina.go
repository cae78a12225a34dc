package boards

import (
	driver "github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/sim/nina"
)

// WifiNINA returns a board with a NINA-W102, as the Arduino Nano 33 IoT is one.
// Firmware is a version such as "1.4.8". The chip is there for faults on its bus
// and for its counters.
func WifiNINA(c Config) (*Board, *nina.Chip, error) { return WifiNINAWith(c, nil) }

// WifiNINAWith is WifiNINA with what set changes before the chip is switched on.
func WifiNINAWith(c Config, set func(*nina.Config, *driver.Config)) (*Board, *nina.Chip, error) {
	b, err := open(c)
	if err != nil {
		return nil, nil, err
	}
	cc := nina.Config{Network: b.Network, Air: b.Air, Firmware: c.Firmware, Seed: b.config.Seed, Fast: true}
	// The board has the memory of a host.
	dc := driver.Config{SocketBuffer: 16 << 10, Memory: 512 << 10, Segment: 4076}
	if set != nil {
		set(&cc, &dc)
	}
	chip := nina.New(cc)
	dc.SPI, dc.CS, dc.Ready, dc.OnReady = chip, chip.CS, chip.Ready, chip.OnReady
	if dc.Reset == nil {
		dc.Reset = chip.Reset
	}
	dc.GPIO0 = func(drive bool) {
		if drive {
			chip.GPIO0(true)
		}
	}
	return b.drive(driver.New(&dc), chip.Stop), chip, nil
}
