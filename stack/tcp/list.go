package tcp

// A list is a FIFO of connections from whose middle one can go. A connection is in at
// most one.
type list struct {
	head, tail *Conn
	n          int
}

// place is the list that a connection is in.
type place uint8

const (
	nowhere  place = iota
	inHalf         // SYN-RECEIVED, of its Listener
	inReady        // the accept queue
	inWait         // TIME-WAIT
	inHunger       // for memory
)

func (c *Conn) list(in place) *list {
	switch in {
	case inHalf:
		return &c.listener.half
	case inReady:
		return &c.listener.ready
	case inWait:
		return &c.e.timeWait
	case inHunger:
		return &c.e.hungry
	}
	return nil
}

// enter puts c at the end of a list, out of the one it is in.
func (c *Conn) enter(in place) {
	c.leave()
	l := c.list(in)
	c.in, c.prev, c.next = in, l.tail, nil
	if l.tail == nil {
		l.head = c
	} else {
		l.tail.next = c
	}
	l.tail = c
	l.n++
}

// leave takes c out of the list it is in, if any.
func (c *Conn) leave() {
	l := c.list(c.in)
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
	c.in, c.prev, c.next = nowhere, nil, nil
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
