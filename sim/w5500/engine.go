package w5500

import (
	"time"
)

// Network is asked what the peer has acknowledged: soon, and then less often.
const (
	askSoon = 50 * time.Microsecond
	askLate = time.Millisecond
)

// settle is how long the address registers are written to.
const settle = time.Millisecond

// run does what Network and the clock cause, until Stop.
func (c *Chip) run() {
	defer close(c.stopped)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		c.mu.Lock()
		now := time.Now()
		c.service(now)
		next := c.next(now)
		c.unlock()
		if next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(time.Until(next))
		}
		select {
		case <-c.wake:
		case <-timer.C:
		case <-c.stop:
			return
		}
	}
}

// service looks after all sockets.
func (c *Chip) service(now time.Time) {
	if !c.high {
		return
	}
	if !c.addressAt.IsZero() && !now.Before(c.addressAt) {
		c.readdress()
	}
	if c.config.Cable != nil {
		c.config.Cable.deliver(c)
	}
	for i := range c.sockets {
		s := &c.sockets[i]
		c.takeCommand(s, now)
		if s.late > 0 && !now.Before(s.tellAt) {
			c.publish(s, false)
			s.ready.Store(true)
		}
		if !s.due.IsZero() && !now.Before(s.due) {
			c.tooLate(s)
		}
		if c.plugged {
			c.look(s)
		}
	}
}

// look does what has come about on a socket.
func (c *Chip) look(s *socket) {
	if l := s.listener; l != nil && l.ready.Swap(false) {
		c.accept(l)
	}
	changed := s.ready.Swap(false)
	if s.fd < 0 {
		if s.owed && s.state() == srUDP {
			c.sendDatagrams(s)
		}
		return
	}
	switch s.state() {
	case srSynSent:
		if changed {
			c.answered(s, c.config.Network.Connect(s.fd, "", s.peer()))
		}
	case srEstablished, srCloseWait, srFinWait, srClosing, srLastAck:
		if changed || s.sending || s.finish {
			c.stream(s)
			s.ask = min(2*s.ask, askLate)
		}
	case srUDP:
		c.fillUDP(s)
		if s.owed {
			c.sendDatagrams(s)
		}
	}
}

// tooLate is for what took longer than RTR and RCR allow.
func (c *Chip) tooLate(s *socket) {
	s.due = time.Time{}
	switch s.state() {
	case srUDP:
		c.sent(s, intTimeout)
	case srTimeWait:
		c.closed(s, intDiscon)
	case srClosed:
	case srSynSent:
		c.unanswered(s)
	case srSynRecv:
		c.established(s)
	default:
		c.closed(s, intTimeout)
	}
}

// next returns when there is something to do; zero is never.
func (c *Chip) next(now time.Time) (at time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	sooner(c.addressAt)
	if c.quiet && c.quietFrom.After(now) {
		sooner(c.quietFrom)
	}
	for i := range c.sockets {
		s := &c.sockets[i]
		sooner(s.due)
		sooner(s.commence)
		if s.late > 0 {
			sooner(s.tellAt)
		}
		if s.fd >= 0 && c.plugged && s.proto() == protoTCP && (s.sending || s.finish) {
			sooner(now.Add(max(s.ask, askSoon)))
		}
	}
	return at
}
