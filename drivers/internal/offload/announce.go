package offload

// announce puts k in the list of those whose PollNotify function is to be called.
func (c *Core) announce(k *socket) {
	if k.has(announce) {
		return
	}
	k.flags |= announce
	if c.announcedLast == nil {
		c.announcedFirst = k
	} else {
		c.announcedLast.announced = k
	}
	c.announcedLast = k
}

// unlock gives the lock up, and calls the functions that are due first: one after
// the other and without the lock, unless another goroutine is doing so.
func (c *Core) unlock() {
	for c.announcedFirst != nil && c.announcing == nil {
		k := c.announcedFirst
		if c.announcedFirst, k.announced = k.announced, nil; c.announcedFirst == nil {
			c.announcedLast = nil
		}
		k.flags &^= announce
		if k.notify == nil {
			continue
		}
		f := k.notify
		c.announcing = k
		c.mu.Unlock()
		f()
		c.mu.Lock()
		c.announcing = nil
		c.returned.Broadcast()
	}
	c.mu.Unlock()
}
