package neighbour

import "encoding/binary"

// isReady tells whether e is in the list of those whose packets are to leave.
func (c *Cache) isReady(e *entry) bool { return e.waiting > 0 && e.state != Incomplete }

// release lets the packets of entry i leave. Its state is new, and was Incomplete.
func (c *Cache) release(i int16) {
	if c.isReady(&c.entries[i]) {
		c.ready.push(c.entries, i, toSend)
	}
}

// enqueue adds a packet to those of entry i, which is Incomplete.
func (c *Cache) enqueue(i int16, packet []byte) {
	p, e := c.config.Pool, &c.entries[i]
	blocks := (2 + len(packet) + p.BlockSize() - 1) / p.BlockSize()
	for e.waiting > 0 && (int(e.waiting) >= c.config.Waiting || p.Free() < blocks) {
		c.dropOldest(e)
	}
	if c.waiting >= c.config.Packets {
		c.dropElsewhere()
	}
	if p.Free() < blocks || c.waiting >= c.config.Packets || len(packet) > 1<<16-1 {
		c.Counters.Dropped++
		return
	}
	var length [2]byte
	binary.BigEndian.PutUint16(length[:], uint16(len(packet)))
	e.packets.Append(p, length[:])
	e.packets.Append(p, packet)
	e.waiting++
	c.waiting++
}

// dropElsewhere drops a packet of the neighbour that has been asked for the
// longest.
func (c *Cache) dropElsewhere() {
	for i := c.asked.oldest; i != none; i = c.entries[i].links[inUse].newer {
		if e := &c.entries[i]; e.state == Incomplete && e.waiting > 0 {
			c.dropOldest(e)
			return
		}
	}
}

func (c *Cache) dropOldest(e *entry) {
	c.Counters.Dropped++
	c.dequeue(e, nil)
}

// dequeue takes the oldest packet of e out, copies it to b and returns its length,
// which is 0 if b is too short.
func (c *Cache) dequeue(e *entry, b []byte) int {
	var length [2]byte
	e.packets.Read(c.config.Pool, length[:])
	n := int(binary.BigEndian.Uint16(length[:]))
	e.waiting--
	c.waiting--
	if n > len(b) {
		e.packets.Drop(c.config.Pool, n)
		return 0
	}
	return e.packets.Read(c.config.Pool, b[:n])
}
