package offload

// owed is how many blocks are set aside: each socket with a descriptor can have
// one in each direction, whatever the others hold.
func (c *Core) owed() int {
	n := 0
	for i := range c.table.slots {
		if k := c.table.slots[i].sock; k != nil {
			if k.send.Len() == 0 {
				n++
			}
			if k.recv.Len() == 0 {
				n++
			}
		}
	}
	return n
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
	if free := (c.pool.Free() - c.reserved - c.owed()) * size; free > held {
		n = max(n, max((free-held)/2, min(size, free)))
	}
	if n == 0 {
		c.starve(k)
	}
	return min(n, want)
}

// datagramRoom reports whether a datagram socket's queue, which holds held, may
// take n bytes more. The first one may use what is set aside for others, for a
// while.
func (c *Core) datagramRoom(k *socket, held, n, limit int) bool {
	if held > 0 && held+n > limit {
		return false
	}
	free := c.pool.Free() - c.reserved
	if held > 0 {
		free -= c.owed() + c.config.blocks(recordLen+c.config.MaxDatagram)
	}
	if c.config.blocks(n) > free {
		c.starve(k)
		return false
	}
	return true
}

// starve remembers that k waits for memory.
func (c *Core) starve(k *socket) {
	k.flags |= starved
	c.hungry = true
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

// recvRoom returns how many bytes may be fetched for k.
func (c *Core) recvRoom(k *socket) int {
	if k.isStream() {
		return c.room(k, k.recv.Len(), k.recvLimit)
	}
	if n := recordLen + c.config.MaxDatagram; c.datagramRoom(k, k.recv.Len(), n, max(n, k.recvLimit)) {
		return n
	}
	return 0
}
