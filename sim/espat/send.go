package espat

import (
	"fmt"
	"net/netip"
	"time"
)

// maxSend is the most bytes of one CIPSEND.
const maxSend = 8192

func init() {
	register("CIPSEND", nil, nil, send)
	register("CIPSENDL", nil, nil, sendLong)
	register("CIPSENDLCFG", nil, func(c *call) error {
		c.s.mu.Lock()
		report, piece := c.s.report, c.s.piece
		c.s.mu.Unlock()
		c.s.linef("+CIPSENDLCFG:%d,%d\r\n", report, piece)
		return nil
	}, func(c *call) error {
		report, piece := c.number(100, 1<<20, -1), c.number(100, maxPiece, maxPiece)
		if !c.complete() {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		c.s.report, c.s.piece = report, piece
		return nil
	})
	register("TRANSINTVL", nil, show(func(s *session) int { return 20 }), func(c *call) error {
		if c.number(0, 1000, -1); !c.complete() {
			return errParameters
		}
		return nil
	})
}

// An order is what CIPSEND and CIPSENDL are told.
type order struct {
	link *link
	to   netip.AddrPort
	n    int
}

func (c *call) order(most int) (o order, err error) {
	s := c.s
	id := c.linkID(maxLinks - 1)
	o.n = c.number(0, most, -1)
	host := c.text(64)
	port := c.number(1, 65535, 65536)
	if !c.complete() || (host == "") != (port == 65536) {
		return o, errParameters
	}
	s.mu.Lock()
	l := s.links[id]
	if l == nil || host != "" && l.kind != "UDP" || o.n == 0 && l.kind != "UDP" {
		s.mu.Unlock()
		return o, &failure{code: codeFailed, text: "link is not valid\r\n"}
	}
	o.link, o.to = l, l.remote
	s.mu.Unlock()
	if host != "" {
		addr, err := s.resolve(s.ctx, host)
		if err != nil {
			return o, &failure{code: codeFailed, errno: 202}
		}
		o.to = netip.AddrPortFrom(addr, uint16(port))
	}
	s.sending(l, true)
	return o, nil
}

// sending keeps a link from ending in the middle of what is sent on it.
func (s *session) sending(l *link, on bool) {
	s.mu.Lock()
	l.sending, l.active = on, time.Now()
	s.mu.Unlock()
	s.poke()
}

// send asks for bytes, and hands them to the network: SEND OK says no more than that
// it has them.
func send(c *call) error {
	s := c.s
	o, err := c.order(maxSend)
	if err != nil {
		return err
	}
	defer s.sending(o.link, false)
	payload := make([]byte, 0, o.n)
	if !s.collect(o.n, func(b []byte) { payload = append(payload, b...) }) {
		return s.conclude("SEND Canceled")
	}
	s.out.echo(fmt.Sprintf("\r\nRecv %d bytes\r\n", o.n)) // messages may come before what follows
	_, err = s.transmit(o.link, o.to, payload)
	s.mu.Lock()
	gone := s.links[o.link.id] != o.link
	s.mu.Unlock()
	if err != nil && gone {
		return errFailed
	}
	return s.outcome(err)
}

// maxPiece is how much CIPSENDL gives the network at once.
const maxPiece = 2920

// sendLong hands bytes to the network as they come, and tells how many it took. All
// are collected, whatever becomes of them.
func sendLong(c *call) error {
	s := c.s
	o, err := c.order(1<<31 - 1)
	if err != nil {
		return err
	}
	defer s.sending(o.link, false)
	s.mu.Lock()
	report, piece := s.report, s.piece
	s.mu.Unlock()
	sent, got := 0, 0
	whole := s.collect(o.n, func(b []byte) {
		got += len(b)
		for len(b) > 0 && err == nil {
			var n int
			n, err = s.transmit(o.link, o.to, b[:min(len(b), piece)])
			if b = b[n:]; (sent+n)/report > sent/report && sent+n < o.n {
				s.out.echo(fmt.Sprintf("+CIPSENDL:%d,%d\r\n", sent+n, got))
			}
			sent += n
		}
	})
	if !whole {
		return s.conclude("SEND CANCELLED")
	}
	s.linef("+CIPSENDL:%d,%d\r\n", sent, got)
	return s.outcome(err)
}

func (s *session) outcome(err error) error {
	if err != nil {
		s.chip.count(func(s *Stats) { s.Errors++ })
		return s.conclude("SEND FAIL")
	}
	return s.conclude("SEND OK")
}

// conclude ends a command with another word than OK.
func (s *session) conclude(word string) error {
	s.free()
	s.out.end("\r\n" + word + "\r\n")
	return done{}
}

// transmit waits until the network has all of b, for as long as SO_SNDTIMEO says.
func (s *session) transmit(l *link, to netip.AddrPort, b []byte) (int, error) {
	if l.kind == "UDP" {
		return s.net.SendTo(l.fd, b, 0, to, time.Time{})
	}
	var deadline time.Time
	s.mu.Lock()
	if ms := s.options[l.id].sendTime; ms > 0 {
		deadline = time.Now().Add(time.Duration(ms) * time.Millisecond)
	}
	s.mu.Unlock()
	if l.tls != nil {
		return l.tls.send(b, deadline)
	}
	n, err := s.net.Send(l.fd, b, 0, deadline)
	return max(n, 0), err
}
