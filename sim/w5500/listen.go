package w5500

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// A listener is what the sockets in LISTEN of one port share of Network. It is
// there while there is such a socket, so that any other SYN is refused.
type listener struct {
	fd      int
	port    uint16
	waiting int // sockets in LISTEN
	ready   atomic.Bool
}

func (c *Chip) listen(s *socket) {
	s.set(srListen)
	port := s.reg(snPORT)
	l := c.ports[port]
	if l == nil {
		fd, err := c.tcpSocket(s)
		if err != nil {
			return
		}
		l = &listener{fd: fd, port: port}
		n := c.config.Network
		n.SetNonblock(fd, true)
		if err := n.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)); err != nil {
			n.Close(fd)
			return
		}
		if n.Listen(fd, 1) != nil {
			n.Close(fd)
			return
		}
		n.PollNotify(fd, func() {
			l.ready.Store(true)
			c.poke()
		})
		c.ports[port] = l
	}
	l.waiting++
	s.listener = l
	c.config.Network.Listen(l.fd, l.waiting)
}

// unlisten has one socket less wait for a SYN.
func (c *Chip) unlisten(s *socket) {
	l := s.listener
	if l == nil {
		return
	}
	s.listener = nil
	if l.waiting--; l.waiting > 0 {
		c.config.Network.Listen(l.fd, l.waiting)
		return
	}
	delete(c.ports, l.port)
	c.config.Network.Close(l.fd)
}

// accept makes connections of sockets in LISTEN. With the last of them the listener
// closes, which resets who has come beside.
func (c *Chip) accept(l *listener) {
	for i := range c.sockets {
		s := &c.sockets[i]
		if s.listener != l {
			continue
		}
		fd, peer, err := c.config.Network.Accept(l.fd)
		if err != nil {
			return
		}
		c.tune(s, fd)
		c.take(s, fd)
		a := peer.Addr().As4()
		copy(s.regs[snDIPR:], a[:])
		s.setReg(snDPORT, peer.Port())
		c.unlisten(s)
		c.answer(s)
	}
}

// answer is for a SYN that has come, and takes as long as a command.
func (c *Chip) answer(s *socket) {
	if c.config.Latency <= 0 {
		c.established(s)
		return
	}
	s.set(srSynRecv)
	s.due = time.Now().Add(c.config.Latency)
	c.poke()
}
