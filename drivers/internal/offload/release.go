package offload

import "time"

// close takes a socket from its user: what Send took is still to be sent.
func (c *Core) close(k *socket) {
	if k.state == closed {
		return
	}
	now := time.Now()
	k.flushBy = now.Add(c.config.Flush)
	if k.linger > 0 {
		k.flushBy = now.Add(time.Duration(k.linger) * time.Second)
	}
	c.leave(k, closed)
	for _, n := range k.pending {
		n.flags |= resetting
		c.close(n)
	}
	k.pending = nil
}

// leave ends all calls on k.
func (c *Core) leave(k *socket, state uint8) {
	if k.state == open {
		close(k.gone)
	}
	k.state = state
	k.recv.Free(c.pool)
	if !c.flushing(k) {
		k.send.Free(c.pool)
	}
	c.released()
	c.wake(k, readable|writable|turn|asked)
	c.serveSoon(k)
}

// flushing reports whether a closed socket still has something to send, and may.
func (c *Core) flushing(k *socket) bool {
	return k.state == closed && k.send.Len() > 0 && k.live() && k.sendErr == nil &&
		!k.has(resetting) && !c.stopped && time.Now().Before(k.flushBy)
}

// finish goes on with a socket that is not open any more.
func (c *Core) finish(k *socket) {
	if c.flushing(k) {
		moved, _ := c.serveSend(k)
		if moved && c.flushing(k) {
			k.wait = 0
			c.serveSoon(k)
			return
		}
		if c.flushing(k) {
			c.serveLater(k)
			return
		}
	}
	// A connection that is only being made must not become one that nobody has, and
	// no FIN may follow bytes that were lost.
	abort := k.has(resetting|releasing) || k.has(dialling) && !k.has(connected) ||
		k.send.Len() > 0 || k.sendErr != nil && k.isStream()
	if k.id != none && !c.release(k, abort) {
		return
	}
	if k.state == closed {
		k.send.Free(c.pool)
		c.released()
		c.drop(k)
	}
	c.wake(k, released)
	c.unpark()
}

// release has the chip close its socket, and reports whether it has. Otherwise it
// is tried again.
func (c *Core) release(k *socket, abort bool) bool {
	id := k.id
	if id != none {
		c.unlock()
		err := c.chip.Close(id, abort)
		c.mu.Lock()
		if k.id == id && mustWait(err) {
			c.serveLater(k)
			if !abort {
				c.unpark() // who has waited for this one may hasten it now
			}
			return false
		}
		if k.id == id {
			c.forget(k)
		}
	}
	k.flags &^= releasing
	c.unpark()
	return true
}

// closing reports whether the chip has still to close a socket that nobody has any
// more and that fits.
func (c *Core) closing(fits func(k *socket) bool) bool {
	for _, k := range c.all {
		if k.id != none && (k.state != open || k.has(releasing)) && (fits == nil || fits(k)) {
			return true
		}
	}
	return false
}

// hasten has the socket that was closed first, of those that fit, give way, unless
// another one is about to: what it has not sent is lost.
func (c *Core) hasten(fits func(k *socket) bool) {
	var first *socket
	for _, k := range c.all {
		if k.state == open || k.id == none {
			continue
		}
		if k.has(resetting) || k.has(queued) && !c.flushing(k) {
			return
		}
		if fits(k) && (first == nil || k.flushBy.Before(first.flushBy)) {
			first = k
		}
	}
	if first != nil {
		first.flags |= resetting
		c.serveSoon(first)
	}
}

// quiescent reports whether a Core that was stopped has nothing left to close.
func (c *Core) quiescent(now time.Time) bool {
	return !now.Before(c.stopBy) || !c.closing(nil)
}

// failAll fails every socket, whose calls return err.
func (c *Core) failAll(err error) {
	for i := range c.table.slots {
		if k := c.table.slots[i].sock; k != nil {
			c.fell(k, err)
		}
	}
	for _, k := range c.all {
		if k.state == closed {
			k.flushBy = time.Time{}
			c.serveSoon(k)
		}
	}
}

// fell takes a socket down.
func (c *Core) fell(k *socket, err error) {
	if k.state != open {
		return
	}
	if !k.has(connected) || k.err == nil {
		k.err = err
	}
	for _, n := range k.pending {
		n.flags |= resetting
		c.close(n)
	}
	k.pending = nil
	k.flags |= resetting
	c.leave(k, down)
}
