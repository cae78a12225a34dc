package w5500

import (
	"errors"
	"time"

	wires "github.com/netdev-go/netdev/sim/bus"
)

var errLength = errors.New("w5500: w and r differ in length")

// bus is the chip's end of SPI.
type bus struct {
	now time.Time // of the transfer under way

	selected bool
	header   [3]byte
	have     int    // of header
	left     int    // data bytes until the next header; negative is without end
	out      []byte // for the MCU, where a fault has doubled something

	toChip, fromChip wires.Injector
	in, gone         int64 // bytes so far each way, for the faults
}

const floating = 0xFF // what a line shows that nobody drives

// CS selects the chip while it is low.
func (c *Chip) CS(high bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := &c.bus
	switch {
	case !high && !b.selected:
		b.selected = true
		b.have, b.out = 0, b.out[:0]
		c.stats.Transactions++
	case high && b.selected:
		b.selected = false
	}
}

// Tx clocks bytes both ways. With r nil what the chip says is dropped; with w nil
// zeros are sent. Else they have the same length.
func (c *Chip) Tx(w, r []byte) error {
	n := len(w)
	if w == nil {
		n = len(r)
	}
	if r != nil && len(r) != n {
		return errLength
	}
	c.mu.Lock()
	defer c.unlock()
	if c.bus.selected {
		c.stats.ToChip += uint64(n)
		c.stats.FromChip += uint64(len(r))
	}
	c.bus.now = time.Now()
	for i := range n {
		var out, in byte
		if w != nil {
			out = w[i]
		}
		if in = floating; c.bus.selected {
			in = c.clock(out)
		}
		if r != nil {
			r[i] = in
		}
	}
	if n > 0 && !c.bus.selected {
		c.abuse("clocked without CS")
	}
	return nil
}

// clock is one byte each way, with what Inject does to it.
func (c *Chip) clock(w byte) byte {
	b := &c.bus
	if b.toChip == nil && b.fromChip == nil {
		return c.exchange(w)
	}
	arrived := []byte{w}
	if b.toChip != nil {
		arrived = b.toChip(b.in, w)
	}
	b.in++
	for _, w := range arrived {
		r := c.exchange(w)
		if b.fromChip != nil {
			b.out = append(b.out, b.fromChip(b.gone, r)...)
		} else {
			b.out = append(b.out, r)
		}
		b.gone++
	}
	if len(b.out) == 0 {
		return floating
	}
	r := b.out[0]
	b.out = b.out[1:]
	return r
}

// exchange is one byte each way as it is at the chip.
func (c *Chip) exchange(w byte) byte {
	b := &c.bus
	if !c.high || b.now.Before(c.answers) {
		return floating
	} else if b.now.Before(c.silence) {
		return c.silent
	}
	if b.have < len(b.header) {
		b.header[b.have] = w
		b.have++
		if b.have == len(b.header) {
			b.left = [4]int{-1, 1, 2, 4}[w&3]
		}
		return byte(b.have) // what the real one shows meanwhile
	}
	addr, control := word(b.header[:]), b.header[2]
	putWord(b.header[:], addr+1)
	r := byte(0)
	if control&0x04 != 0 {
		c.write(control>>3, addr, w)
	} else {
		r = c.read(control>>3, addr)
	}
	if b.left--; b.left == 0 {
		b.have = 0
	}
	return r
}

// Inject has faults happen on the bus: toChip returns what arrives at the chip for
// the i-th byte that the MCU has clocked since Inject was called, fromChip what
// arrives at the MCU for the i-th byte of the chip. None is a byte lost: to the chip,
// which then has missed its clock too and is behind in what it says for the rest of
// the frame; or to the MCU, which reads a line that nobody drives. Two is a byte
// doubled. Nil is no faults. Both are called with the chip's lock held.
func (c *Chip) Inject(toChip, fromChip wires.Injector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := &c.bus
	b.toChip, b.fromChip, b.in, b.gone, b.out = toChip, fromChip, 0, 0, nil
}

// Silence has the chip take and give nothing for so long: the line shows ones, or
// zeros. Its sockets go on.
func (c *Chip) Silence(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silence = time.Now().Add(d)
	c.silent = byte(-c.rng.IntN(2))
	c.bus.have = 0
}

// Stats returns the counters.
func (c *Chip) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// abuse counts what a real chip would have been hurt by.
func (c *Chip) abuse(what string) {
	c.stats.Abuse++
	c.stats.LastAbuse = what
}
