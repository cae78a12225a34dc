//go:build !tinygo

package wifinina_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/internal/seed"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/nina"
)

// A hit is a byte that met its fault.
type hit struct {
	met      bool
	toChip   bool
	fault    bus.Fault
	cmd      byte
	part     part
	was, now byte
}

// strike has the n-th byte from now in one direction meet a fault, and tells what
// it hit.
func (w *world) strike(toChip bool, n int, f bus.Fault, bit uint) *hit {
	h := &hit{toChip: toChip, fault: f}
	r := reader{reply: !toChip}
	in := func(_ int64, b byte) []byte {
		if h.met {
			return []byte{b}
		}
		cmd, p := r.next(b)
		if n--; n >= 0 {
			return []byte{b}
		}
		h.met, h.cmd, h.part, h.was, h.now = true, cmd, p, b, b^1<<bit
		switch f {
		case bus.Lose:
			return nil
		case bus.Double:
			return []byte{b, b}
		}
		return []byte{h.now}
	}
	if toChip {
		w.chip.Inject(in, nil)
	} else {
		w.chip.Inject(nil, in)
	}
	return h
}

// excuses reports whether no driver could have known that out came back as in. The
// bus has no checksum and the firmware checks nothing that it is told, so these
// are:
//   - data that is sent, if a byte of it is flipped, if one of its frame is lost or
//     doubled, which shifts the rest and costs the last word, or if its length is
//     not what it was,
//   - data that is received, if a byte of it is flipped,
//   - the same, if one is doubled and the last of them is what ends a frame, where
//     the frame has no padding behind it,
//   - how many bytes the chip says it has taken, if that is flipped: the rest is
//     sent again.
func (h *hit) excuses(out, in []byte) bool {
	if !h.met {
		return false
	}
	sends, receives := h.cmd == 0x77 || h.cmd == 0x44, h.cmd == 0x78 || h.cmd == 0x45
	switch {
	case h.fault == bus.Flip && h.part == data && (h.toChip && sends || !h.toChip && receives):
		n := 0
		for i := range in {
			if in[i] != out[i] {
				if n++; out[i] != h.was || in[i] != h.now {
					return false
				}
			}
		}
		return n <= 1
	case h.fault == bus.Double && !h.toChip && receives:
		return out[len(out)-1] == 0xEE
	case h.toChip && sends:
		return h.part != tail || h.fault != bus.Flip
	case !h.toChip && sends:
		return h.fault == bus.Flip && h.part == param
	}
	return false
}

// A soak is echo traffic between the device and its peer.
type soak struct {
	*world
	rng  *rand.Rand
	up   chan struct{}
	to   netip.AddrPort
	hit  *hit
	fd   int    // or -1
	owed []byte // sent, and not come back
	late int    // echoes in a row that were
	made int
}

// connect dials the echo.
func (s *soak) connect() error {
	fd, err := s.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	begin := time.Now()
	done := make(chan error, 1)
	go func() { done <- s.dev.Connect(fd, "", s.to) }()
	select {
	case err = <-done:
	case <-time.After(30 * time.Second):
		s.Fatalf("Connect hangs since %v", time.Since(begin))
	}
	if err != nil {
		s.dev.Close(fd)
		return err
	}
	s.fd, s.owed, s.late = fd, nil, 0
	s.made++
	return nil
}

func (s *soak) hangUp() {
	if s.fd >= 0 {
		s.dev.Close(s.fd)
		s.fd = -1
	}
}

var errWrong = errors.New("a byte that no check can tell was wrong")

// echo sends some bytes and has them come back, behind those that were late before.
// Other bytes are a failure of the test unless nobody could have known.
func (s *soak) echo() error {
	out := make([]byte, 1+s.rng.IntN(900))
	for i := range out {
		out[i] = byte(s.rng.Uint32())
	}
	n, err := s.dev.Send(s.fd, out, 0, time.Now().Add(time.Second))
	s.owed = append(s.owed, out[:n]...)
	if err != nil {
		return err
	}
	in := make([]byte, len(s.owed))
	for got := 0; got < len(in); {
		n, err := s.dev.Recv(s.fd, in[got:], 0, time.Now().Add(time.Second))
		got += n
		if string(in[:got]) != string(s.owed[:got]) {
			if s.hit == nil || !s.hit.excuses(s.owed[:got], in[:got]) {
				s.Fatalf("%d of %d bytes, and wrong ones, after %+v", got, len(in), s.hit)
			}
			return errWrong
		}
		if err == io.EOF && (s.hit == nil || !s.hit.met) {
			s.Fatalf("EOF where there is none") // the echo only ends what the device has ended
		}
		if err != nil {
			s.owed = s.owed[got:]
			return err
		}
	}
	s.owed, s.late = nil, 0
	return nil
}

