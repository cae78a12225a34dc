package net

import (
	"time"

	"github.com/netdev-go/netdev"
)

// Keep-alive as Go has it where nothing is said.
const (
	defaultKeepAliveIdle     = 15 * time.Second
	defaultKeepAliveInterval = 15 * time.Second
	defaultKeepAliveCount    = 9
)

// SetKeepAlive turns keep-alive probes on or off.
func (c *TCPConn) SetKeepAlive(keepalive bool) error {
	return c.setTCP(netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, keepalive)
}

// SetKeepAlivePeriod sets how long the connection is idle before the first
// probe: 0 is the default of 15 seconds, negative leaves it as it is.
func (c *TCPConn) SetKeepAlivePeriod(d time.Duration) error {
	return c.setKeepAliveSeconds(netdev.TCP_KEEPIDLE, d, defaultKeepAliveIdle)
}

// SetKeepAliveConfig configures keep-alive probes. In each field 0 is the
// default (15 seconds, 15 seconds, 9 probes) and negative leaves it as it is.
func (c *TCPConn) SetKeepAliveConfig(config KeepAliveConfig) error {
	if err := c.SetKeepAlive(config.Enable); err != nil {
		return err
	}
	if err := c.SetKeepAlivePeriod(config.Idle); err != nil {
		return err
	}
	if err := c.setKeepAliveSeconds(netdev.TCP_KEEPINTVL, config.Interval, defaultKeepAliveInterval); err != nil {
		return err
	}
	count := config.Count
	if count < 0 {
		return nil
	}
	if count == 0 {
		count = defaultKeepAliveCount
	}
	return c.setTCP(netdev.SOL_TCP, netdev.TCP_KEEPCNT, count)
}

func (c *TCPConn) setKeepAliveSeconds(opt int, d, byDefault time.Duration) error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	if d < 0 {
		return nil
	}
	if d == 0 {
		d = byDefault
	}
	seconds := int((d + time.Second - 1) / time.Second)
	return c.setTCP(netdev.SOL_TCP, opt, seconds)
}

// setDefaults sets what every TCP connection of Go's begins with. A device
// without such an option does without.
func (c *TCPConn) setDefaults(idle time.Duration, config KeepAliveConfig) {
	c.SetNoDelay(true)
	if !config.Enable && idle >= 0 {
		config = KeepAliveConfig{Enable: true, Idle: idle}
	}
	if config.Enable {
		c.SetKeepAliveConfig(config)
	}
}
