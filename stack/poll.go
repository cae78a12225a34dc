package stack

import "github.com/netdev-go/netdev"

// Poll returns what sockfd is ready for now. A stream that neither connects nor
// listens is ready for nothing.
func (s *Stack) Poll(sockfd int) (netdev.PollEvents, error) {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	if err != nil {
		return 0, err
	}
	return s.ready(k), nil
}

func (s *Stack) ready(k *socket) (ev netdev.PollEvents) {
	switch {
	case k.listener != nil:
		if k.listener.Ready() {
			ev = netdev.PollIn
		}
		return ev
	case k.isStream():
		if k.conn != nil && !k.has(unanswered) {
			ev = s.streams.ready(k)
		}
		return ev
	}
	if k.dgram.queue.Len() > 0 || k.has(shutRead) {
		ev |= netdev.PollIn
	}
	if s.ring.roomFull() > 0 && !k.has(starved) {
		ev |= netdev.PollOut
	} else {
		s.starve(k) // who is told that there is no room now waits for some
	}
	if k.dgram.err != nil {
		ev |= netdev.PollErr
	}
	if k.has(shutRead) && k.has(shutWrite) {
		ev |= netdev.PollHup
	}
	return ev
}

// PollNotify has f called when sockfd may have become ready for more. When it
// returns, the function before f is not running and will not be called again.
func (s *Stack) PollNotify(sockfd int, f func()) error {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	if err != nil {
		return err
	}
	k.notify = f
	for s.announcing == k {
		s.returned.Wait()
	}
	return nil
}

// SetNonblock makes the calls on sockfd return instead of waiting.
func (s *Stack) SetNonblock(sockfd int, nonblocking bool) error {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	if err != nil {
		return err
	}
	k.set(nonblock, nonblocking)
	return nil
}
