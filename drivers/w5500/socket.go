package w5500

import (
	"net/netip"
	"runtime"
	"time"

	"github.com/netdev-go/netdev"
)

const (
	sockets = 8
	none    = -1
)

// A socket is one of the chip's, and what is known about it.
type socket struct {
	n     uint8
	owner int // the end that it is of, or none
	mode  byte
	port  uint16

	state   byte      // Sn_SR as it was seen last
	told    byte      // of Sn_IR: what was seen and is not settled
	fin     bool      // the peer's FIN was seen
	found   bool      // the peer's hardware address is known
	tracked bool      // rd and wr are ours
	rd, wr  uint16    // of the receive and of the transmit buffer
	waiting uint16    // bytes that are received and not read
	free    uint16    // bytes of the transmit buffer
	sending bool      // between SEND and its SENDOK
	since   time.Time // that SEND
	closing time.Time // when DISCON was commanded; zero before
	peer    netip.AddrPort
}

func (s *socket) has(bit byte) bool { return s.told&bit != 0 }

// alive reports whether a connection carries data from here to the peer.
func (s *socket) alive() bool { return s.state == srEstablished || s.state == srCloseWait }

// over is what a stream in the state CLOSED has come to.
func (s *socket) over() error {
	if s.has(irTIMEOUT) {
		return netdev.ErrConnTimedOut
	}
	return netdev.ErrConnReset
}

// A snapshot is the registers of a socket, read at once.
type snapshot [snLength]byte

func (r *snapshot) word(reg int) uint16 { return be16(r[reg:]) }

// likely reports whether s may read like that: what nobody but the driver
// changes is as the driver knows it.
func (c *chip) likely(s *socket, r *snapshot) bool {
	rx, tx := c.config.size(c.config.RxKB, s.n), c.config.size(c.config.TxKB, s.n)
	switch {
	case r[snMR] != s.mode, r[snCR] != 0, r[snIR]&^irAll != 0, !known(r[snSR]),
		s.mode != 0 && r.word(snPORT) != s.port,
		int(r[snRXBUF])<<10 != rx, int(r[snTXBUF])<<10 != tx,
		int(r.word(snRXRSR)) > rx, int(r.word(snTXFSR)) > tx,
		s.tracked && r[snSR] != srClosed && (r.word(snRXRD) != s.rd || r.word(snTXWR) != s.wr):
		return false
	}
	return true
}

// attempts is how often something is read that makes no sense. With Verify once
// is enough: a frame that the bus has changed may have changed anything.
func (c *chip) attempts() int {
	if c.verify {
		return 1
	}
	return 4
}

// look reads what has become of s, and takes the interrupts back that it has seen.
func (c *chip) look(s *socket) error {
	c.news &^= 1 << s.n
	r := &c.view
	if err := c.snap(s, r); err != nil {
		return err
	}
	ir := r[snIR]
	if ir != 0 {
		if err := c.writeOne(registers(s.n), snIR, ir); err != nil {
			return err
		}
	}
	if err := c.settle(s, r, ir); err != nil {
		return err
	}
	before := s.state
	s.state = r[snSR]
	s.told |= ir & (irTIMEOUT | irSENDOK)
	if s.state == srCloseWait || s.state == srClosing || s.state == srLastAck || s.state == srTimeWait {
		s.fin = true
	}
	if s.has(irSENDOK) {
		s.sending, s.told = false, s.told&^irSENDOK
	}
	if s.mode&modeUDP != 0 && s.has(irTIMEOUT) { // nobody has the address
		s.sending, s.told = false, s.told&^irTIMEOUT
	}
	if s.state != before && s.mode&0x0F == modeTCP {
		c.changed(s, r)
	}
	s.waiting, s.free = r.word(snRXRSR), r.word(snTXFSR)
	if ir != 0 && s.owner != none && c.core != nil {
		// Whoever looks may want something else of it.
		c.core.Signal(s.owner)
	}
	return nil
}

// snap reads the registers of s into r until they are likely.
func (c *chip) snap(s *socket, r *snapshot) error {
	for i := c.attempts(); i > 0; i-- {
		if err := c.readOnce(registers(s.n), 0, r[:]); err != nil {
			return err
		}
		if c.likely(s, r) {
			return nil
		}
	}
	return errBus
}

