package espat

import "time"

// watch tells what nobody asked for, until the session ends.
func (s *session) watch() {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		s.mu.Lock()
		lost := s.wifi.lost
		s.mu.Unlock()
		if lost {
			s.lostAP()
		}
		s.mu.Lock()
		now := time.Now()
		s.lookAll(now)
		next := s.next(now)
		s.mu.Unlock()
		if next.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(time.Until(next))
		}
		select {
		case <-s.wake:
		case <-timer.C:
		case <-s.ctx.Done():
			return
		}
	}
}

// lookAll looks after everything. The session's lock is held.
func (s *session) lookAll(now time.Time) {
	if at := s.wifi.retryAt; !at.IsZero() && !now.Before(at) {
		s.wifi.retryAt = time.Time{}
		s.task(s.rejoin)
	}
	if s.sntp.due(now) {
		s.out.message("+TIME_UPDATED\r\n")
	}
	if s.server != nil {
		s.accept()
	}
	for i := range s.links {
		if l := s.links[i]; l != nil {
			s.look(l)
		}
		if l := s.links[i]; l != nil {
			if at := s.idleAt(l); !at.IsZero() && !now.Before(at) {
				s.end(l)
			}
		}
	}
}

// idleAt is when a client of the server has been quiet for too long.
func (s *session) idleAt(l *link) time.Time {
	if !l.serves || s.idle == 0 || l.told {
		return time.Time{}
	}
	return l.active.Add(time.Duration(s.idle) * time.Second)
}

// next returns when there is something to do; zero is never.
func (s *session) next(now time.Time) (at time.Time) {
	sooner := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	sooner(s.wifi.retryAt)
	sooner(s.sntp.at)
	for _, l := range s.links {
		if l != nil {
			sooner(s.idleAt(l))
		}
	}
	return at
}
