package wifinina

import (
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A chip is what the driver knows of the hardware. All of it but what mu guards
// belongs to the Core's goroutine.
type chip struct {
	config Config
	port   *nina.Port
	core   *offload.Core
	link   *link.Link

	known   bool // what the chip is, since it was reset
	version string
	legacy  bool // the firmware is older than its sockets that do not block
	mac     [6]byte
	ap      bool // it is an access point
	socks   table
	parked  []parked  // listeners that the firmware cannot close
	turned  time.Time // when their connections were turned away
	early   early     // a datagram that stood in the way of another
	rest    [64]byte  // where what nobody wants goes
	timer   *time.Timer

	flush func() // forgets names

	mu      sync.Mutex
	prefix  netip.Prefix // while the link is up
	servers []netip.Addr
}

var (
	_ offload.Chip     = (*chip)(nil)
	_ offload.Optioner = (*chip)(nil)
)

// dummy is the parameter of commands that have none.
const dummy = 0xFF

// boot resets a chip that has not been used, or has fallen silent, and learns what
// it is.
func (c *chip) boot() error {
	if c.port.Alive() && c.known {
		return nil
	}
	c.known = false
	if err := c.port.Boot(); err != nil {
		return err
	}
	c.forget()
	c.port.Begin(nina.GetVersion)
	r, err := c.port.Do()
	if err != nil {
		return err
	}
	c.version = text(r.Param(0))
	c.legacy = olderThan(c.version, 1, 5)
	c.port.Begin(nina.GetMAC).Byte(dummy)
	if r, err = c.port.Do(); err != nil {
		return err
	}
	c.mac = reversed(r.Param(0))
	c.known = true
	return nil
}

// forget is for a chip that has nothing any more.
func (c *chip) forget() {
	c.socks.clear()
	c.parked = c.parked[:0]
	c.early.full = false
}

// text returns a string that may be closed by a NUL.
func text(b []byte) string {
	for i := range b {
		if b[i] == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// reversed returns a hardware address, which the firmware tells last byte first.
func reversed(b []byte) (mac [6]byte) {
	for i := range b {
		if i < len(mac) {
			mac[len(mac)-1-i] = b[i]
		}
	}
	return mac
}

// olderThan compares a version such as "1.4.8". One that cannot be read is old.
func olderThan(version string, major, minor int) bool {
	var have [2]int
	part := 0
	for i := 0; i < len(version) && part < len(have); i++ {
		switch b := version[i]; {
		case b == '.':
			part++
		case b >= '0' && b <= '9' && have[part] < 1000:
			have[part] = 10*have[part] + int(b-'0')
		default:
			return true
		}
	}
	return have[0] < major || have[0] == major && have[1] < minor
}

// exchange is the port's Do, with what has to follow from its errors: a chip that
// fell silent has lost all that it had, and one that was out of step may have been
// reset by itself.
func (c *chip) exchange() (*nina.Reply, error) {
	r, err := c.port.Do()
	switch err {
	case nina.ErrSilent:
		c.lost()
	case nina.ErrUnclear:
		c.check()
	}
	return r, err
}

// lost is for a chip that knows nothing any more.
func (c *chip) lost() {
	c.forget()
	c.setPrefix(netip.Prefix{})
	c.core.Reset(netdev.ErrNetDown)
	c.link.Lost()
}

// check looks whether the chip is still on the network, after something that would
// not have happened otherwise.
func (c *chip) check() {
	if !c.prefixed() {
		return
	}
	c.port.Begin(nina.GetStatus)
	r, err := c.port.Do()
	switch {
	case err != nil:
		if err == nina.ErrSilent {
			c.lost()
		}
	case r.Byte(0) == statusIdle || r.Byte(0) == statusNoShield:
		// Only a chip that has just booted is idle.
		c.lost()
	case !c.isUp(r.Byte(0)):
		c.setPrefix(netip.Prefix{})
		c.link.Lost()
	}
}

// isDown is check after a failure that a chip off the network explains.
func (c *chip) isDown() bool {
	c.check()
	return !c.joined()
}

func (c *chip) setPrefix(p netip.Prefix) {
	c.mu.Lock()
	c.prefix = p
	c.mu.Unlock()
}

func (c *chip) prefixed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.prefix.IsValid()
}

// joined reports whether the chip is on a network now.
func (c *chip) joined() bool { return c.port.Alive() && c.prefixed() }

// Idle waits. The chip has no way to say anything.
func (c *chip) Idle(wake <-chan struct{}, d time.Duration) {
	if len(c.parked) > 0 {
		if time.Since(c.turned) >= turnAway {
			c.rejectParked()
		}
		if left := turnAway - time.Since(c.turned); d < 0 || d > left {
			d = max(left, 0)
		}
	}
	switch {
	case d == 0:
		return
	case d < 0:
		<-wake
		return
	}
	if c.timer == nil {
		c.timer = time.NewTimer(d)
	} else {
		c.timer.Reset(d)
	}
	select {
	case <-wake:
		if !c.timer.Stop() {
			select {
			case <-c.timer.C:
			default:
			}
		}
	case <-c.timer.C:
	}
}
