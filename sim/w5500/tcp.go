package w5500

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// tcpSocket makes a socket of Network that has the settings of s.
func (c *Chip) tcpSocket(s *socket) (int, error) {
	n := c.config.Network
	if n == nil {
		return -1, netdev.ErrNetDown
	}
	fd, err := n.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err == nil {
		n.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true)
		c.tune(s, fd)
	}
	return fd, err
}

// tune gives a connection of Network the settings of s.
func (c *Chip) tune(s *socket, fd int) {
	n := c.config.Network
	n.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_NODELAY, true)
	n.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, int(c.tcpTimeout()/time.Millisecond))
	n.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, kib(s.regs[snRXBUF_SIZE]))
	n.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_SNDBUF, kib(s.regs[snTXBUF_SIZE]))
	n.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TTL, int(s.regs[snTTL]))
	n.SetSockOpt(fd, netdev.IPPROTO_IP, netdev.IP_TOS, int(s.regs[snTOS]))
	if mss := s.reg(snMSSR); mss != 0 {
		n.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_MAXSEG, int(mss))
	}
}

// connect sends the SYN.
func (c *Chip) connect(s *socket) {
	peer := s.peer()
	if !c.address.up || peer.Addr().IsUnspecified() || peer.Port() == 0 || s.reg(snPORT) == 0 {
		c.abuse("CONNECT from or to nowhere")
		s.set(srSynSent)
		s.due = time.Now().Add(c.arpTimeout())
		c.poke()
		return
	}
	fd, err := c.tcpSocket(s)
	if err != nil {
		c.closed(s, intTimeout)
		return
	}
	s.set(srSynSent)
	s.begun = time.Now()
	s.due = s.begun.Add(c.arpTimeout())
	c.take(s, fd)
	if err = c.config.Network.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), s.reg(snPORT))); err == nil {
		err = c.config.Network.Connect(fd, "", peer)
	}
	c.answered(s, err)
}

// unanswered is for a SYN that has waited for ARP, or for its answer, long enough.
func (c *Chip) unanswered(s *socket) {
	if end := s.begun.Add(c.tcpTimeout()); c.resolve(s) && s.fd >= 0 && time.Now().Before(end) {
		s.due = end
		return
	}
	c.closed(s, intTimeout)
}

// answered is for the outcome of a SYN, or that there is none yet.
func (c *Chip) answered(s *socket, err error) {
	switch err {
	case nil:
		c.established(s)
	case netdev.ErrInProgress, netdev.ErrWouldBlock:
	case netdev.ErrConnRefused, netdev.ErrConnReset:
		c.closed(s, intDiscon)
	default:
		c.resolve(s)
		c.closed(s, intTimeout)
	}
}

func (c *Chip) established(s *socket) {
	c.resolve(s)
	s.set(srEstablished)
	s.raise(intCon)
	s.due = time.Time{}
	if k := s.regs[snKPALVTR]; k != 0 {
		c.keepAlive(s, 5*int(k))
	}
	s.ready.Store(true)
	c.poke()
}

// keepAlive has the peer asked after so many seconds of quiet whether it is there.
func (c *Chip) keepAlive(s *socket, seconds int) {
	n := c.config.Network
	n.SetSockOpt(s.fd, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, seconds)
	n.SetSockOpt(s.fd, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, seconds)
	n.SetSockOpt(s.fd, netdev.SOL_TCP, netdev.TCP_KEEPCNT, max(1, int(c.common[regRCR])))
	n.SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true)
}

// disconnect begins to close: a FIN follows what was sent.
func (c *Chip) disconnect(s *socket) {
	switch s.state() {
	case srEstablished:
		s.set(srFinWait)
	case srCloseWait:
		s.set(srLastAck)
	case srFinWait, srClosing, srTimeWait, srLastAck:
		return
	default:
		c.closed(s, 0)
		return
	}
	s.finish, s.ask = true, askSoon
	s.due = time.Now().Add(c.tcpTimeout())
	c.stream(s)
}

