package w5500

import "time"

// read returns a byte of a block. What is not there is 0.
func (c *Chip) read(block byte, addr uint16) byte {
	n := int(block >> 2)
	switch {
	case block == 0:
		return c.readCommon(addr)
	case block&3 == 1:
		return c.readSocket(&c.sockets[n], addr)
	case block&3 == 2:
		if r := c.txRing(n); r.length > 0 {
			return *r.at(addr)
		}
	case block&3 == 3:
		if r := c.rxRing(n); r.length > 0 {
			return *r.at(addr)
		}
	}
	return 0
}

func (c *Chip) write(block byte, addr uint16, v byte) {
	n := int(block >> 2)
	switch {
	case block == 0:
		c.writeCommon(addr, v)
	case block&3 == 1:
		c.writeSocket(&c.sockets[n], addr, v)
	case block&3 == 2:
		if r := c.txRing(n); r.length > 0 {
			*r.at(addr) = v
		}
	case block&3 == 3:
		if r := c.rxRing(n); r.length > 0 {
			*r.at(addr) = v
		}
	}
}

func (c *Chip) readCommon(addr uint16) byte {
	switch addr {
	case regSIR:
		return c.socketInterrupts()
	case regPHYCFGR:
		return c.phy()
	case regVERSIONR:
		return c.config.Version
	}
	if int(addr) < len(c.common) {
		return c.common[addr]
	}
	return 0
}

func (c *Chip) writeCommon(addr uint16, v byte) {
	switch {
	case addr == regMR:
		if v&modeRST != 0 {
			c.stats.Resets++
			c.reset()
			return
		}
		c.common[regMR] = v & 0x3A
	case addr == regIR:
		c.common[regIR] &^= v
	case addr == regPHYCFGR:
		if v&phyRST == 0 {
			c.linkAt = time.Time{}
		} else if c.common[regPHYCFGR]&phyRST == 0 {
			c.linkAt = time.Now().Add(c.config.LinkDelay)
		}
		c.common[regPHYCFGR] = v & 0xF8
	case addr == regSIR, addr >= regUIPR:
		// to be read only
	default:
		c.common[addr] = v
		if addr >= regGAR && addr < regINTLEVEL {
			c.addressAt = time.Now().Add(settle)
			c.poke()
		}
	}
	if addr == regMR || addr >= regSHAR && addr < regINTLEVEL {
		c.tellCable()
	}
}

// phy is PHYCFGR: what was written, and the link.
func (c *Chip) phy() byte {
	v := c.common[regPHYCFGR]
	if c.linkUp() {
		v |= phyLink | phySpeed | phyDuplex
	}
	return v
}

func (c *Chip) linkUp() bool {
	return c.plugged && !c.linkAt.IsZero() && !time.Now().Before(c.linkAt)
}

func (c *Chip) readSocket(s *socket, addr uint16) byte {
	switch addr {
	case snCR:
		return c.readCommand(s)
	case snTX_FSR, snRX_RSR:
		// The chip's counters go on while the two halves are clocked out.
		v := c.txFree(s)
		if addr == snRX_RSR {
			v = s.received()
		}
		c.publish(s, true)
		return byte(v >> 8)
	case snTX_FSR + 1:
		return byte(c.txFree(s))
	case snRX_RSR + 1:
		return byte(s.received())
	}
	if int(addr) < len(s.regs) {
		return s.regs[addr]
	}
	return 0
}

func (c *Chip) writeSocket(s *socket, addr uint16, v byte) {
	switch {
	case addr == snCR:
		c.command(s, v)
	case addr == snIR:
		s.regs[snIR] &^= v
	case addr == snSR, addr == snTX_FSR, addr == snTX_FSR+1, addr == snTX_RD, addr == snTX_RD+1,
		addr == snRX_RSR, addr == snRX_RSR+1, addr == snRX_WR, addr == snRX_WR+1, int(addr) >= len(s.regs),
		addr == 0x14, addr > snTTL && addr < snRXBUF_SIZE:
		// to be read only, or nothing
	default:
		s.regs[addr] = v
	}
}
