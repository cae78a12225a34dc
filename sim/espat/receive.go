package espat

import (
	"fmt"
	"net/netip"
	"time"
)

func init() {
	register("CIPRECVTYPE", nil, func(c *call) error {
		s := c.s
		s.mu.Lock()
		o := s.options
		s.mu.Unlock()
		for i := range o {
			s.linef("+CIPRECVTYPE:%d,%d\r\n", i, flag(o[i].passive))
		}
		return nil
	}, func(c *call) error {
		id := c.linkID(maxLinks)
		mode, report := c.number(0, 1, -1), c.number(0, 1, 0)
		if !c.complete() {
			return errParameters
		}
		c.s.forLinks(id, func(o *linkOptions) { o.passive, o.perPacket = mode == 1, report == 1 })
		c.s.poke()
		return nil
	})
	register("CIPRECVLEN", nil, func(c *call) error {
		s := c.s
		s.mu.Lock()
		text := "+CIPRECVLEN:"
		for i, l := range s.links {
			if i > 0 {
				text += ","
			}
			n := 0
			if l != nil {
				n = s.waiting(l)
			}
			text += fmt.Sprint(n)
		}
		s.mu.Unlock()
		s.linef("%s\r\n", text)
		return nil
	}, nil)
	register("CIPRECVDATA", nil, nil, receive)
	register("CIPDINFO", nil, func(c *call) error {
		c.s.mu.Lock()
		on := c.s.dinfo
		c.s.mu.Unlock()
		c.s.linef("+CIPDINFO:%v\r\n", on)
		return nil
	}, choose(func(s *session, on bool) { s.dinfo = on }))
}

// forLinks changes the options of a link, or with 5 of all.
func (s *session) forLinks(id int, f func(o *linkOptions)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.options {
		if i == id || id == maxLinks {
			f(&s.options[i])
		}
	}
}

// receive hands over what waits on a link. With nothing there it is an error.
func receive(c *call) error {
	s := c.s
	id := c.linkID(maxLinks - 1)
	most, whole := c.number(1, 0x7fffffff, -1), c.number(0, 1, 0)
	if !c.complete() {
		return errParameters
	}
	s.mu.Lock()
	l := s.links[id]
	if l == nil || !s.options[id].passive {
		s.mu.Unlock()
		return errFailed
	}
	b, from, ok := s.takeFrom(l, most, whole == 1)
	if ok {
		l.told, l.active = false, time.Now()
		// What is left is told of again at once, or with what comes next.
		if l.left = 0; s.chip.chance(2) {
			l.left = s.waiting(l)
		}
	}
	peer := ""
	if s.dinfo {
		peer = fmt.Sprintf("\"%v\",%d,", from.Addr(), from.Port())
	}
	s.mu.Unlock()
	if !ok {
		return errFailed
	}
	s.free()
	s.out.end(fmt.Sprintf("+CIPRECVDATA:%d,%s%s\r\nOK\r\n", len(b), peer, b))
	s.poke()
	return done{}
}

// takeFrom takes bytes, or a datagram, off a link. The session's lock is held.
func (s *session) takeFrom(l *link, most int, whole bool) (b []byte, from netip.AddrPort, ok bool) {
	if l.kind != "UDP" {
		b = make([]byte, min(most, window))
		n, _ := s.recv(l, b, 0)
		return b[:max(n, 0)], l.remote, n > 0
	}
	for len(l.queue) > 0 {
		d := &l.queue[0]
		n := min(len(d.data), most-len(b))
		if whole && n < len(d.data) {
			break
		}
		if n == 0 && len(d.data) > 0 {
			break
		}
		b, from, ok = append(b, d.data[:n]...), d.from, true
		l.queued -= n
		if d.data = d.data[n:]; len(d.data) == 0 {
			l.queue = l.queue[1:]
		}
		if whole {
			break
		}
	}
	return b, from, ok
}
