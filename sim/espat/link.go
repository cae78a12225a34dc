package espat

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// maxLinks is how many links there are.
const maxLinks = 5

// Sizes of the firmware.
const (
	window      = 5760 // of a socket's receive buffer
	segment     = 1440 // MSS
	maxActive   = 2920 // most bytes of one +IPD
	maxDatagram = 1472 // no fragments are put together
	mailbox     = 32   // datagrams that wait
)

// A link is one of the five.
type link struct {
	id      int
	kind    string // TCP, UDP, SSL
	fd      int
	serves  bool // a client of the server
	remote  netip.AddrPort
	local   uint16
	mode    int  // of UDP: who is the peer
	changed bool // mode 1 has changed it

	told    bool // +IPD was said, and nothing read since
	left    int  // what a read has left, which is not told of again
	queue   []datagram
	queued  int
	active  time.Time // when something was sent or received
	sending bool      // CIPSEND is at work
	tls     *tlsLink
}

type datagram struct {
	from netip.AddrPort
	data []byte
}

// linkOptions are what is set for a link, and outlasts it.
type linkOptions struct {
	passive   bool
	perPacket bool // +IPD tells of the next datagram
	linger    int
	nodelay   bool
	sendTime  int // ms
	keepAlive int // seconds
	auth      int // CIPSSLCCONF
	pki, ca   int
	sni, name string
}

// prefix is how messages name a link.
func (s *session) prefix(l *link) string {
	if !s.mux {
		return ""
	}
	return fmt.Sprintf("%d,", l.id)
}

// end ends a link and tells of it. The session's lock is held.
func (s *session) end(l *link) {
	s.release(l)
	s.out.message(s.prefix(l) + "CLOSED\r\n")
}

// release gives a link back, as its options say.
func (s *session) release(l *link) {
	if s.links[l.id] == l {
		s.links[l.id] = nil
	}
	l.tls.close()
	s.net.Close(l.fd)
}

// abandon gives it back without a word to the peer.
func (s *session) abandon(l *link) {
	if l.kind != "UDP" {
		s.net.SetSockOpt(l.fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)
	}
	s.release(l)
}

// tune gives a socket of the network the firmware's sizes and a link's options.
func (s *session) tune(l *link) {
	n, o := s.net, s.options[l.id]
	n.SetSockOpt(l.fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, window)
	if l.kind == "UDP" {
		return
	}
	n.SetSockOpt(l.fd, netdev.SOL_SOCKET, netdev.SO_SNDBUF, window)
	n.SetSockOpt(l.fd, netdev.SOL_TCP, netdev.TCP_MAXSEG, segment)
	n.SetSockOpt(l.fd, netdev.SOL_TCP, netdev.TCP_NODELAY, o.nodelay)
	n.SetSockOpt(l.fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, o.keepAlive > 0)
	if o.keepAlive > 0 {
		n.SetSockOpt(l.fd, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, o.keepAlive)
		n.SetSockOpt(l.fd, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, 1)
		n.SetSockOpt(l.fd, netdev.SOL_TCP, netdev.TCP_KEEPCNT, 3)
	}
	if o.linger >= 0 {
		n.SetSockOpt(l.fd, netdev.SOL_SOCKET, netdev.SO_LINGER, o.linger)
	}
}

// add makes a link known, which watch looks after from now on.
func (s *session) add(l *link) {
	l.active = time.Now()
	s.links[l.id] = l
	s.net.PollNotify(l.fd, s.poke)
	s.poke()
}

// look tells what has come about on a link. The session's lock is held.
func (s *session) look(l *link) {
	o := s.options[l.id]
	switch {
	case l.kind == "UDP":
		s.lookUDP(l, o)
	case o.passive:
		s.lookPassive(l)
	default:
		s.lookActive(l)
	}
}

// recv receives what is there.
func (s *session) recv(l *link, b []byte, flags int) (int, error) {
	if l.tls != nil {
		return l.tls.recv(b, flags)
	}
	return s.net.Recv(l.fd, b, flags|netdev.MSG_DONTWAIT, time.Time{})
}

// lookPassive announces bytes once, and the end when they are read.
func (s *session) lookPassive(l *link) {
	var buf [window]byte
	n, err := s.recv(l, buf[:], netdev.MSG_PEEK)
	switch {
	case n > 0:
		if !l.told && n != l.left {
			s.announce(l, n)
		}
	case err == netdev.ErrWouldBlock || l.sending:
	default:
		s.end(l)
	}
}

func (s *session) announce(l *link, n int) {
	l.told, l.left = true, 0
	l.active = time.Now()
	s.out.message(fmt.Sprintf("\r\n+IPD,%s%d\r\n", s.prefix(l), n))
}

// lookActive hands over what has come.
func (s *session) lookActive(l *link) {
	var buf [maxActive]byte
	for s.links[l.id] == l && s.ctx.Err() == nil {
		n, err := s.recv(l, buf[:], 0)
		switch {
		case n > 0:
			l.active = time.Now()
			s.hand(l, l.remote, buf[:n])
		case err == netdev.ErrWouldBlock || l.sending:
			return
		default:
			s.end(l)
		}
	}
}

func (s *session) hand(l *link, from netip.AddrPort, b []byte) {
	peer := ""
	if s.dinfo {
		peer = fmt.Sprintf(",\"%v\",%d", from.Addr(), from.Port())
	}
	s.out.message(fmt.Sprintf("\r\n+IPD,%s%d%s:%s", s.prefix(l), len(b), peer, b))
}

// lookUDP receives datagrams: those that there is no room for are lost.
func (s *session) lookUDP(l *link, o linkOptions) {
	var buf [maxDatagram + 1]byte
	for {
		n, from, err := s.net.RecvFrom(l.fd, buf[:], netdev.MSG_DONTWAIT, time.Time{})
		if err != nil {
			if err != netdev.ErrWouldBlock && err != netdev.ErrConnRefused && err != io.EOF {
				s.end(l)
				return
			}
			break
		}
		if n > maxDatagram {
			continue
		}
		l.active = time.Now()
		if l.mode == 2 || l.mode == 1 && !l.changed && from != l.remote {
			l.remote, l.changed = from, true
		}
		if !o.passive {
			s.hand(l, from, buf[:n])
			continue
		}
		if l.queued+n > window || len(l.queue) >= mailbox {
			s.chip.count(func(s *Stats) { s.Dropped++ })
			continue
		}
		l.queue = append(l.queue, datagram{from, append([]byte(nil), buf[:n]...)})
		l.queued += n
		l.left = 0
	}
	if o.passive && len(l.queue) > 0 && !l.told && l.left == 0 {
		s.announce(l, s.waiting(l))
	}
}

// waiting returns what CIPRECVLEN tells.
func (s *session) waiting(l *link) int {
	if l.kind == "UDP" {
		if s.options[l.id].perPacket && len(l.queue) > 0 {
			return len(l.queue[0].data)
		}
		return l.queued
	}
	var buf [window]byte
	n, _ := s.recv(l, buf[:], netdev.MSG_PEEK)
	return max(n, 0)
}
