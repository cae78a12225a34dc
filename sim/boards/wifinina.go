package boards

import (
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/sim/nina"
)

// WifiNINA returns a board with a NINA-W102, as the Arduino Nano 33 IoT is one.
// Firmware is a version such as "1.4.8". The chip is there for faults on its bus
// and for its counters.
func WifiNINA(c Config) (*Board, *nina.Chip, error) {
	b, err := open(c)
	if err != nil {
		return nil, nil, err
	}
	chip := nina.New(nina.Config{Network: b.Network, Air: b.Air, Firmware: c.Firmware, Seed: b.config.Seed, Fast: true})
	dev := wifinina.New(&wifinina.Config{
		SPI: chip, CS: chip.CS, Ready: chip.Ready, OnReady: chip.OnReady, Reset: chip.Reset,
		GPIO0: func(drive bool) {
			if drive {
				chip.GPIO0(true)
			}
		},
		// The board has the chip's memory for itself, and the host's is no object.
		SocketBuffer: 16 << 10, Memory: 512 << 10, Segment: 4076,
	})
	return b.drive(dev, chip.Stop), chip, nil
}
