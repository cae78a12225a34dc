//go:build !tinygo

package espat_test

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/seed"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
)

// All bytes that a soak sends are of this kind, and no other byte of the protocol
// is: so an injector knows what is payload.
func isPayload(b byte) bool { return b >= 0x80 }

// A trouble is something that goes wrong between the driver and its module, or
// behind it. It returns what ends it.
type trouble struct {
	name  string
	begin func(s *soak) (end func())
}

// once has one fault meet a byte that comes soon.
func once(toChip bool, f bus.Fault) func(*soak) func() {
	return func(s *soak) func() {
		s.inject(toChip, bus.Nth(s.rng.Int64N(3000), f))
		return func() { s.chip.Inject(nil, nil) }
	}
}

// noise has many bytes suffer, all in one way: a byte that is lost and another one
// that is doubled would leave all lengths as they are.
func noise(s *soak) func() {
	const rate = 0.001
	kinds := []bus.Rates{{Lost: rate}, {Doubled: rate}, {Flipped: rate}}
	s.inject(s.rng.IntN(2) == 0, bus.Random(s.rng.Uint64(), kinds[s.rng.IntN(len(kinds))]))
	return func() { s.chip.Inject(nil, nil) }
}

// gap has many bytes lost that follow each other, as where a ring is full.
func gap(s *soak) func() {
	at, n := s.rng.Int64N(2000), 1+s.rng.Int64N(150)
	s.chip.Inject(nil, func(i int64, b byte) []byte {
		if i >= at && i < at+n {
			return nil
		}
		return []byte{b}
	})
	return func() { s.chip.Inject(nil, nil) }
}

var troubles = []trouble{
	{"byte to the module lost", once(true, bus.Lose)},
	{"byte to the module doubled", once(true, bus.Double)},
	{"byte to the module flipped", once(true, bus.Flip)},
	{"byte from the module lost", once(false, bus.Lose)},
	{"byte from the module doubled", once(false, bus.Double)},
	{"byte from the module flipped", once(false, bus.Flip)},
	{"noise", noise},
	{"gap", gap},
	{"silence", func(s *soak) func() {
		s.chip.Silence(time.Duration(s.rng.IntN(5000)) * time.Millisecond)
		return func() {}
	}},
	{"reset", func(s *soak) func() {
		after := time.AfterFunc(time.Duration(s.rng.IntN(100))*time.Millisecond, s.chip.Crash)
		return func() { after.Stop() }
	}},
	{"access point", func(s *soak) func() {
		after := time.AfterFunc(time.Duration(s.rng.IntN(100))*time.Millisecond, func() { s.board.Air.Drop("") })
		return func() {
			after.Stop()
			s.board.Air.Return("")
		}
	}},
}

// A soak is echo traffic from the device to a peer, through all that happens.
type soak struct {
	*world
	rng    *rand.Rand
	at     netip.AddrPort
	name   string      // of the present trouble
	record *bus.Record // of the faults of the present trouble
}

func (s *soak) inject(toChip bool, f bus.Injector) {
	f, s.record = bus.Recorded(f)
	if toChip {
		s.chip.Inject(f, nil)
	} else {
		s.chip.Inject(nil, f)
	}
}

// mayBe reports whether a payload byte may arrive as another: a bit of it has
// flipped on the UART, where nothing checks it.
func (s *soak) mayBe(was, now byte) bool {
	if s.record == nil {
		return false
	}
	for _, f := range s.record.Faults() {
		if f.Fault == bus.Flip && f.Was == was && f.Now == now && isPayload(was) {
			return true
		}
	}
	return false
}

// patience is what nothing may take longer than: the timeout that is configured,
// and what a repair or two take.
const patience = 20 * time.Second

// echo sends bytes that come back, until something fails, or enough have come.
func (s *soak) echo(fd, enough int) error {
	out, in := make([]byte, 700), make([]byte, 700)
	for n := 0; n < enough; n += len(out) {
		for i := range out {
			out[i] = byte(s.rng.Uint32()) | 0x80
		}
		deadline := time.Now().Add(patience)
		if _, err := s.Send(fd, out, 0, deadline); err != nil {
			return s.notHung(err)
		}
		for got := 0; got < len(in); {
			n, err := s.Recv(fd, in[got:], 0, deadline)
			for i := got; i < got+n; i++ {
				if in[i] != out[i] && !s.mayBe(out[i], in[i]) {
					s.Fatalf("after %s: byte %d is %#x, and %#x was sent", s.name, i, in[i], out[i])
				}
			}
			got += n
			if err != nil {
				return s.notHung(err)
			}
		}
	}
	return nil
}

func (s *soak) notHung(err error) error {
	if errors.Is(err, netdev.ErrTimeout) {
		s.Errorf("a call hung for %v", patience)
	}
	return err
}

// service waits until an echo goes through again.
func (s *soak) service() int {
	const long = 60 * time.Second
	var err error
	for until := time.Now().Add(long); time.Now().Before(until); {
		var fd int
		if fd, err = s.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); err == nil {
			if err = s.Connect(fd, "", s.at); err == nil {
				err = s.echo(fd, 700)
			}
			if err == nil {
				return fd
			}
			s.Close(fd)
		}
		time.Sleep(50 * time.Millisecond) // the link is on its way back, or a socket
	}
	s.Fatalf("no service again within %v of %s: %v", long, s.name, err)
	return -1
}

func TestFaultsNeverBecomeDataAndAreOvercome(t *testing.T) {
	const faults = 220
	chance := seed.Or(32)
	ended := map[string]int{}
	inWorld(t, boards.Config{Seed: chance, Network: sim.Config{Seed: chance}}, func(w *world) {
		s := &soak{world: w, rng: rand.New(rand.NewPCG(chance, 1)), at: w.echoes()}
		fd := s.service()
		var worst time.Duration
		for i := range faults {
			f := troubles[i%len(troubles)]
			s.name, s.record = f.name, nil
			begin := time.Now()
			end := f.begin(s)
			err := s.echo(fd, 2100)
			end()
			if err != nil {
				ended[f.name]++
				s.Close(fd)
				fd = s.service()
			}
			if took := time.Since(begin); took > worst {
				worst = took
				t.Logf("fault %d, %s: %v, then service after %v", i, f.name, err, took)
			}
		}
		s.Close(fd)
		t.Logf("%d faults; connections that ended: %v\nmodule %+v", faults, ended, w.chip.Stats())
	})
}
