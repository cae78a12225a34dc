package rtl8720dn

import (
	"time"

	"github.com/netdev-go/netdev"
)

// Times of the EN pin.
const (
	bootTime   = time.Second           // until the firmware listens
	eagerTime  = 20 * time.Millisecond // for the answer of one that does so at once
	bootTries  = 2
	answerTime = 250 * time.Millisecond
)

// boot has the chip begin anew, unless it makes sense. One that never does is left
// in reset.
func (c *chip) boot() error {
	if c.booted {
		return nil
	}
	for n := 0; n < bootTries; n++ {
		if c.start() {
			c.damaged = c.client.Stats().Damaged
			c.suspect = false
			return nil
		}
	}
	c.booted = false
	c.enable(false)
	return errBus
}

// enable sets the EN pin, where it is connected.
func (c *chip) enable(high bool) {
	if c.config.Enable != nil {
		c.config.Enable(high)
	}
}

// start resets the chip, and reports whether it answers.
func (c *chip) start() bool {
	if c.config.Enable != nil {
		c.config.Enable(false)
		time.Sleep(c.config.ResetTime)
		c.config.Enable(true)
	}
	c.client.Reset()
	// Before its UART is set up a chip cannot hear that it is asked.
	if !c.client.Answers(eagerTime) {
		if c.config.Enable != nil {
			time.Sleep(bootTime)
			c.client.Reset()
		}
		c.request(serviceSystem, sysAck).Uint8(probeValue)
		if _, err := c.client.Call(answerTime, repeat); err != nil {
			return false
		}
	}
	c.booted = true
	c.boots++
	c.fds = [maxFD]fdState{}
	c.orphans = c.config.Enable == nil // what it had before
	c.request(serviceTCPIP, tcpipInit)
	_, err := c.result(c.config.Timeout, repeat)
	return err == nil
}

// crashed is for a chip that has begun anew, or is to: its sockets and its link
// are gone. It stays in reset until it is booted.
func (c *chip) crashed() {
	if !c.booted {
		return
	}
	c.booted = false
	c.enable(false)
	c.fds = [maxFD]fdState{}
	c.core.Reset(netdev.ErrNetDown)
	c.lost()
}
