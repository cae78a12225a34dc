package offload

import "github.com/netdev-go/netdev"

// Poll returns what sockfd is ready for now. Where the chip is not asked all the
// time, because nobody waits or has called PollNotify, it is asked now.
func (s *Sockets) Poll(sockfd int) (netdev.PollEvents, error) {
	c := s.core
	c.mu.Lock()
	defer c.unlock()
	k, err := c.use(sockfd)
	if err != nil {
		return 0, err
	}
	if k.recv.Len() == 0 && len(k.pending) == 0 {
		c.askOnce(k)
		if _, err := c.use(sockfd); err != nil {
			return 0, err
		}
	}
	return c.ready(k), nil
}

func (c *Core) ready(k *socket) (ev netdev.PollEvents) {
	switch {
	case k.has(listening):
		if len(k.pending) > 0 || k.err != nil {
			ev = netdev.PollIn
		}
		return ev
	case k.isStream():
		return c.streamReady(k)
	}
	if k.recv.Len() > 0 {
		ev |= netdev.PollIn
	}
	if c.sendRoom(k, min(c.config.MaxDatagram, max(0, k.sendLimit-recordLen))) {
		ev |= netdev.PollOut
	}
	if k.err != nil {
		ev |= netdev.PollIn | netdev.PollErr
	}
	return ev
}

func (c *Core) streamReady(k *socket) (ev netdev.PollEvents) {
	if k.has(dialling) && !k.has(connected) {
		if k.err != nil {
			ev = netdev.PollOut | netdev.PollErr
		}
		return ev
	}
	if !k.has(connected) {
		return 0
	}
	in := k.has(ended) || k.has(shutRead)
	out := k.has(shutWrite) || k.sendErr != nil
	if k.recv.Len() > 0 || in || k.err != nil {
		ev |= netdev.PollIn
	}
	if k.has(dialling) || out || k.err != nil || c.room(k, k.send.Len(), k.sendLimit) > 0 {
		ev |= netdev.PollOut
	}
	if k.err != nil && !k.has(errorTold) {
		ev |= netdev.PollErr
	}
	if k.err != nil || in && out {
		ev |= netdev.PollHup
	}
	return ev
}

// PollNotify has f called when sockfd may have become ready for more. When it
// returns, the function before f is not running and will not be called again.
// The chip is watched for as long as there is one.
func (s *Sockets) PollNotify(sockfd int, f func()) error {
	c := s.core
	c.mu.Lock()
	defer c.unlock()
	k, err := c.use(sockfd)
	if err != nil {
		return err
	}
	k.notify = f
	for c.announcing == k {
		c.returned.Wait()
	}
	if f != nil {
		c.attend(k)
	}
	return nil
}

// SetNonblock makes the calls on sockfd return instead of waiting for a peer.
func (s *Sockets) SetNonblock(sockfd int, nonblocking bool) error {
	c := s.core
	c.mu.Lock()
	defer c.unlock()
	k, err := c.use(sockfd)
	if err != nil {
		return err
	}
	k.set(nonblock, nonblocking)
	return nil
}
