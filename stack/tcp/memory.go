package tcp

// The pool is for all connections and both directions. While half of it is free a
// connection may take more, in one direction, until it has as much as is free then.
// Beyond that each has a segment's worth, or a block, and only what is acknowledged or
// read makes room for more: those who hold much leave something to many who come. An
// eighth of the pool is for each direction alone, so that data that nobody acknowledges
// and data that nobody reads cannot keep the other from moving.

// maySend is how much more may be queued for sending beside the n bytes that are.
func (c *Conn) maySend(n int) int {
	p := c.e.pool
	return c.share(n, p.Free()-max(0, p.Blocks()/8-(p.InUse()-c.e.sending)))
}

// mayTake is how much more may be received beside the n bytes that nobody has read.
func (c *Conn) mayTake(n int) int {
	p := c.e.pool
	return c.share(n, p.Free()-max(0, p.Blocks()/8-c.e.sending))
}

// fewBlocks is what makes a pool so small that blocks which are half full count: there a
// connection may have twice as much as is free, or it could not always have two segments.
const fewBlocks = 32

// share is how much more a connection may have that has n bytes, of so many free blocks.
func (c *Conn) share(n, free int) int {
	p := c.e.pool
	size := p.BlockSize()
	switch {
	case 2*free > p.Blocks() && p.Blocks() < fewBlocks:
		return max(0, free*size-n) * 2 / 3
	case 2*free > p.Blocks():
		return max(0, free*size-n) / 2
	}
	return max(0, min(max(size, int(c.mss))-n, free*size))
}

// queue adds data to the send queue and returns how much there was memory for.
func (c *Conn) queue(data []byte) int {
	p := c.e.pool
	before := p.InUse()
	n := c.snd.Append(p, data)
	c.e.sending += p.InUse() - before
	return n
}

// queueLent does the same without a copy.
func (c *Conn) queueLent(data []byte) int {
	p := c.e.pool
	before := p.InUse()
	n := c.snd.Lend(p, data)
	c.e.sending += p.InUse() - before
	return n
}

// unqueue drops n bytes from the front of the send queue.
func (c *Conn) unqueue(n int) {
	p := c.e.pool
	before := p.InUse()
	c.snd.Drop(p, n)
	c.e.sending += p.InUse() - before
}
