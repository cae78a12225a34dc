package w5500

import (
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// options are what a socket is opened with.
type options struct {
	keepAlive bool
	idle      byte // of keep-alive, in units of 5 s; 0 is the default
	noDelay   bool
	tos, ttl  byte // a ttl of 0 is the default
	mss       uint16
}

const (
	maxSegment  = 1460
	defaultTTL  = 128
	defaultIdle = 255 // the longest that there is
	keepUnit    = 5   // seconds of Sn_KPALVTR
)

// mode is Sn_MR of a stream.
func (e *end) mode() byte {
	if e.options.noDelay {
		return modeTCP | modeND
	}
	return modeTCP
}

// keep is Sn_KPALVTR.
func (o *options) keep() byte {
	switch {
	case !o.keepAlive:
		return 0
	case o.idle == 0:
		return defaultIdle
	}
	return o.idle
}

// apply writes the options of a socket that is about to be opened.
func (c *chip) apply(s *socket, o *options) error {
	ttl := o.ttl
	if ttl == 0 {
		ttl = defaultTTL
	}
	mss := c.segment(s, o)
	c.six = [6]byte{byte(mss >> 8), byte(mss), 0, o.tos, ttl}
	if err := c.write(registers(s.n), snMSSR, c.six[:2]); err != nil {
		return err
	}
	if err := c.write(registers(s.n), snTOS, c.six[3:5]); err != nil {
		return err
	}
	return c.write8(registers(s.n), snKPALV, o.keep())
}

// segment is the longest segment of s. A peer delays its ACK until there is a
// second full one, and the chip sends nothing more before the ACK: so two of them
// make up the buffer. What is longer than that the chip divides, datagrams too.
func (c *chip) segment(s *socket, o *options) uint16 {
	switch {
	case c.ends[s.owner].kind == offload.Datagram:
		return maxDatagram
	case o.mss != 0:
		return o.mss
	}
	return uint16(min(maxSegment, c.config.size(c.config.TxKB, s.n)/2))
}

// SetOption sets what the chip has a register for. What it only looks at when it
// opens a socket counts from then on.
func (c *chip) SetOption(id int, level, opt int, value any) error {
	e := &c.ends[id]
	switch {
	case level == netdev.SOL_SOCKET && opt == netdev.SO_KEEPALIVE && e.kind == offload.Stream:
		on, err := netdev.OptBool(value)
		if err != nil {
			return err
		}
		e.options.keepAlive = on
		return c.setRegister(id, snKPALV, e.options.keep())
	case level == netdev.SOL_TCP && opt == netdev.TCP_NODELAY && e.kind == offload.Stream:
		on, err := netdev.OptBool(value)
		e.options.noDelay = on && err == nil
		return err
	}
	v, err := netdev.OptInt(value)
	switch {
	case level == netdev.SOL_TCP && opt == netdev.TCP_KEEPIDLE && e.kind == offload.Stream:
		switch {
		case err != nil || v < 1:
			return netdev.ErrInvalid
		case v > 255*keepUnit:
			return netdev.ErrNotSupported
		}
		e.options.idle = byte((v + keepUnit - 1) / keepUnit)
		return c.setRegister(id, snKPALV, e.options.keep())
	case level == netdev.SOL_TCP && opt == netdev.TCP_MAXSEG && e.kind == offload.Stream:
		if err != nil || v < 1 {
			return netdev.ErrInvalid
		}
		e.options.mss = uint16(min(v, maxSegment))
		return nil
	case level == netdev.IPPROTO_IP && opt == netdev.IP_TTL:
		if err != nil || v < 1 || v > 255 {
			return netdev.ErrInvalid
		}
		e.options.ttl = byte(v)
		return c.setRegister(id, snTTL, byte(v))
	case level == netdev.IPPROTO_IP && opt == netdev.IP_TOS:
		if err != nil || v < 0 || v > 255 {
			return netdev.ErrInvalid
		}
		e.options.tos = byte(v)
		return c.setRegister(id, snTOS, byte(v))
	}
	return netdev.ErrNotSupported
}

// setRegister writes to what the end has open.
func (c *chip) setRegister(id int, reg uint16, v byte) error {
	for n := range c.socks {
		if s := &c.socks[n]; s.owner == id && s.mode != 0 {
			if err := c.write8(registers(s.n), reg, v); err != nil {
				return c.failed(err)
			}
		}
	}
	return nil
}
