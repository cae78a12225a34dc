package stack

import "time"

// arm sets the timer to what is due first. One that goes off too early is set
// again then; to move it each time costs more.
func (s *Stack) arm() {
	at := s.deadline()
	if at == 0 || s.stopped || s.timerAt != 0 && s.timerAt <= at {
		return
	}
	s.timerAt = at
	d := max(at-s.now(), 0)
	if s.timer == nil {
		s.timer = s.clock.AfterFunc(d, s.tick)
	} else {
		s.timer.Reset(d)
	}
}

// tick is called by the timer.
func (s *Stack) tick() {
	s.lock()
	s.timerAt = 0
	if !s.stopped {
		s.advance(s.now())
	}
	s.flush()
}

// deadline returns when a machine is due that can do its work then, or 0. Those that
// only write packets wait for room in the ring, at the end of drain, and groups for
// the link.
func (s *Stack) deadline() time.Duration {
	e := &s.eth
	at := earlier(s.alarms.next(), s.frags.Deadline())
	if s.streams != nil {
		at = earlier(at, s.streams.deadline())
	}
	if c := s.link.client; c != nil {
		at = earlier(at, c.deadline())
	}
	if s.ring.roomFull() == 0 {
		return at
	}
	at = earlier(at, e.neighbours.Deadline())
	at = earlier(at, e.claim.Deadline())
	if e.groups != nil && e.up() {
		at = earlier(at, e.groups.deadline())
	}
	return at
}

func (s *Stack) advance(now time.Duration) {
	e := &s.eth
	s.alarms.expire(now)
	if s.streams != nil {
		s.streams.advance(now)
	}
	if due(s.frags.Deadline(), now) {
		s.expireFragments(now)
	}
	if due(e.neighbours.Deadline(), now) {
		e.asked = true
	}
	if due(e.claim.Deadline(), now) {
		s.checkClaim(now)
	}
	if c := s.link.client; c != nil && due(c.deadline(), now) {
		c.advance(now)
	}
}

func due(at, now time.Duration) bool { return at != 0 && at <= now }

func earlier(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
