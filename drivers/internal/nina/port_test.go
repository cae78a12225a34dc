package nina_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/nina"
)

func booted(t testing.TB, chip *fakeChip) *nina.Port {
	t.Helper()
	p := nina.New(chip.config())
	if err := p.Boot(); err != nil {
		t.Fatalf("Boot: %v", err)
	}
	chip.commands, chip.sent, chip.recved = nil, 0, 0
	t.Cleanup(func() {
		for _, a := range chip.abuse {
			t.Errorf("the chip was %s", a)
		}
	})
	return p
}

// echo replies with what it was sent, as if it had been received.
func echo(cmd []byte) []byte {
	if cmd[0] != 0xE0 {
		return nil
	}
	switch nina.Command(cmd[1]) {
	case nina.Errno:
		return frame(cmd[1], []byte{11})
	case nina.Send:
		return frame(cmd[1], cmd[6:8])
	case nina.Recv:
		data := make([]byte, int(cmd[6])|int(cmd[7])<<8)
		for i := range data {
			data[i] = byte(i)
		}
		return wide(cmd[1], data)
	case nina.RecvFrom:
		return wide(cmd[1], []byte{10, 0, 2, 2}, []byte{53, 0}, []byte("datagram"))
	}
	return nil
}

func status(p *nina.Port) (byte, error) {
	p.Begin(nina.Errno)
	r, err := p.Do()
	if err != nil {
		return 0, err
	}
	return r.Byte(0), nil
}

func wantStatus(t *testing.T, p *nina.Port) {
	t.Helper()
	if got, err := status(p); got != 11 || err != nil {
		t.Fatalf("an exchange: %d, %v", got, err)
	}
}

func TestAChipIsResetWithItsPinsInOrder(t *testing.T) {
	for _, inverted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip := newChip(echo)
			c := chip.config()
			c.ResetInverted = inverted
			if inverted {
				c.Reset = func(high bool) { chip.reset(!high) }
			}
			p := nina.New(c)
			p.Begin(nina.Errno)
			if _, err := p.Do(); err != nina.ErrSilent || p.Alive() {
				t.Errorf("before Boot: %v, alive %v", err, p.Alive())
			}
			begin := time.Now()
			if err := p.Boot(); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begin); took < 30*time.Millisecond || took > 40*time.Millisecond {
				t.Errorf("Boot took %v of a chip that is ready 20 ms after its reset of 10 ms", took)
			}
			if chip.resets != 1 || chip.gpio0 || len(chip.abuse) > 0 || !p.Alive() {
				t.Errorf("%d resets, GPIO0 driven %v, %v, alive %v", chip.resets, chip.gpio0, chip.abuse, p.Alive())
			}
			wantStatus(t, p)
		})
	}
}

func TestAChipWithoutAResetLineIsFoundWhereItIs(t *testing.T) {
	chip := newChip(echo)
	chip.reply = frame(0x72, []byte{1}) // it has a reply for somebody who is gone
	c := chip.config()
	c.Reset = nil
	p := nina.New(c)
	if err := p.Boot(); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, p)
}

func TestALateReplyIsWaitedFor(t *testing.T) {
	for _, interrupt := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chip := newChip(echo)
			c := chip.config()
			c.Timeout = 30 * time.Second
			if interrupt {
				c.OnReady = func(f func()) { chip.onReady = f }
			}
			p := nina.New(c)
			if err := p.Boot(); err != nil {
				t.Fatal(err)
			}
			for _, d := range []time.Duration{0, time.Microsecond, 3 * time.Millisecond, time.Second, 17 * time.Second} {
				chip.took = func([]byte) time.Duration { return d }
				begin := time.Now()
				wantStatus(t, p)
				// A reply that is late is late by the interrupt's time, or by a pause.
				if late := time.Since(begin) - d; late > time.Millisecond || interrupt && late > 20*time.Microsecond {
					t.Errorf("a reply after %v: %v later", d, late)
				}
			}
			if len(chip.abuse) > 0 {
				t.Error(chip.abuse)
			}
		})
	}
}

func TestASilentChipIsLeftAloneUntilItIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip := newChip(echo)
		p := booted(t, chip)
		chip.took = func([]byte) time.Duration { return -1 }
		begin := time.Now()
		if _, err := status(p); err != nina.ErrSilent || p.Alive() {
			t.Fatalf("a chip that does not reply: %v, alive %v", err, p.Alive())
		}
		if took := time.Since(begin); took < 100*time.Millisecond || took > 110*time.Millisecond {
			t.Errorf("that took %v, want the configured 100 ms", took)
		}
		n := len(chip.commands)
		if _, err := status(p); err != nina.ErrSilent || len(chip.commands) != n {
			t.Errorf("the next exchange: %v, and %d more commands", err, len(chip.commands)-n)
		}
		chip.took = nil
		if err := p.Boot(); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, p)
	})
}

func TestAChipThatDoesNotBootIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip := newChip(echo)
		chip.broken = true
		p := nina.New(chip.config())
		begin := time.Now()
		if err := p.Boot(); err != nina.ErrSilent || p.Alive() {
			t.Errorf("Boot: %v, alive %v", err, p.Alive())
		}
		if took := time.Since(begin); took > 16*time.Second {
			t.Errorf("it took %v", took)
		}
		if chip.broken = false; p.Boot() != nil {
			t.Error("a second Boot, of a chip that does")
		}
		wantStatus(t, p)
	})
}

// A chip that answers after all cannot be taken for one that expects a command:
// nothing is clocked until READY falls.
func TestNothingIsClockedWhileTheChipIsBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip := newChip(echo)
		p := booted(t, chip)
		chip.took = func([]byte) time.Duration { return 99 * time.Millisecond }
		for range 10 {
			wantStatus(t, p)
		}
	})
}

func TestAReplyThatMakesNoSenseIsAskedForAgainWhereThatIsSafe(t *testing.T) {
	for name, spoil := range map[string]func(reply []byte) []byte{
		"start":              func(b []byte) []byte { b[0] ^= 1; return b },
		"command":            func(b []byte) []byte { b[1] ^= 0x10; return b },
		"number":             func(b []byte) []byte { b[2]++; return b },
		"length":             func(b []byte) []byte { b[3]++; return b },
		"end":                func(b []byte) []byte { b[bytes.LastIndexByte(b, 0xEE)] = 0; return b },
		"padding":            func(b []byte) []byte { b[7] = 0xEE; return b },
		"error, with a flip": func(b []byte) []byte { return []byte{0xEF, 0, 0xEE, 1} },
		"nothing":            func(b []byte) []byte { return make([]byte, 4) },
		"lost byte":          func(b []byte) []byte { return append(b[1:], 0) },
		"doubled byte":       func(b []byte) []byte { return append(b[:1], b...)[:8] },
	} {
		t.Run(name, func(t *testing.T) {
			bad := true
			chip := newChip(nil)
			chip.handle = func(cmd []byte) []byte {
				b := echo(cmd)
				if bad && b != nil {
					bad = false
					return spoil(b)
				}
				return b
			}
			p := booted(t, chip)
			bad = true
			wantStatus(t, p)

			bad = true
			q := p.Begin(nina.Send)
			q.Byte(54)
			q.Data([]byte("once"))
			if _, err := p.Do(); err != nina.ErrUnclear {
				t.Fatalf("Send whose reply made no sense: %v, want ErrUnclear", err)
			}
			sends := 0
			for _, c := range chip.commands {
				if c[0] == 0xE0 && c[1] == byte(nina.Send) {
					sends++
				}
			}
			if sends != 1 {
				t.Errorf("data went to the chip %d times", sends)
			}
			wantStatus(t, p)
		})
	}
}

// A reply to another command means that the chip saw that one: Recv where Poll
// was meant, say. The data that it took is lost, and the caller must know.
func TestAReplyToAnotherCommandIsNotAskedForAgain(t *testing.T) {
	chip := newChip(echo)
	p := booted(t, chip)
	chip.toChip = func(i int, b byte) []byte {
		if i == 1 {
			b ^= byte(nina.Errno ^ nina.Recv)
		}
		return []byte{b}
	}
	if _, err := status(p); err != nina.ErrUnclear {
		t.Errorf("error %v", err)
	}
	wantStatus(t, p)
}

func TestWhatTheChipDidNotUnderstandIsSentAgain(t *testing.T) {
	chip := newChip(echo)
	p := booted(t, chip)
	chip.toChip = func(i int, b byte) []byte {
		if i == 0 {
			return []byte{b ^ 0x10}
		}
		return []byte{b}
	}
	q := p.Begin(nina.Send)
	q.Byte(54)
	q.Data([]byte("once"))
	if r, err := p.Do(); err != nil || r.Big(0) != 4 {
		t.Fatalf("Send: %v", err)
	}
	if len(chip.commands) != 2 {
		t.Errorf("%d commands, want the one that was not understood and another", len(chip.commands))
	}
}

// Half an exchange out of phase: the chip has taken the reading of its reply for
// a command, as after a reset of its own.
func TestAPortThatLostItsPlaceFindsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, queued := range [][]byte{nil, frame(0x72, []byte{9}), frame(0x77, []byte{0, 1}), {0xEF, 0, 0xEE, 0}, wide(0x78, make([]byte, 4000))} {
			chip := newChip(echo)
			p := booted(t, chip)
			chip.reply = queued
			wantStatus(t, p)
			wantStatus(t, p)
		}
	})
}

