package nina

import (
	"crypto/x509"
	"time"

	"github.com/netdev-go/netdev/sim/chip"
	"github.com/netdev-go/netdev/sim/radio"
)

// Config describes a chip and what is around it. Of a time that is zero the
// default is that of the hardware, about; one that is negative is none.
type Config struct {
	// Network is the chip's TCP/IP. The chip is the only one to use it.
	Network chip.Network
	// Air is where the chip is. Nil is radio.Anywhere.
	Air *radio.Air
	// MAC is the hardware address; zero is that of Network.
	MAC [6]byte
	// Firmware is the version that the chip reports, and behaves as: "1.4.8" or
	// later. Empty is "2.0.0".
	Firmware string
	// Roots is the partition of CA certificates. Nil is an empty one, with which
	// no TLS connection can be made.
	Roots *x509.CertPool
	// Seed decides what the chip draws by lot.
	Seed uint64

	// Fast makes every time that is zero none, for use in real time.
	Fast bool
	// BootTime is from the end of a reset to the first READY. Zero is 500 ms.
	BootTime time.Duration
	// Latency is what the firmware needs for a command, beside what it waits
	// for. Zero is 50 µs.
	Latency time.Duration
	// StartTime is how long the radio takes to start, which the commands that
	// begin a network wait for. Zero is 30 ms.
	StartTime time.Duration
	// JoinTime is how long a station takes to find and join an access point.
	// Zero is one second.
	JoinTime time.Duration
	// ScanTime is how long a scan takes. Zero is two seconds.
	ScanTime time.Duration
	// SyncTime is how long the clock takes to be set once there is a network.
	// Zero is one second.
	SyncTime time.Duration
	// DNSTime is added to what each resolving of a name takes. Zero is none.
	DNSTime time.Duration

	// RefusedIsReset has a connection that is refused end with ECONNRESET, which is
	// what lwIP has for it, and not with ECONNREFUSED, which its table of errors
	// does not know.
	RefusedIsReset bool

	// AcceptRace is how likely a connection to a legacy server comes at the
	// moment between two questions of the task that drives GPIO0, and is lost.
	AcceptRace float64
}

const defaultFirmware = "2.0.0"

func (c *Config) complete() {
	if c.Air == nil {
		c.Air = radio.Anywhere()
	}
	if c.Firmware == "" {
		c.Firmware = defaultFirmware
	}
	if c.MAC == [6]byte{} {
		if mac, err := c.Network.GetHardwareAddr(); err == nil {
			copy(c.MAC[:], mac)
		}
	}
	for _, t := range []struct {
		d     *time.Duration
		other time.Duration
	}{
		{&c.BootTime, 500 * time.Millisecond},
		{&c.Latency, 50 * time.Microsecond},
		{&c.StartTime, 30 * time.Millisecond},
		{&c.JoinTime, time.Second},
		{&c.ScanTime, 2 * time.Second},
		{&c.SyncTime, time.Second},
		{&c.DNSTime, 0},
	} {
		switch {
		case *t.d < 0:
			*t.d = 0
		case *t.d == 0 && !c.Fast:
			*t.d = t.other
		}
	}
}
