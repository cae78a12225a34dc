package w5500

import "time"

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

// transmit puts data behind what the transmit buffer holds, and has it sent.
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
	s.sending, s.since, s.send = true, time.Now(), cmd
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

// consume gives the chip n bytes of the receive buffer back, which were read.
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
