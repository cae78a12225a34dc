package offload

import (
	"context"
	"math"

	"github.com/netdev-go/netdev"
)

// An option is one that the chip has, as it was set.
type option struct {
	level, opt int
	value      any
}

// minBuffer is the least that a socket may hold.
const minBuffer = 256

// SetSockOpt sets an option: those of sockets here, others where the chip has them.
func (s *Sockets) SetSockOpt(sockfd, level, opt int, value any) error {
	c := s.core
	c.mu.Lock()
	k, err := c.use(sockfd)
	if err == nil {
		if err = c.setOption(k, level, opt, value); err == errLater {
			return c.setChipOption(k, level, opt, value)
		}
	}
	c.unlock()
	return err
}

// setOption returns errLater for what only the chip may have.
func (c *Core) setOption(k *socket, level, opt int, value any) error {
	if level != netdev.SOL_SOCKET {
		return errLater
	}
	switch opt {
	case netdev.SO_REUSEADDR, netdev.SO_BROADCAST:
		on, err := netdev.OptBool(value)
		switch {
		case err != nil:
			return err
		case opt == netdev.SO_REUSEADDR:
			k.set(reuseAddr, on)
		case k.isStream():
			return netdev.ErrNotSupported
		default:
			k.set(noCast, !on)
		}
		return nil
	case netdev.SO_SNDBUF, netdev.SO_RCVBUF:
		n, err := netdev.OptInt(value)
		if err != nil {
			return err
		}
		if n < 0 {
			return netdev.ErrInvalid
		}
		n = min(max(n, minBuffer), math.MaxInt32)
		if opt == netdev.SO_SNDBUF {
			k.sendLimit = n
		} else {
			k.recvLimit = n
		}
		c.wake(k, writable)
		return nil
	case netdev.SO_LINGER:
		if !k.isStream() || !c.config.Abort {
			return netdev.ErrNotSupported
		}
		n, err := netdev.OptInt(value)
		if err != nil {
			return err
		}
		k.linger = max(n, -1)
		k.set(resetting, n == 0)
		return nil
	case netdev.SO_TYPE, netdev.SO_ERROR, netdev.SO_ACCEPTCON:
		return netdev.ErrNotSupported
	}
	return errLater
}

// setChipOption is entered with the lock and leaves without.
func (c *Core) setChipOption(k *socket, level, opt int, value any) error {
	value, err := typed(k.isStream(), level, opt, value)
	if c.opts == nil {
		err = netdev.ErrNotSupported
	}
	if err != nil {
		c.unlock()
		return err
	}
	return c.do(context.Background(), k, func() error {
		c.mu.Lock()
		id := k.id
		c.mu.Unlock()
		if id != none {
			if err := c.opts.SetOption(id, level, opt, value); err != nil {
				return err
			}
		}
		c.mu.Lock()
		k.remember(option{level, opt, value})
		c.mu.Unlock()
		return nil
	})
}

func (k *socket) remember(o option) {
	for i := range k.options {
		if k.options[i].level == o.level && k.options[i].opt == o.opt {
			k.options[i] = o
			return
		}
	}
	k.options = append(k.options, o)
}

// replay sets the options of a socket that the chip has anew.
func (c *Core) replay(k *socket) error {
	for i := range k.options {
		o, id := k.options[i], k.id
		c.unlock()
		err := c.opts.SetOption(id, o.level, o.opt, o.value)
		c.mu.Lock()
		if err != nil {
			return err
		}
		if k.id != id {
			return netdev.ErrConnReset
		}
	}
	return nil
}

// GetSockOpt reads an option back. Of the chip's those are known that were set.
func (s *Sockets) GetSockOpt(sockfd, level, opt int) (any, error) {
	c := s.core
	c.mu.Lock()
	defer c.mu.Unlock()
	k, err := c.use(sockfd)
	if err != nil {
		return nil, err
	}
	if level == netdev.SOL_SOCKET {
		switch opt {
		case netdev.SO_TYPE:
			return k.stype(), nil
		case netdev.SO_ACCEPTCON:
			return k.has(listening), nil
		case netdev.SO_ERROR:
			if err := c.pendingError(k); err != nil {
				return err, nil
			}
			return nil, nil
		case netdev.SO_REUSEADDR:
			return k.has(reuseAddr), nil
		case netdev.SO_SNDBUF:
			return k.sendLimit, nil
		case netdev.SO_RCVBUF:
			return k.recvLimit, nil
		case netdev.SO_BROADCAST:
			if !k.isStream() {
				return !k.has(noCast), nil
			}
		case netdev.SO_LINGER:
			if k.isStream() && c.config.Abort {
				return k.linger, nil
			}
		}
	}
	for _, o := range k.options {
		if o.level == level && o.opt == opt {
			return o.value, nil
		}
	}
	return nil, netdev.ErrNotSupported
}

// pendingError returns what has gone wrong, once. The calls on a broken stream go
// on saying so.
func (c *Core) pendingError(k *socket) error {
	if !k.isStream() {
		if err := c.takeError(k); err != nil {
			return err
		}
		err := k.sendErr
		k.sendErr = nil
		return err
	}
	err := k.err
	if err == nil {
		err = k.sendErr
	}
	if err == nil || k.has(errorTold) {
		return nil
	}
	k.flags |= errorTold
	return err
}
