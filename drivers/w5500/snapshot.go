package w5500

import "net/netip"

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
		s.tracked && s.mode&0x0F == modeTCP && r[snSR] >= srInit && r[snSR] <= srSynRecv,
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
	if s.state = r[snSR]; s.state == srClosed && before != srClosed {
		// TIMEOUT may have come after Sn_IR was read, and before Sn_SR.
		if err := c.read(registers(s.n), snIR, r[snIR:snIR+1]); err != nil {
			return err
		}
		ir |= r[snIR] & irTIMEOUT
	}
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
