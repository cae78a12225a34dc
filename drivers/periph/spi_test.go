//go:build !tinygo

package periph_test

import (
	"bytes"
	"testing"

	"periph.io/x/conn/v3/conntest"
	"periph.io/x/conn/v3/physic"
	"periph.io/x/conn/v3/spi"
	"periph.io/x/conn/v3/spi/spitest"

	"github.com/netdev-go/netdev/drivers/periph"
)

// A port is spitest's, and remembers how it was connected to.
type port struct {
	spitest.Playback
	f    physic.Frequency
	mode spi.Mode
	bits int
	most int
}

func (p *port) Connect(f physic.Frequency, mode spi.Mode, bits int) (spi.Conn, error) {
	p.f, p.mode, p.bits = f, mode, bits
	c, err := p.Playback.Connect(f, mode, bits)
	return limited{c, p.most}, err
}

// limited is a connection that moves no more than so many bytes at once.
type limited struct {
	spi.Conn
	most int
}

func (l limited) MaxTxSize() int { return l.most }

func open(t *testing.T, most int, ops ...conntest.IO) (*periph.SPI, *port) {
	t.Helper()
	p := &port{Playback: spitest.Playback{Playback: conntest.Playback{Ops: ops, DontPanic: true}}, most: most}
	bus, err := periph.OpenSPI(p, 8*physic.MegaHertz)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return bus, p
}

func TestThePortDrivesNoChipSelect(t *testing.T) {
	_, p := open(t, 0)
	if p.f != 8*physic.MegaHertz || p.mode != spi.Mode0|spi.NoCS || p.bits != 8 {
		t.Errorf("connected with %v, %v, %d", p.f, p.mode, p.bits)
	}
}

func TestBytesGoBothWays(t *testing.T) {
	bus, _ := open(t, 0,
		conntest.IO{W: []byte{1, 2, 3}, R: []byte{4, 5, 6}},
		conntest.IO{W: []byte{7, 8}, R: []byte{0, 0}},
		conntest.IO{W: []byte{0, 0}, R: []byte{9, 10}},
	)
	r := make([]byte, 3)
	if err := bus.Tx([]byte{1, 2, 3}, r); err != nil || !bytes.Equal(r, []byte{4, 5, 6}) {
		t.Errorf("% X, %v", r, err)
	}
	if err := bus.Tx([]byte{7, 8}, nil); err != nil {
		t.Errorf("to write alone: %v", err)
	}
	if err := bus.Tx(nil, r[:2]); err != nil || !bytes.Equal(r, []byte{9, 10, 6}) {
		t.Errorf("to read alone: % X, %v", r, err)
	}
}

func TestMoreThanThePortMovesAtOnceIsMovedInPieces(t *testing.T) {
	bus, _ := open(t, 2,
		conntest.IO{W: []byte{1, 2}, R: []byte{6, 7}},
		conntest.IO{W: []byte{3, 4}, R: []byte{8, 9}},
		conntest.IO{W: []byte{5}, R: []byte{10}},
		conntest.IO{W: []byte{0, 0}, R: []byte{1, 1}},
		conntest.IO{W: []byte{0}, R: []byte{1}},
	)
	r := make([]byte, 5)
	if err := bus.Tx([]byte{1, 2, 3, 4, 5}, r); err != nil || !bytes.Equal(r, []byte{6, 7, 8, 9, 10}) {
		t.Errorf("% X, %v", r, err)
	}
	if err := bus.Tx(nil, r[:3]); err != nil || !bytes.Equal(r[:3], []byte{1, 1, 1}) {
		t.Errorf("% X, %v", r, err)
	}
}

func TestNothingIsNoTransfer(t *testing.T) {
	bus, _ := open(t, 0)
	if err := bus.Tx(nil, nil); err != nil {
		t.Error(err)
	}
	if err := bus.Tx([]byte{}, []byte{}); err != nil {
		t.Error(err)
	}
}

func TestDifferentLengthsAreAnError(t *testing.T) {
	bus, _ := open(t, 0)
	if err := bus.Tx([]byte{1}, make([]byte, 2)); err != periph.ErrLength {
		t.Error(err)
	}
}

func TestThePortsErrorIsReturned(t *testing.T) {
	bus, _ := open(t, 0)
	if err := bus.Tx([]byte{1}, make([]byte, 1)); !conntest.IsErr(err) {
		t.Error(err)
	}
}

func TestTransfersDoNotAllocate(t *testing.T) {
	bus := periph.NewSPI(quiet{})
	w, r := make([]byte, 3), make([]byte, 10000)
	if n := testing.AllocsPerRun(100, func() {
		bus.Tx(w, nil)
		bus.Tx(nil, r)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// quiet is a connection to nobody.
type quiet struct{ spi.Conn }

func (quiet) Tx(w, r []byte) error { return nil }
