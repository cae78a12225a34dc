//go:build !tinygo

package periph

import (
	"errors"

	"periph.io/x/conn/v3"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
)

// ErrLength is returned by [SPI.Tx] for two slices of different lengths.
var ErrLength = errors.New("periph: the slices to write and to read differ in length")

// SPI is a bus whose chip select is a pin of its own. One goroutine at a time may
// use it, as a driver does.
type SPI struct {
	conn spi.Conn
	most int // bytes of one transfer
	zero []byte
	sink []byte
}

// defaultTransfer is for connections that name no limit of theirs.
const defaultTransfer = 4096

// OpenSPI connects to a port in mode 0 at speed f, without the port's own chip
// select: the drivers hold theirs over several transfers.
func OpenSPI(port spi.Port, f physic.Frequency) (*SPI, error) {
	c, err := port.Connect(f, spi.Mode0|spi.NoCS, 8)
	if err != nil {
		return nil, err
	}
	return NewSPI(c), nil
}

// NewSPI returns the bus of a connection that drives no chip select.
func NewSPI(c spi.Conn) *SPI {
	s := &SPI{conn: c, most: defaultTransfer}
	if l, ok := c.(conn.Limits); ok {
		if n := l.MaxTxSize(); n > 0 {
			s.most = n
		}
	}
	return s
}

// Tx clocks bytes both ways. With w nil zeros are written; with r nil what is read
// is dropped. More than the port moves at once is moved in pieces.
func (s *SPI) Tx(w, r []byte) error {
	if w != nil && r != nil && len(w) != len(r) {
		return ErrLength
	}
	for n := max(len(w), len(r)); n > 0; {
		k := min(n, s.most)
		out, in := front(w, &s.zero, k), front(r, &s.sink, k)
		if err := s.conn.Tx(out, in); err != nil {
			return err
		}
		w, r = rest(w, k), rest(r, k)
		n -= k
	}
	return nil
}

// front returns the first k bytes of b, or of a spare where there is no b.
func front(b []byte, spare *[]byte, k int) []byte {
	if b != nil {
		return b[:k]
	}
	if len(*spare) < k {
		*spare = make([]byte, k)
	}
	return (*spare)[:k]
}

func rest(b []byte, k int) []byte {
	if b == nil {
		return nil
	}
	return b[k:]
}
