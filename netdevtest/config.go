package netdevtest

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev"
)

// Config says what to try and how. Only New is needed.
type Config struct {
	// Name stands for the device in the report. Empty is "device".
	Name string

	// New returns a device that is connected to its network. It is called once
	// for each rule, and tb.Cleanup takes away what it set up. A New that
	// returns the same device each time goes with Parallel 1.
	New func(tb testing.TB) netdev.Netdever

	// Peer returns the other side of dev's network. Nil is [Loopback].
	Peer func(tb testing.TB, dev netdev.Netdever) Peer

	// Rules are the rules to try, by ID ("RECV-2") or by group ("RECV"). Nil is
	// all of them.
	Rules []string

	// Timeout is how much later than it must a call may return before the
	// suite gives it up. Zero is 5 seconds.
	Timeout time.Duration

	// Pause is how long a call that must wait is watched waiting, and the
	// length of the deadlines that the rules set. Zero is 30 milliseconds.
	Pause time.Duration

	// Soak is how many open/close cycles the group Soak makes. Zero is 1000.
	Soak int

	// MaxSockets is after how many open sockets the suite stops looking for
	// the device's limit. Zero is 64.
	MaxSockets int

	// Parallel is how many rules are tried at once. Zero is 8.
	Parallel int
}

func (c Config) withDefaults() Config {
	if c.Name == "" {
		c.Name = "device"
	}
	if c.Peer == nil {
		c.Peer = func(tb testing.TB, _ netdev.Netdever) Peer { return Loopback(tb) }
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Second
	}
	if c.Pause == 0 {
		c.Pause = 30 * time.Millisecond
	}
	if c.Soak == 0 {
		c.Soak = 1000
	}
	if c.MaxSockets == 0 {
		c.MaxSockets = 64
	}
	if c.Parallel == 0 {
		c.Parallel = 8
	}
	return c
}