func TestAChipThatDoesNotSeeItsSelectIsDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip := newChip(echo)
		p := booted(t, chip)
		chip.deaf = true
		if _, err := status(p); err != nina.ErrSilent {
			t.Fatalf("error %v", err)
		}
		if len(chip.commands) > 0 {
			t.Errorf("%d commands were clocked", len(chip.commands))
		}
	})
}

type brokenBus struct{}

func (brokenBus) Tx(w, r []byte) error { return errors.New("no such device") }

func TestABusThatFailsIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip := newChip(echo)
		c := chip.config()
		c.SPI = brokenBus{}
		p := nina.New(c)
		if err := p.Boot(); err != nina.ErrSilent {
			t.Errorf("Boot: %v", err)
		}
	})
}

func TestDataGoesWhereItBelongs(t *testing.T) {
	chip := newChip(echo)
	p := booted(t, chip)
	for n := 0; n < 70; n++ {
		dst := bytes.Repeat([]byte{0xA5}, 80)
		q := p.Begin(nina.Recv)
		q.Byte(54)
		q.Size(uint16(n))
		q.Into(dst[:70])
		r, err := p.Do()
		if err != nil || r.Len() != n {
			t.Fatalf("%d bytes: %d, %v", n, r.Len(), err)
		}
		for i, b := range dst {
			if want := byte(i); i < n && b != want || i >= n && b != 0xA5 {
				t.Fatalf("%d bytes: byte %d is %#x", n, i, b)
			}
		}
	}
	dst := make([]byte, 8)
	q := p.Begin(nina.RecvFrom)
	q.Byte(54)
	q.Size(8)
	q.Into(dst)
	r, err := p.Do()
	if err != nil || r.Addr(0) != [4]byte{10, 0, 2, 2} || r.Little(1) != 53 || r.Len() != 8 || string(dst) != "datagram" {
		t.Errorf("a datagram: %v, %q", err, dst)
	}
	if r.Param(2) == nil || len(r.Param(2)) > 0 || r.Param(3) != nil || r.Param(-1) != nil {
		t.Errorf("parameters that are not there: %v", r.Param(2))
	}
}

func TestAReplyLongerThanWhatWasAskedForMakesNoSense(t *testing.T) {
	chip := newChip(echo)
	p := booted(t, chip)
	dst := bytes.Repeat([]byte{0xA5}, 20)
	q := p.Begin(nina.Recv)
	q.Byte(54)
	q.Size(11)
	q.Into(dst[:10])
	if _, err := p.Do(); err != nina.ErrUnclear {
		t.Errorf("error %v", err)
	}
	if !bytes.Equal(dst, bytes.Repeat([]byte{0xA5}, 20)) {
		t.Errorf("bytes of it arrived: % x", dst)
	}
	wantStatus(t, p)
}

func TestARequestThatHasNoRoomIsNotSent(t *testing.T) {
	chip := newChip(echo)
	p := booted(t, chip)
	for n, want := range map[int]error{4083: nil, 4084: nina.ErrTooLong, 70000: nina.ErrTooLong} {
		q := p.Begin(nina.Send)
		q.Byte(54)
		q.Data(make([]byte, n))
		if _, err := p.Do(); err != want {
			t.Errorf("%d bytes: %v, want %v", n, err, want)
		}
	}
	q := p.Begin(nina.Resolve)
	q.Text(string(make([]byte, 256)))
	if _, err := p.Do(); err != nina.ErrTooLong {
		t.Errorf("a name of 256 bytes: %v", err)
	}
	for _, c := range chip.commands {
		if len(c) > nina.MaxFrame {
			t.Errorf("a frame of %d bytes", len(c))
		}
	}
}

// A quietChip gives one reply to everything, and allocates nothing.
type quietChip struct {
	reply    []byte
	at       int
	selected bool
	replies  bool
}

func (c *quietChip) level() bool { return c.selected }

func (c *quietChip) cs(high bool) {
	if high && c.selected {
		c.replies = !c.replies
	}
	c.selected, c.at = !high, 0
}

func (c *quietChip) Tx(w, r []byte) error {
	if c.replies {
		c.at += copy(r, c.reply[min(c.at, len(c.reply)):])
	}
	return nil
}

func TestAnExchangeDoesNotAllocate(t *testing.T) {
	chip := &quietChip{reply: []byte{0xEF, 0, 0xEE, 0}}
	p := nina.New(nina.Config{SPI: chip, CS: chip.cs, Ready: chip.level})
	if err := p.Boot(); err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors {
		if v.err != nil {
			continue
		}
		chip.reply = unhex(t, v.reply)
		if n := testing.AllocsPerRun(100, func() {
			v.begin(p)
			if r, err := p.Do(); err != nil || !v.check(r) {
				t.Fatal(err)
			}
		}); n > 0 {
			t.Errorf("%s: %v allocations", v.name, n)
		}
	}
}
