package stack

import "runtime"

// maxRounds is how often a call empties the ring, and how many functions it calls,
// before it leaves that to a goroutine: what others go on writing must not keep it
// from its own end.
const maxRounds = 16

// flush is called with the lock, at the end of whatever changed something, and
// gives the lock up. It makes the calls that are due, and sends what there is to
// send, unless another call is doing so, which then finds the new work too.
func (s *Stack) flush() {
	s.settle()
	s.announce(maxRounds)
	if s.draining || s.ring.used == 0 {
		s.arm()
		s.mu.Unlock()
		return
	}
	s.draining = true
	s.drain(maxRounds)
}

// drainOn is drain for a goroutine of its own.
func (s *Stack) drainOn() {
	s.lock()
	s.drain(-1)
}

// drain empties the ring, in at most so many rounds, or in as many as it takes if
// that is negative. It is entered with the lock and with draining set, and leaves
// without.
func (s *Stack) drain(rounds int) {
	for s.ring.used > 0 {
		if rounds == 0 {
			s.mu.Unlock()
			go s.drainer()
			return
		}
		rounds--
		n := s.ring.used
		if s.loopBack(n) {
			s.settle()
		}
		// The device may take its time.
		s.announce(maxRounds)
		s.mu.Unlock()
		s.transmitAll(n)
		if rounds < 0 {
			runtime.Gosched()
		}
		s.lock()
		s.ring.release(n)
		s.feed()
		s.settle()
		s.announce(maxRounds)
	}
	s.draining = false
	if s.stopped {
		s.returned.Broadcast()
	}
	s.arm()
	s.mu.Unlock()
}

// settle takes what the machines have to say: segments into the ring, changes of
// readiness to those who wait.
func (s *Stack) settle() {
	s.output()
	if s.streams != nil {
		s.streams.settle()
	}
}

// feed lets datagrams go on that found the ring full.
func (s *Stack) feed() {
	for _, k := range s.starving {
		k.flags &^= starved
		s.wake(k, writable)
	}
	s.starving = s.starving[:0]
}

// starve is for a socket whose datagram found, or would find, the ring full.
func (s *Stack) starve(k *socket) {
	if !k.has(starved) {
		k.flags |= starved
		s.starving = append(s.starving, k)
	}
}

// announce calls the functions of sockets that have become ready, one after the
// other and without the lock, unless another call is doing so. Beyond so many it
// leaves them to a goroutine, if that is not negative.
func (s *Stack) announce(most int) {
	for ; s.announced != nil && s.announcing == nil; most-- {
		if most == 0 {
			go s.announcer()
			return
		}
		k := s.announced
		if s.announced, k.queued = k.queued, nil; s.announced == nil {
			s.announcedLast = nil
		}
		k.flags &^= announce
		if k.notify == nil {
			continue
		}
		f := k.notify
		s.announcing = k
		s.mu.Unlock()
		f()
		s.lock()
		s.announcing = nil
		s.returned.Broadcast()
	}
}

// announceOn is announce for a goroutine of its own.
func (s *Stack) announceOn() {
	s.lock()
	s.announce(-1)
	s.mu.Unlock()
}
