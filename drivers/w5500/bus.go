package w5500

// SPI is the bus: machine.SPI of TinyGo and its like. With one of the slices
// nil the other's length counts, and zeros are sent.
type SPI interface {
	Tx(w, r []byte) error
}

// A frame is an address of two bytes, a byte with the block, the direction and
// the mode, and data until the chip is deselected.
const (
	headerLen = 3
	frameLen  = 64 // longest frame that goes out in one piece
	write     = 1 << 2

	// filler goes out while something is read. A read that the bus has made a
	// write leaves it behind, so it is not what a chip shows during a write; where
	// a lost byte makes it the third of the header, it is a read of nothing.
	filler = 0x80
)

// errBus is a chip that does not answer, or not as one would.
var errBus error = busError{}

type busError struct{}

func (busError) Error() string { return "w5500: the chip does not make sense" }

// A bus reads and writes the chip's memory. The chip has no checksum and says
// nothing about what it has understood: with verify everything is read twice,
// and read back after it was written, so that a byte that the bus has lost or
// changed does not go unnoticed.
type bus struct {
	spi    SPI
	cs     func(high bool)
	verify bool

	out, in [frameLen]byte
	again   [frameLen - headerLen]byte // the second reading
	word    [2]byte                    // what write8 and write16 write
}

// read fills p from addr on.
func (b *bus) read(block uint8, addr uint16, p []byte) error {
	if err := b.readOnce(block, addr, p); err != nil || !b.verify {
		return err
	}
	return b.compare(block, addr, p)
}

// compare reads p's place again.
func (b *bus) compare(block uint8, addr uint16, p []byte) error {
	for len(p) > 0 {
		got := b.again[:min(len(p), len(b.again))]
		if err := b.readOnce(block, addr, got); err != nil {
			return err
		}
		for i, v := range got {
			if v != p[i] {
				return errBus
			}
		}
		p = p[len(got):]
		addr += uint16(len(got))
	}
	return nil
}

// readOnce is for registers that change by themselves.
func (b *bus) readOnce(block uint8, addr uint16, p []byte) error {
	return b.frame(block, addr, 0, nil, p)
}

// write puts p where addr is, and verifies.
func (b *bus) write(block uint8, addr uint16, p []byte) error {
	if err := b.writeOnce(block, addr, p); err != nil || !b.verify {
		return err
	}
	return b.compare(block, addr, p)
}

// writeOnce is for registers that do not read back as they were written.
func (b *bus) writeOnce(block uint8, addr uint16, p []byte) error {
	return b.frame(block, addr, write, p, nil)
}

// frame selects the chip, and never leaves it selected. Nothing to move is no
// frame.
func (b *bus) frame(block uint8, addr uint16, direction byte, w, r []byte) error {
	n := len(w) + len(r) // one of them is empty
	if n == 0 {
		return nil
	}
	b.out[0], b.out[1], b.out[2] = byte(addr>>8), byte(addr), block<<3|direction
	b.cs(false)
	defer b.cs(true)
	var err error
	switch {
	case len(w) > frameLen-headerLen:
		if err = b.spi.Tx(b.out[:headerLen], nil); err == nil {
			err = b.spi.Tx(w, nil)
		}
	case len(w) > 0:
		err = b.spi.Tx(b.out[:headerLen+copy(b.out[headerLen:], w)], nil)
	case n > frameLen-headerLen && !b.verify:
		if err = b.spi.Tx(b.out[:headerLen], nil); err == nil {
			err = b.spi.Tx(nil, r)
		}
	default:
		err = b.fill(r)
	}
	if err != nil {
		return errBus
	}
	return nil
}

// fill reads r behind the header that is in out.
func (b *bus) fill(r []byte) error {
	for from := headerLen; len(r) > 0; from = 0 {
		n := min(len(r), frameLen-from)
		for i := from; i < from+n; i++ {
			b.out[i] = filler
		}
		if err := b.spi.Tx(b.out[:from+n], b.in[:from+n]); err != nil {
			return err
		}
		copy(r, b.in[from:])
		r = r[n:]
	}
	return nil
}

func (b *bus) write8(block uint8, addr uint16, v byte) error {
	b.word[0] = v
	return b.write(block, addr, b.word[:1])
}

func (b *bus) write16(block uint8, addr uint16, v uint16) error {
	b.word[0], b.word[1] = byte(v>>8), byte(v)
	return b.write(block, addr, b.word[:])
}

func be16(p []byte) uint16 { return uint16(p[0])<<8 | uint16(p[1]) }
