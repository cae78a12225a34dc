package w5500

import (
	"net/netip"
	"time"
)

// command is a write of Sn_CR.
func (c *Chip) command(s *socket, v byte) {
	if c.busy(s) {
		c.abuse("a command before the last one was taken")
		return
	}
	if v == 0 {
		return
	}
	c.stats.Commands++
	s.command = v
	if c.config.Latency > 0 {
		s.commence = time.Now().Add(c.config.Latency)
		c.poke()
		return
	}
	s.shown, s.showTo = c.rng.IntN(3), c.stats.Transactions+2
	c.execute(s, v)
}

// busy reports whether Sn_CR still has a command.
func (c *Chip) busy(s *socket) bool {
	c.takeCommand(s, time.Now())
	if s.commence.IsZero() && (s.shown == 0 || c.stats.Transactions > s.showTo) {
		s.command = 0
	}
	return s.command != 0
}

// takeCommand executes a command whose time has come.
func (c *Chip) takeCommand(s *socket, now time.Time) {
	if !s.commence.IsZero() && !now.Before(s.commence) {
		s.commence, s.shown = time.Time{}, 0
		c.execute(s, s.command)
	}
}

func (c *Chip) readCommand(s *socket) byte {
	if !c.busy(s) {
		return 0
	}
	s.shown = max(0, s.shown-1)
	return s.command
}

// execute does what a command says. One that does not suit the state does nothing.
func (c *Chip) execute(s *socket, cmd byte) {
	c.poke() // for what comes of it
	c.readdress()
	switch cmd {
	case cmdOpen:
		c.open(s)
	case cmdListen:
		if s.state() == srInit {
			c.listen(s)
		}
	case cmdConnect:
		if s.state() == srInit {
			c.connect(s)
		}
	case cmdDiscon:
		c.disconnect(s)
	case cmdClose:
		c.closed(s, 0)
	case cmdSend, cmdSendMAC:
		c.send(s, cmd == cmdSendMAC)
	case cmdSendKeep:
		if s.state() == srEstablished {
			c.keepAlive(s, 1)
		}
	case cmdRecv:
		c.receive(s)
	}
}

// open makes a socket of the protocol in Sn_MR.
func (c *Chip) open(s *socket) {
	c.closed(s, 0)
	for _, p := range [...]int{snTX_RD, snTX_WR, snRX_RD, snRX_WR} {
		s.setReg(p, 0)
	}
	s.read, s.late, s.end, s.given, s.eof = 0, 0, 0, 0, false
	if c.oversized() {
		c.abuse("sockets with more memory than there is")
	}
	switch {
	case s.proto() == protoTCP:
		s.set(srInit)
	case s.proto() == protoUDP:
		c.openUDP(s)
	case s.proto() == protoMACRAW && s.n == 0 && c.config.Cable != nil:
		s.set(srMACRAW)
		c.tellCable()
	}
}

// receive gives the ring what the MCU has read.
func (c *Chip) receive(s *socket) {
	read := s.reg(snRX_RD)
	if read-s.read > s.received() {
		c.abuse("RECV of more than there was")
		read = s.reg(snRX_WR)
	}
	s.read = read
	s.ready.Store(true) // there may be more in Network than there was room for
	c.poke()
}

// send sends what is before Sn_TX_WR.
func (c *Chip) send(s *socket, mac bool) {
	_, length := c.memory(s.n, snTXBUF_SIZE)
	end := s.reg(snTX_WR)
	if int(end-s.reg(snTX_RD)) > length {
		c.abuse("SEND of more than the buffer holds")
		return
	}
	switch s.state() {
	case srEstablished, srCloseWait:
		s.sending, s.end, s.ask = true, end, askSoon
		c.stream(s)
	case srUDP, srMACRAW:
		if s.sending {
			c.abuse("SEND before the last datagram was sent")
			return
		}
		s.sending, s.end = true, end
		if s.state() == srUDP {
			c.sendUDP(s, mac)
		} else {
			c.sendRaw(s)
		}
	}
}

// sent ends a SEND that is not a stream's.
func (c *Chip) sent(s *socket, outcome byte) {
	s.sending, s.owed, s.due, s.await = false, false, time.Time{}, netip.Addr{}
	s.setReg(snTX_RD, s.end)
	s.raise(outcome)
}
