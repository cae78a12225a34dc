package nina

// bufferLen is the size of the firmware's two buffers.
const bufferLen = 4092

// A slave is the SPI peripheral. One transaction at most is queued, and a rising
// edge of CS ends it.
type slave struct {
	queued  bool
	sending bool
	buf     []byte   // what is clocked out, or where to what is clocked in goes
	done    chan int // is told how many bytes were

	clocked int    // in this transaction
	sent    int    // of buf
	arrived []byte // what came in, before it is stored
	late    []byte // what a fault has put off to later clocks
	deaf    bool   // this transfer met no transaction, which was told

	toChip, fromChip   func(int64, byte) []byte
	nToChip, nFromChip int64 // for them
}

func (s *slave) reset() {
	s.queued, s.buf, s.done = false, nil, nil
	s.begin()
}

func (s *slave) begin() {
	s.clocked, s.sent, s.arrived, s.late = 0, 0, s.arrived[:0], nil
}

// Inject has what is on the bus pass through a function for each direction, from
// now on: for the i-th byte, counted from New, what arrives in its stead. None is
// a byte lost, two are one doubled. Nil is a bus without faults.
func (c *Chip) Inject(toChip, fromChip func(i int64, b byte) []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slave.toChip, c.slave.fromChip = toChip, fromChip
}

// CS sets the level of CS. The chip is selected while it is low.
func (c *Chip) CS(high bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if high == c.cs {
		return
	}
	c.cs = high
	if c.run == nil || !c.run.serving {
		return
	}
	// An interrupt of the falling edge raises READY, whatever the firmware does.
	c.ready = true
	s := &c.slave
	s.deaf = false
	if high && s.queued {
		c.endTransaction()
	}
}

// endTransaction stores what has arrived. Where the bytes do not fill a word of 32
// bits, the DMA leaves that word out, and still counts them.
func (c *Chip) endTransaction() {
	s := &c.slave
	s.queued = false
	if s.clocked > 0 {
		c.stats.Transactions++
	}
	n := s.clocked
	if !s.sending {
		n = len(s.arrived)
		if n > len(s.buf) {
			c.abuse("a command of %d bytes for a buffer of %d", n, len(s.buf))
			n = len(s.buf)
		}
		copy(s.buf, s.arrived[:n&^3])
	}
	s.done <- n
}

// Tx clocks len(w) bytes out to the chip, or zeros if w is nil, and as many into r
// unless that is nil.
func (c *Chip) Tx(w, r []byte) error {
	if w != nil && r != nil && len(w) != len(r) {
		return errLength
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range max(len(w), len(r)) {
		var b byte
		if w != nil {
			b = w[i]
		}
		if b = c.clock(b); r != nil {
			r[i] = b
		}
	}
	return nil
}

// idle is what is read where nobody drives the wire.
const idle = 0xFF

// clock exchanges one byte.
func (c *Chip) clock(b byte) byte {
	s := &c.slave
	switch {
	case c.cs || c.run == nil || !c.run.serving:
		return idle
	case !s.queued:
		if !s.deaf {
			s.deaf = true
			c.abuse("bytes were clocked while it was busy")
		}
		return idle
	}
	s.clocked++
	if s.sending {
		c.stats.FromChip++
		return s.out()
	}
	c.stats.ToChip++
	s.in(b)
	return 0
}

// in takes a byte in. What is far beyond the buffer is not kept.
func (s *slave) in(b byte) {
	i := s.nToChip
	s.nToChip++
	switch {
	case len(s.arrived) > 2*bufferLen:
	case s.toChip == nil:
		s.arrived = append(s.arrived, b)
	default:
		s.arrived = append(s.arrived, s.toChip(i, b)...)
	}
}

// out returns the byte that the other side reads. Beyond the response there are
// zeros.
func (s *slave) out() byte {
	for len(s.late) == 0 {
		if s.sent >= len(s.buf) {
			return 0
		}
		b, i := s.buf[s.sent], s.nFromChip
		s.sent++
		s.nFromChip++
		if s.fromChip == nil {
			return b
		}
		s.late = s.fromChip(i, b)
	}
	b := s.late[0]
	s.late = s.late[1:]
	return b
}

// transfer queues a transaction, lowers READY, and waits for its end. It returns
// how many bytes were clocked.
func (f *firmware) transfer(buf []byte, sending bool) int {
	c := f.chip
	c.mu.Lock()
	if c.run != f {
		c.mu.Unlock()
		<-f.dead
		f.check()
	}
	s := &c.slave
	s.begin()
	done := make(chan int, 1)
	s.queued, s.sending, s.buf, s.done = true, sending, buf, done
	c.ready = false
	onReady := c.onReady
	c.mu.Unlock()
	if onReady != nil {
		onReady()
	}
	f.mu.Unlock()
	n := 0
	select {
	case n = <-done:
	case <-f.dead:
	}
	f.mu.Lock()
	f.check()
	return n
}
