package w5500

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Connect sends the SYN.
func (c *chip) Connect(id int, local uint16, to netip.AddrPort, _ string) error {
	s := c.socketOf(id)
	if !c.reachable(to.Addr()) {
		return netdev.ErrNetUnreachable
	}
	return c.failed(c.connect(s, local, to))
}

func (c *chip) connect(s *socket, local uint16, to netip.AddrPort) error {
	if err := c.open(s, c.ends[s.owner].mode(), local); err != nil {
		return err
	}
	if err := c.address4(s, to); err != nil {
		return err
	}
	// ARP changes it where it finds somebody.
	c.six = [6]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	if err := c.write(registers(s.n), snDHAR, c.six[:]); err != nil {
		return err
	}
	for i := c.attempts(); i > 0; i-- {
		state, err := c.command(s, cmdCONNECT)
		if err != nil {
			return err
		}
		if state != srInit {
			c.news |= 1 << s.n
			return netdev.ErrInProgress
		}
	}
	return errBus
}

// reachable reports whether the chip has a way to an address: without a gateway it
// would look on its own network for all of them.
func (c *chip) reachable(to netip.Addr) bool {
	a := &c.address
	return !to.IsLoopback() && a.prefix.IsValid() && (a.prefix.Contains(to) || a.gateway.Is4() && !a.gateway.IsUnspecified())
}

// address4 writes where s sends to.
func (c *chip) address4(s *socket, to netip.AddrPort) error {
	if s.peer == to && s.mode != modeTCP {
		return nil
	}
	ip := to.Addr().As4()
	c.six = [6]byte{ip[0], ip[1], ip[2], ip[3], byte(to.Port() >> 8), byte(to.Port())}
	s.peer = netip.AddrPort{}
	if err := c.write(registers(s.n), snDIPR, c.six[:]); err != nil {
		return err
	}
	s.peer = to
	return nil
}

// Connected looks at the state: what ends an attempt need not be an interrupt.
func (c *chip) Connected(id int) error {
	s := c.socketOf(id)
	if err := c.look(s); err != nil {
		return c.failed(err)
	}
	switch s.state {
	case srInit, srARP, srSynSent, srSynRecv:
		return netdev.ErrInProgress
	case srClosed:
		switch {
		case !s.has(irTIMEOUT):
			return netdev.ErrConnRefused
		case !s.found:
			return netdev.ErrHostUnreachable
		}
		return netdev.ErrConnTimedOut
	}
	return nil
}

// Send has one SEND under way at a time, as the chip wants it.
func (c *chip) Send(id int, b []byte) (int, error) {
	s := c.socketOf(id)
	if err := c.progress(s); err != nil {
		return 0, c.failed(err)
	}
	switch {
	case !s.alive():
		return 0, s.over()
	case s.sending, s.free == 0:
		return 0, netdev.ErrWouldBlock
	}
	b = b[:min(len(b), int(s.free))]
	if err := c.transmit(s, b, cmdSEND); err != nil {
		return 0, c.failed(err)
	}
	return len(b), nil
}

// sendTime is after how long without a word of a SEND the chip is asked whether it
// has anything to send at all.
const sendTime = time.Second

// progress looks at s if there is something new, and gives a SEND again that has
// not arrived.
func (c *chip) progress(s *socket) error {
	late := s.sending && time.Since(s.since) > sendTime
	if late {
		c.news |= 1 << s.n
		s.since = time.Now()
	}
	if err := c.ask(s); err != nil || !late || !s.sending || s.state == srClosed {
		return err
	}
	if int(s.free) < c.config.size(c.config.TxKB, s.n) {
		return nil
	}
	_, err := c.command(s, s.send)
	return err
}

// Recv empties the chip's buffer as far as b has room.
func (c *chip) Recv(id int, b []byte) (int, error) {
	s := c.socketOf(id)
	if err := c.ask(s); err != nil {
		return 0, c.failed(err)
	}
	b = b[:min(len(b), int(s.waiting))]
	if len(b) == 0 {
		switch {
		case s.fin:
			return 0, io.EOF
		case s.state == srClosed:
			return 0, s.over()
		}
		return 0, netdev.ErrWouldBlock
	}
	err := c.read(rxBuffer(s.n), s.rd, b)
	if err == nil {
		err = c.consume(s, uint16(len(b)))
	}
	if err != nil {
		return 0, c.failed(err)
	}
	return len(b), nil
}

// Times that the end of a connection may take.
const (
	drainTime = 10 * time.Second // until what was sent is acknowledged
	finTime   = 5 * time.Second  // until the FIN is, and the peer's has come
)

// Close ends a socket: a connection with a FIN behind all that was sent, which the
// chip keeps the socket for.
func (c *chip) Close(id int, abort bool) error {
	e := &c.ends[id]
	if e.closing.IsZero() {
		e.closing = time.Now()
	}
	if e.listens {
		return c.failed(c.unlisten(id))
	}
	s := c.socketOf(id)
	done, err := c.finish(s, e.closing, abort)
	if err == nil && !done {
		return netdev.ErrInProgress
	}
	if err == nil {
		err = c.release(s)
	}
	if err == nil {
		*e = end{}
	}
	return c.failed(err)
}

// finish leads a socket to its end, and reports whether it is there.
func (c *chip) finish(s *socket, since time.Time, abort bool) (done bool, err error) {
	if abort || s.mode&0x0F != modeTCP && !(s.mode&modeUDP != 0 && s.sending) {
		return true, nil
	}
	if err := c.look(s); err != nil {
		return false, err
	}
	switch {
	case s.state == srUDP:
		return !s.sending || time.Since(since) > drainTime, nil
	case s.alive() && s.sending:
		return time.Since(since) > drainTime, nil
	case s.alive():
		s.closing = time.Now()
		state, err := c.command(s, cmdDISCON)
		if err == nil && (state == srEstablished || state == srCloseWait) {
			err = c.retry(s, cmdDISCON, state)
		}
		return false, err
	case s.state == srFinWait, s.state == srClosing, s.state == srLastAck:
		// Where the network is left nobody waits for the peer to close too.
		return c.leaving || time.Since(s.closing) > finTime, nil
	}
	return true, nil
}

// retry gives a command again that has left the state as it was.
func (c *chip) retry(s *socket, cmd, state byte) error {
	for i := c.attempts(); i > 1; i-- {
		now, err := c.command(s, cmd)
		if err != nil || now != state {
			return err
		}
	}
	return errBus
}