// stream moves bytes and FINs between a connection and Network.
func (c *Chip) stream(s *socket) {
	if s.fd < 0 {
		return
	}
	c.fill(s)
	if s.fd >= 0 {
		c.drain(s)
	}
	if s.fd >= 0 && s.finish {
		c.closing(s)
	}
}

// mostSegment is how much goes from and to Network at a time.
const mostSegment = 1460

// fill receives what there is room for.
func (c *Chip) fill(s *socket) {
	buf := c.scratch[:mostSegment]
	for !s.eof {
		room := min(c.rxFree(s), len(buf))
		if room == 0 {
			return
		}
		n, err := c.config.Network.Recv(s.fd, buf[:room], netdev.MSG_DONTWAIT, time.Time{})
		if n > 0 {
			c.arrive(s, buf[:n])
			c.arrived(s)
			if s.late > 0 {
				return // the rest when this has been told
			}
		}
		switch {
		case err == io.EOF:
			c.finArrived(s)
		case err == netdev.ErrWouldBlock:
			return
		case err != nil:
			c.failed(s, err)
			return
		}
	}
}

func (c *Chip) finArrived(s *socket) {
	s.eof = true
	c.publish(s, false)
	s.raise(intDiscon)
	switch s.state() {
	case srEstablished:
		s.set(srCloseWait)
	case srFinWait:
		s.set(srClosing)
	}
}

// failed ends a connection that Network gave up.
func (c *Chip) failed(s *socket, err error) {
	if err == netdev.ErrConnReset || err == netdev.ErrBrokenPipe || err == netdev.ErrConnAborted {
		c.closed(s, intDiscon)
		return
	}
	c.closed(s, intTimeout)
}

// drain sends what SEND has commanded, and tells when the peer has it.
func (c *Chip) drain(s *socket) {
	buf := c.scratch[:mostSegment]
	for s.given != s.end {
		b := buf[:min(len(buf), int(s.end-s.given))]
		c.txRing(s.n).get(s.given, b)
		n, err := c.config.Network.Send(s.fd, b, netdev.MSG_DONTWAIT, time.Time{})
		s.given += uint16(max(n, 0))
		if err == netdev.ErrWouldBlock {
			break
		}
		if err != nil {
			c.failed(s, err)
			return
		}
	}
	// Memory is free again when the peer has acknowledged what was in it.
	s.setReg(snTX_RD, s.given-uint16(c.unacknowledged(s)))
	if s.sending && s.reg(snTX_RD) == s.end {
		s.sending = false
		s.raise(intSendOK)
	}
}

// unacknowledged returns how much of what Network has the peer has not.
func (c *Chip) unacknowledged(s *socket) int {
	if s.given == s.reg(snTX_RD) {
		return 0
	}
	return min(c.info(s).SendQ, int(s.given-s.reg(snTX_RD)))
}

// info is what Network tells of a socket.
func (c *Chip) info(s *socket) netdev.SocketInfo {
	if l, ok := c.config.Network.(netdev.SocketLister); ok {
		list, _ := l.Sockets()
		for _, i := range list {
			if i.Sockfd == s.fd {
				return i
			}
		}
	}
	return netdev.SocketInfo{}
}

// closing sends the FIN when all else is sent, and ends when both have come.
func (c *Chip) closing(s *socket) {
	if s.given == s.end && !s.finished {
		s.finished = true
		c.config.Network.Shutdown(s.fd, netdev.SHUT_WR)
	}
	if !s.finished {
		return
	}
	state := c.info(s).State
	acked := state == "FIN-WAIT-2" || state == "TIME-WAIT" || state == "CLOSED" || state == ""
	if acked && !s.eof {
		s.due = time.Time{} // the peer may take its time
	}
	if !acked || !s.eof {
		return
	}
	switch s.state() {
	case srLastAck:
		c.release(s)
		c.closed(s, intDiscon)
	case srFinWait, srClosing:
		c.release(s)
		s.set(srTimeWait)
		s.due = time.Now().Add(c.retransmission())
	}
}

// peer is Sn_DIPR and Sn_DPORT.
func (s *socket) peer() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(s.regs[snDIPR:])), s.reg(snDPORT))
}