// settle reads the pointers, which the chip may be moving, until they stay. The
// interrupts ir were taken back before.
func (c *chip) settle(s *socket, r *snapshot, ir byte) error {
	end := r.word(snRXWR)
	for i := 0; i < 16; i++ {
		last := *r
		from := snRXBUF
		if c.verify {
			from = 0
		}
		if err := c.readOnce(registers(s.n), uint16(from), r[from:]); err != nil {
			return err
		}
		if !c.likely(s, r) {
			if c.verify {
				return errBus
			}
			*r = last
			continue
		}
		same := r.word(snRXRSR) == last.word(snRXRSR) && r.word(snTXFSR) == last.word(snTXFSR)
		if c.verify {
			// Only data can raise an interrupt again that was just taken back.
			again := r[snIR] & ir
			if again&^irRECV != 0 || again != 0 && r.word(snRXWR) == end {
				return errBus
			}
			ir &^= again
			last[snIR] = r[snIR]
			same = *r == last
		}
		if same {
			return nil
		}
	}
	return errBus
}

// changed is for a stream whose state is another one.
func (c *chip) changed(s *socket, r *snapshot) {
	switch s.state {
	case srClosed:
		s.tracked = false
		s.found = !absent(r[snDHAR : snDHAR+6])
	case srInit, srListen, srARP, srSynSent, srSynRecv:
	default:
		if !s.tracked {
			// Connecting sets the pointers.
			s.tracked, s.rd, s.wr = true, r.word(snRXRD), r.word(snTXWR)
			s.peer = netip.AddrPortFrom(netip.AddrFrom4([4]byte(r[snDIPR:])), r.word(snDPORT))
		}
	}
}

// absent reports whether ARP has found nobody.
func absent(mac []byte) bool {
	for _, b := range mac {
		if b != 0xFF {
			return false
		}
	}
	return true
}

// command has the chip take a command, and returns the state after it.
func (c *chip) command(s *socket, cmd byte) (state byte, err error) {
	if err := c.writeOne(registers(s.n), snCR, cmd); err != nil {
		return 0, err
	}
	var p pause
	for bad := 0; ; {
		r := c.four[:]
		if err := c.readOnce(registers(s.n), snMR, r); err != nil {
			return 0, err
		}
		switch {
		case r[snMR] != s.mode || r[snCR] != 0 && r[snCR] != cmd || r[snIR]&^irAll != 0 || !known(r[snSR]):
			if bad++; bad >= c.attempts() {
				return 0, errBus
			}
		case r[snCR] == 0:
			return r[snSR], nil
		}
		if !p.more(c.config.Timeout) {
			return 0, errBus
		}
	}
}

// open has s open for mode and port, with the options of its end.
func (c *chip) open(s *socket, mode byte, port uint16) error {
	if err := c.close(s); err != nil {
		return err
	}
	o := &c.ends[s.owner].options
	regs := registers(s.n)
	err := c.write16(regs, snPORT, port)
	if err == nil {
		err = c.write8(regs, snMR, mode)
	}
	if err == nil {
		err = c.apply(s, o)
	}
	if err != nil {
		return err
	}
	s.mode, s.port = mode, port
	switch mode & 0x0F {
	case modeTCP:
		s.state = srInit
		return c.reach(s, cmdOPEN, srInit)
	case modeMACRAW:
		err = c.reach(s, cmdOPEN, srMACRAW)
	default:
		err = c.reach(s, cmdOPEN, srUDP)
	}
	if err != nil {
		return err
	}
	return c.begin(s)
}

// begin takes the pointers of a socket without connection over.
func (c *chip) begin(s *socket) error {
	r := &c.view
	if err := c.snap(s, r); err != nil {
		return err
	}
	if err := c.settle(s, r, 0); err != nil {
		return err
	}
	s.state, s.tracked = r[snSR], true
	s.rd, s.wr, s.free, s.waiting = r.word(snRXRD), r.word(snTXWR), r.word(snTXFSR), 0
	c.news |= 1 << s.n
	return nil
}

