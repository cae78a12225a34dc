package w5500

import (
	"net/netip"
	"time"
)

// An address is what the chip was given.
type address struct {
	prefix  netip.Prefix
	gateway netip.Addr
}

const resetTime = time.Millisecond // of RSTn low, and until the chip answers

// boot resets the chip until it answers, and gives it all but its address.
func (c *chip) boot() error {
	c.forget()
	if c.config.Reset != nil {
		c.config.Reset(false)
		time.Sleep(resetTime)
		c.config.Reset(true)
	}
	var err error
	for p := (pause{}); ; {
		if err = c.setUp(); err == nil {
			c.ready = true
			return nil
		}
		if !p.more(c.config.Timeout) {
			c.ready = false
			return errBus
		}
	}
}

// setUp resets the registers, and writes those that are not to be as they are
// then. They must read back.
func (c *chip) setUp() error {
	if err := c.writeOne(common, regMR, modeReset); err != nil {
		return err
	}
	for p := (pause{}); ; {
		r := c.four[:1]
		if err := c.readOnce(common, regMR, r); err != nil {
			return err
		}
		if r[0] == 0 {
			break
		}
		if !p.more(c.config.Timeout / 8) {
			return errBus
		}
	}
	for n := uint8(0); n < sockets; n++ {
		c.word = [2]byte{c.config.RxKB[n], c.config.TxKB[n]}
		if err := c.assure(registers(n), snRXBUF, c.word[:]); err != nil {
			return err
		}
	}
	if err := c.assure(common, regSHAR, c.config.MAC[:]); err != nil {
		return err
	}
	c.word = [2]byte{byte(intLevel >> 8), byte(intLevel & 0xFF)}
	if err := c.assure(common, regINTLEVEL, c.word[:]); err != nil {
		return err
	}
	c.word[0] = 0xFF
	if err := c.assure(common, regSIMR, c.word[:1]); err != nil {
		return err
	}
	r := c.four[:1]
	if err := c.read(common, regVERSIONR, r); err != nil {
		return err
	}
	if r[0] != version {
		return errBus
	}
	return nil
}

// assure writes registers and reads them back, with or without Verify.
func (c *chip) assure(block uint8, addr uint16, p []byte) error {
	if err := c.writeOnce(block, addr, p); err != nil {
		return err
	}
	return c.compare(block, addr, p)
}

// restore gives the chip its address, and takes it away with none.
func (c *chip) restore() error {
	var r [regSIPR + 4 - regGAR]byte // GAR, SUBR, SHAR, SIPR
	a := c.address
	if a.gateway.Is4() {
		g := a.gateway.As4()
		copy(r[:], g[:])
	}
	if a.prefix.IsValid() {
		mask := ^uint32(0) << (32 - a.prefix.Bits())
		copy(r[regSUBR-regGAR:], []byte{byte(mask >> 24), byte(mask >> 16), byte(mask >> 8), byte(mask)})
		ip := a.prefix.Addr().As4()
		copy(r[regSIPR-regGAR:], ip[:])
	}
	copy(r[regSHAR-regGAR:], c.config.MAC[:])
	for i := c.attempts(); ; i-- {
		err := c.assure(common, regGAR, r[:])
		if err == nil || i == 1 {
			return err
		}
	}
}

// setAddress is restore of another address.
func (c *chip) setAddress(a address) error {
	c.address = a
	return c.restore()
}

// sane reads the common registers: whether the chip is as it was set up, and
// whether its cable has a link.
func (c *chip) sane() (linked bool, err error) {
	var r [regVERSIONR + 1]byte
	for i := c.attempts(); i > 0; i-- {
		if err := c.readOnce(common, 0, r[:]); err != nil {
			return false, err
		}
		if r[regMR] == 0 && r[regSIMR] == 0xFF && r[regVERSIONR] == version &&
			[6]byte(r[regSHAR:]) == c.config.MAC && netip.AddrFrom4([4]byte(r[regSIPR:])) == c.address.ip() {
			return r[regPHYCFGR]&linkOn != 0, nil
		}
	}
	return false, errBus
}

// ip is 0.0.0.0 while there is no address.
func (a address) ip() netip.Addr {
	if a.prefix.IsValid() {
		return a.prefix.Addr()
	}
	return netip.IPv4Unspecified()
}
