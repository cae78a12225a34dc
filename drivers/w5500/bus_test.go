package w5500

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// A wire records what goes over the bus, a line for each frame, and answers
// with what it is told to.
type wire struct {
	t      *testing.T
	low    bool
	frames []string
	frame  []byte
	answer [][]byte // of the frames to come, header included
	fail   error
}

func (w *wire) Tx(out, in []byte) error {
	if !w.low {
		w.t.Error("the bus moves while the chip is not selected")
	}
	if w.fail != nil {
		return w.fail
	}
	n := max(len(out), len(in))
	for i := 0; i < n; i++ {
		var o byte
		if out != nil {
			o = out[i]
		}
		at := len(w.frame)
		w.frame = append(w.frame, o)
		if in == nil {
			continue
		}
		in[i] = 0
		if len(w.answer) > 0 && at < len(w.answer[0]) {
			in[i] = w.answer[0][at]
		}
	}
	return nil
}

func (w *wire) cs(high bool) {
	if high && w.low {
		w.frames = append(w.frames, hex.EncodeToString(w.frame))
		w.frame = nil
		if len(w.answer) > 0 {
			w.answer = w.answer[1:]
		}
	}
	w.low = !high
}

func (w *wire) answers(hexes ...string) {
	for _, h := range hexes {
		b, err := hex.DecodeString(strings.ReplaceAll(h, " ", ""))
		if err != nil {
			w.t.Fatal(err)
		}
		w.answer = append(w.answer, b)
	}
}

func (w *wire) went(want ...string) {
	w.t.Helper()
	for i, h := range want {
		want[i] = strings.ToLower(strings.ReplaceAll(h, " ", ""))
	}
	if strings.Join(w.frames, "\n") != strings.Join(want, "\n") {
		w.t.Errorf("went over the bus:\n%s\nwant:\n%s", strings.Join(w.frames, "\n"), strings.Join(want, "\n"))
	}
	if w.low {
		w.t.Error("the chip is still selected")
	}
	w.frames = nil
}

func newWire(t *testing.T, verify bool) (*wire, *bus) {
	w := &wire{t: t}
	return w, &bus{spi: w, cs: w.cs, verify: verify}
}

// The worked bytes of the chip's description.
func TestFramesAreThoseOfTheDatasheet(t *testing.T) {
	w, b := newWire(t, false)
	b.write8(common, regMR, modeReset)
	b.write16(registers(1), snPORT, 0x1388)
	b.write8(registers(1), snMR, modeTCP)
	b.write8(registers(1), snCR, cmdOPEN)
	w.went("00 00 04 80", "00 04 2C 13 88", "00 00 2C 01", "00 01 2C 01")

	w.answers("01 02 03 13")
	var sr [1]byte
	b.read(registers(1), snSR, sr[:])
	w.went("00 03 28 80")
	if sr[0] != srInit {
		t.Errorf("SR = %#x, want 0x13", sr[0])
	}
}

func TestBuffersOfAllSocketsHaveTheirBlocks(t *testing.T) {
	w, b := newWire(t, false)
	for n := uint8(0); n < sockets; n++ {
		b.write8(txBuffer(n), 0xABCD, n)
		b.read(rxBuffer(n), 0xABCD, make([]byte, 1))
		w.went(
			hex.EncodeToString([]byte{0xAB, 0xCD, (4*n+2)<<3 | 4, n}),
			hex.EncodeToString([]byte{0xAB, 0xCD, (4*n + 3) << 3, filler}))
	}
}

// A zero-length read or write is where CS is easily left low.
func TestNothingToMoveIsNoFrame(t *testing.T) {
	for _, verify := range []bool{false, true} {
		w, b := newWire(t, verify)
		if err := errors.Join(b.read(common, 0, nil), b.write(common, 0, nil), b.read(common, 0, []byte{})); err != nil {
			t.Error(err)
		}
		w.went()
	}
}

func TestABusThatFailsLeavesTheChipDeselected(t *testing.T) {
	for _, n := range []int{1, frameLen, 1000} {
		w, b := newWire(t, false)
		w.fail = errors.New("no clock")
		if err := b.read(common, 0, make([]byte, n)); err != errBus {
			t.Errorf("read of %d bytes: %v", n, err)
		}
		if err := b.write(common, 0, make([]byte, n)); err != errBus {
			t.Errorf("write of %d bytes: %v", n, err)
		}
		w.went("", "")
	}
}

func TestLongFramesAreOne(t *testing.T) {
	w, b := newWire(t, false)
	data := bytes.Repeat([]byte{0x5A}, 2048)
	b.write(txBuffer(0), 0xFFF0, data)
	w.went("fff014" + hex.EncodeToString(data))
	w.answers("010203" + hex.EncodeToString(data))
	got := make([]byte, 2048)
	b.read(rxBuffer(0), 0x0010, got)
	w.went("001018" + strings.Repeat("00", 2048))
	if !bytes.Equal(got, data) {
		t.Error("read something else")
	}
}

func TestVerifyReadsBackWhatWasWritten(t *testing.T) {
	w, b := newWire(t, true)
	w.answers("", "010203 1388")
	if err := b.write16(registers(1), snPORT, 0x1388); err != nil {
		t.Error(err)
	}
	w.went("00 04 2C 13 88", "00 04 28 80 80")
	w.answers("", "010203 1389")
	if err := b.write16(registers(1), snPORT, 0x1388); err != errBus {
		t.Errorf("a register that reads back otherwise: %v", err)
	}
}

func TestVerifyReadsTwice(t *testing.T) {
	data := make([]byte, 200)
	for i := range data {
		data[i] = byte(i)
	}
	wrong := bytes.Clone(data)
	wrong[150] ^= 0x10
	// As long as the second reading's pieces are.
	pieces := func(p []byte) (hexes []string) {
		for len(p) > 0 {
			n := min(len(p), frameLen-headerLen)
			hexes = append(hexes, "010203"+hex.EncodeToString(p[:n]))
			p = p[n:]
		}
		return hexes
	}
	for _, c := range []struct {
		first, second []byte
		want          error
	}{{data, data, nil}, {data, wrong, errBus}, {wrong, data, errBus}} {
		w, b := newWire(t, true)
		w.answers(append([]string{"010203" + hex.EncodeToString(c.first)}, pieces(c.second)...)...)
		got := make([]byte, len(data))
		if err := b.read(rxBuffer(2), 0x100, got); err != c.want {
			t.Errorf("%v, want %v", err, c.want)
		}
		if c.want == nil && !bytes.Equal(got, data) {
			t.Error("read something else")
		}
	}
}