// reach commands until the state is the one wanted. A command that is lost on the
// way is given again.
func (c *chip) reach(s *socket, cmd, want byte) error {
	for i := c.attempts(); i > 0; i-- {
		state, err := c.command(s, cmd)
		for p := (pause{}); err == nil && state != want && p.more(c.config.Timeout/8); {
			state, err = c.state(s)
		}
		if err != nil || state == want {
			return err
		}
	}
	return errBus
}

// state reads Sn_SR alone.
func (c *chip) state(s *socket) (byte, error) {
	for i := c.attempts(); i > 0; i-- {
		r := c.four[:]
		if err := c.readOnce(registers(s.n), snMR, r); err != nil {
			return 0, err
		}
		if r[snMR] == s.mode && r[snCR] == 0 && known(r[snSR]) {
			return r[snSR], nil
		}
	}
	return 0, errBus
}

// close drops whatever s is.
func (c *chip) close(s *socket) error {
	if s.mode != 0 {
		if err := c.reach(s, cmdCLOSE, srClosed); err != nil {
			return err
		}
		if err := c.writeOne(registers(s.n), snIR, irAll); err != nil {
			return err
		}
		if err := c.write8(registers(s.n), snMR, 0); err != nil {
			return err
		}
	}
	*s = socket{n: s.n, owner: s.owner}
	c.news &^= 1 << s.n
	return nil
}

// write data behind what the transmit buffer holds, and have it sent.
func (c *chip) transmit(s *socket, b []byte, cmd byte) error {
	if err := c.write(txBuffer(s.n), s.wr, b); err != nil {
		return err
	}
	wr := s.wr + uint16(len(b))
	if err := c.move(s, snTXWR, s.wr, wr); err != nil {
		return err
	}
	s.wr = wr
	if _, err := c.command(s, cmd); err != nil {
		return err
	}
	s.sending, s.since = true, time.Now()
	free := s.free
	s.free -= uint16(len(b))
	if c.verify && len(b) > 0 {
		return c.taken(s, free)
	}
	return nil
}

// taken waits until there is a sign that SEND was taken: SENDOK, or less memory
// than there was, which was free.
func (c *chip) taken(s *socket, free uint16) error {
	for p := (pause{}); s.sending; {
		if err := c.look(s); err != nil {
			return err
		}
		if s.sending && s.free >= free && s.state != srClosed && !p.more(c.config.Timeout) {
			return errBus
		}
		if s.free < free || s.state == srClosed {
			return nil
		}
	}
	return nil
}

// consume reads b at the receive pointer, which RECV then moves n bytes on.
func (c *chip) consume(s *socket, n uint16) error {
	if err := c.move(s, snRXRD, s.rd, s.rd+n); err != nil {
		return err
	}
	s.rd += n
	s.waiting -= n
	if _, err := c.command(s, cmdRECV); err != nil {
		return err
	}
	if !c.verify {
		return nil
	}
	r := &c.view
	if err := c.snap(s, r); err != nil {
		return err
	}
	if r[snSR] != srClosed && r.word(snRXRSR)-(r.word(snRXWR)-r.word(snRXRD)) == n {
		return errBus // the command did not arrive
	}
	return nil
}

// move writes a pointer. Some chips show the old one until the command.
func (c *chip) move(s *socket, reg uint16, from, to uint16) error {
	c.word[0], c.word[1] = byte(to>>8), byte(to)
	if err := c.writeOnce(registers(s.n), reg, c.word[:]); err != nil || !c.verify {
		return err
	}
	got := c.four[:2]
	if err := c.readOnce(registers(s.n), reg, got); err != nil {
		return err
	}
	if v := be16(got); v != to && v != from {
		return errBus
	}
	return nil
}

// writeOne writes a register that does not read back as it was written.
func (c *chip) writeOne(block uint8, addr uint16, v byte) error {
	c.word[0] = v
	return c.writeOnce(block, addr, c.word[:1])
}

// A pause is what lies between two looks at something that takes a moment.
type pause struct {
	n     int
	start time.Time
}

// more waits, longer each time, and reports whether there is time left.
func (p *pause) more(limit time.Duration) bool {
	if p.n == 0 {
		p.start = time.Now()
	}
	if p.n++; p.n < 8 {
		runtime.Gosched()
		return true
	}
	if time.Since(p.start) > limit {
		return false
	}
	time.Sleep(20 * time.Microsecond << min(p.n-8, 6))
	return true
}