// ended reports whether the connection is of no more use after err. One that was
// only late goes on: what was lost on the way shows by what comes next.
func (s *soak) ended(err error) bool {
	if err == netdev.ErrTimeout && s.late < 2 {
		s.late++
		return false
	}
	return err != nil
}

// service goes on until an echo of this moment has come back.
func (s *soak) service() {
	begin := time.Now()
	var err error
	for time.Since(begin) < time.Minute {
		if s.fd < 0 {
			err = s.connect()
		}
		if s.fd >= 0 {
			if err = s.echo(); err == nil {
				return
			}
			if s.ended(err) {
				s.hangUp()
			}
		}
		if err == netdev.ErrNetDown {
			select {
			case <-s.up:
			case <-time.After(time.Second):
			}
		} else {
			time.Sleep(10 * time.Millisecond)
		}
	}
	s.Fatalf("no service for a minute after %+v: %v", s.hit, err)
}

// trouble lets something happen while echoes go on, and returns when it is over.
func (s *soak) trouble(kind int) {
	s.hit = nil
	time.Sleep(51 * time.Millisecond) // between two frames
	end := func() {}
	switch kind {
	case 0, 1, 2, 3, 4, 5:
		faults := []bus.Fault{bus.Lose, bus.Double, bus.Flip}
		s.hit = s.strike(kind < 3, s.rng.IntN(3000), faults[kind%3], uint(s.rng.IntN(8)))
	case 6:
		s.chip.Silence(time.Duration(s.rng.IntN(5000)) * time.Millisecond)
	case 7:
		s.chip.Crash()
	case 8:
		s.board.Air.Drop("")
		end = func() {
			time.Sleep(time.Duration(s.rng.IntN(1500)) * time.Millisecond)
			s.board.Air.Return("")
		}
	}
	for i := 0; i < 20 && (kind > 5 || !s.hit.met); i++ {
		if s.fd < 0 && s.connect() != nil {
			break
		}
		if s.ended(s.echo()) {
			s.hangUp()
		}
	}
	end()
	s.chip.Inject(nil, nil)
}

// Whatever happens on the bus, to the chip and in the air: nothing hangs, no byte
// is wrong that anybody could have known to be, and service comes back.
func TestTwoHundredFaultsUnderTraffic(t *testing.T) { soakFaults(t, "2.0.0", 200) }

func TestFaultsUnderTrafficOfOldFirmware(t *testing.T) { soakFaults(t, "1.4.8", 100) }

func soakFaults(t *testing.T, firmware string, rounds int) {
	synctest.Test(t, func(t *testing.T) {
		w := slowBoard(t, firmware, func(cc *nina.Config, dc *wifinina.Config) { dc.Timeout = 2 * time.Second })
		w.rough = true
		up := make(chan struct{}, 1)
		w.dev.NetNotify(func(e netlink.Event) {
			if e == netlink.EventNetUp {
				select {
				case up <- struct{}{}:
				default:
				}
			}
		})
		must(t, w.board.NetConnect(&netlink.ConnectParams{WatchdogTimeout: 300 * time.Millisecond}))
		l, to := w.listen()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() { io.Copy(c, c); c.Close() }()
			}
		}()
		s := &soak{world: w, rng: rand.New(rand.NewPCG(seed.Or(1), 2)), up: up, to: to, fd: -1}
		s.service()
		met := 0
		for range rounds {
			s.trouble(s.rng.IntN(9))
			if s.hit != nil && s.hit.met {
				met++
			}
			s.service()
		}
		s.hangUp()
		t.Logf("%d faults hit a byte, %d connections were made", met, s.made)
	})
}
