package tcp

// A list is a FIFO of connections from whose middle one can go. A connection is in at
// most one: in SYN-RECEIVED, the accept queue, or TIME-WAIT.
type list struct {
	head, tail *Conn
	n          int
}

func (l *list) push(c *Conn) {
	c.in, c.prev, c.next = l, l.tail, nil
	if l.tail == nil {
		l.head = c
	} else {
		l.tail.next = c
	}
	l.tail = c
	l.n++
}

func (l *list) pop() *Conn {
	c := l.head
	if c != nil {
		c.leave()
	}
	return c
}

// leave takes c out of the list it is in, if any.
func (c *Conn) leave() {
	l := c.in
	if l == nil {
		return
	}
	if c.prev == nil {
		l.head = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next == nil {
		l.tail = c.prev
	} else {
		c.next.prev = c.prev
	}
	c.in, c.prev, c.next = nil, nil, nil
	l.n--
}

// A ring is a FIFO of connections that have something pending. Membership is a bit
// of the connection, the links are the ring's index into Conn.ringNext.
type ring struct {
	head, tail *Conn
	which      int
}

// The rings, and the bits that tell of membership.
const (
	ringOutput = iota
	ringWoken
	ringStarved
	rings
)

// push puts c at the end unless it is in.
func (r *ring) push(c *Conn) {
	if c.rings&(1<<r.which) != 0 {
		return
	}
	c.rings |= 1 << r.which
	c.ringNext[r.which] = nil
	if r.tail == nil {
		r.head = c
	} else {
		r.tail.ringNext[r.which] = c
	}
	r.tail = c
}

// pop takes out the first.
func (r *ring) pop() *Conn {
	c := r.head
	if c == nil {
		return nil
	}
	r.head = c.ringNext[r.which]
	if r.head == nil {
		r.tail = nil
	}
	c.ringNext[r.which] = nil
	c.rings &^= 1 << r.which
	return c
}
