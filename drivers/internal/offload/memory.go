package offload

// A share is what of the memory is set aside.
type share struct {
	// For those who hold nothing: each socket that there may be can have a block in
	// each direction, and the first datagram all that it needs.
	blocks int
	// Whether a datagram socket holds something.
	sends, receives bool
}

// owed computes what is set aside now. It is little work, for there are few
// sockets, and so it is nowhere out of date.
func (c *Core) owed() (s share) {
	datagrams := false
	s.blocks = 2 * c.config.Sockets
	for i := range c.table.slots {
		k := c.table.slots[i].sock
		switch {
		case k == nil:
		case k.isStream():
			if k.send.Len() > 0 {
				s.blocks--
			}
			if k.recv.Len() > 0 {
				s.blocks--
			}
		default:
			datagrams = true
			s.sends = s.sends || k.send.Len() > 0
			s.receives = s.receives || k.recv.Len() > 0
		}
	}
	longest := c.config.blocks(recordLen + c.config.MaxDatagram)
	if !s.receives {
		s.blocks += longest // also for a socket that is opened for a name later
	}
	if datagrams && !s.sends {
		s.blocks += longest
	}
	return s
}

// room returns how many bytes a stream's queue, which holds held, may take. A
// queue gets half of what it would take to hold as much as all of what is free,
// so that something is left for whoever comes next.
func (c *Core) room(k *socket, held, limit int) int {
	want := limit - held
	if want <= 0 {
		return 0
	}
	size := c.config.BlockSize
	n := 0
	if k.fd != none && held == 0 && c.pool.Free() > c.reserved {
		n = size
	}
	if free := (c.pool.Free() - c.reserved - c.owed().blocks) * size; free > held {
		n = max(n, max((free-held)/2, min(size, free)))
	}
	if n == 0 {
		c.starve(k, held)
	}
	return min(n, want)
}

// sendRoom reports whether a datagram of n bytes may be taken.
func (c *Core) sendRoom(k *socket, n int) bool {
	return c.datagramRoom(k, k.send.Len(), recordLen+n, k.sendLimit, c.owed().sends)
}

// recvRoom returns how many bytes may be fetched for k.
func (c *Core) recvRoom(k *socket) int {
	if k.isStream() {
		return c.room(k, k.recv.Len(), k.recvLimit)
	}
	n := recordLen + c.config.MaxDatagram
	if c.datagramRoom(k, k.recv.Len(), n, max(n, k.recvLimit), c.owed().receives) {
		return n
	}
	return 0
}

// datagramRoom reports whether a datagram socket's queue, which holds held, may
// take n bytes more. used tells whether there is a datagram already in that
// direction, which has what is set aside.
func (c *Core) datagramRoom(k *socket, held, n, limit int, used bool) bool {
	if held > 0 && held+n > limit {
		return false
	}
	free := c.pool.Free() - c.reserved
	if used {
		free -= c.owed().blocks
	}
	if c.config.blocks(n) > free {
		c.starve(k, held)
		return false
	}
	return true
}

// starve remembers that k waits for memory. Where it has nothing at all, a socket
// that was closed and goes on to hold what its peer does not take gives way.
func (c *Core) starve(k *socket, held int) {
	k.flags |= starved
	c.hungry = true
	if held == 0 {
		c.hasten(c.flushing)
	}
}

// released is called when memory may have become free.
func (c *Core) released() {
	if !c.hungry || c.pool.Free() == 0 {
		return
	}
	c.hungry = false
	for _, o := range c.all {
		if o.has(starved) {
			o.flags &^= starved
			c.wake(o, writable)
			c.serveSoon(o)
		}
	}
}
