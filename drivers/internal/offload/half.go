package offload

import "github.com/netdev-go/netdev"

// Half is Shutdown, which a driver embeds beside [Sockets] if its Chip is a
// [HalfCloser].
type Half struct{ core *Core }

// Half returns what a device of a chip that is a [HalfCloser] embeds.
func (c *Core) Half() Half { return Half{c} }

// Shutdown closes one direction of a stream, or both, and of a datagram socket
// that is connected.
func (h Half) Shutdown(sockfd, how int) error {
	c := h.core
	c.mu.Lock()
	defer c.unlock()
	k, err := c.use(sockfd)
	switch {
	case err != nil:
		return err
	case how != netdev.SHUT_RD && how != netdev.SHUT_WR && how != netdev.SHUT_RDWR:
		return netdev.ErrInvalid
	case !k.hasPeer():
		return netdev.ErrNotConnected
	}
	if how != netdev.SHUT_WR {
		k.flags |= shutRead
		c.wake(k, readable)
	}
	if how != netdev.SHUT_RD {
		k.flags |= shutWrite
		c.wake(k, writable|turn)
	}
	c.serveSoon(k)
	return nil
}
