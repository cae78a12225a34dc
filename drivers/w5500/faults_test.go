//go:build !tinygo

package w5500_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	stdnet "net"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/internal/seed"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/w5500"
)

// A trouble is something that goes wrong between the driver and its chip, or
// behind it. It returns when it is over.
type trouble struct {
	name  string
	begin func(chip *w5500.Chip, rng *rand.Rand) (end func())
}

func onTheBus(toChip bool, f bus.Fault) func(*w5500.Chip, *rand.Rand) func() {
	return func(chip *w5500.Chip, rng *rand.Rand) func() {
		in := bus.Nth(rng.Int64N(6000), f)
		if toChip {
			chip.Inject(in, nil)
		} else {
			chip.Inject(nil, in)
		}
		return func() { chip.Inject(nil, nil) }
	}
}

var troubles = []trouble{
	{"byte to the chip lost", onTheBus(true, bus.Lose)},
	{"byte to the chip doubled", onTheBus(true, bus.Double)},
	{"byte to the chip flipped", onTheBus(true, bus.Flip)},
	{"byte from the chip lost", onTheBus(false, bus.Lose)},
	{"byte from the chip doubled", onTheBus(false, bus.Double)},
	{"byte from the chip flipped", onTheBus(false, bus.Flip)},
	{"silence", func(chip *w5500.Chip, rng *rand.Rand) func() {
		chip.Silence(time.Duration(rng.IntN(40)) * time.Millisecond)
		return func() {}
	}},
	{"reset", func(chip *w5500.Chip, rng *rand.Rand) func() {
		chip.Crash()
		return func() {}
	}},
	{"cable", func(chip *w5500.Chip, rng *rand.Rand) func() {
		chip.Plug(false)
		return func() { chip.Plug(true) }
	}},
}

var errWrong = errors.New("a wrong byte")

// echoTime is how long an echo may take, and a connection.
const echoTime = time.Second

// A soak is echo traffic from the device to a peer, through all that happens.
type soak struct {
	*testing.T
	board    *boards.Board
	verified bool
	rng      *rand.Rand
	up       chan struct{}
}

// echo dials and sends bytes that come back, until something fails, or enough
// have come. A byte that differs is never right.
func (s *soak) echo(conn stdnet.Conn, enough int) error {
	out := make([]byte, 700)
	in := make([]byte, 700)
	for n := 0; n < enough; n += len(out) {
		for i := range out {
			out[i] = byte(1 + s.rng.IntN(255))
		}
		conn.SetDeadline(time.Now().Add(echoTime))
		if _, err := conn.Write(out); err != nil {
			return err
		}
		if n, err := io.ReadFull(conn, in); err != nil {
			if s.verified && !bytes.Equal(in[:n], out[:n]) {
				s.Fatalf("a wrong byte arrived, before %v", err)
			}
			return err
		}
		if !bytes.Equal(in, out) {
			if s.verified {
				s.Fatal("a wrong byte arrived")
			}
			return errWrong // whoever checks ends the connection
		}
	}
	return nil
}

func (s *soak) dial() (stdnet.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), echoTime)
	defer cancel()
	d := net.Dialer{Device: netdev.Netdever(s.board)}
	return d.DialContext(ctx, "tcp", "peer.netdev:7")
}

// service waits until an echo goes through again.
func (s *soak) service() stdnet.Conn {
	until := time.Now().Add(20 * time.Second)
	for {
		conn, err := s.dial()
		if err == nil {
			if err = s.echo(conn, 700); err == nil {
				return conn
			}
			conn.Close()
		}
		if time.Now().After(until) {
			s.Fatalf("no service again: %v", err)
		}
		if errors.Is(err, netdev.ErrNetDown) {
			select {
			case <-s.up:
			case <-time.After(time.Until(until)):
			}
		}
	}
}

// echoServer answers on port 7 of the peer, and reports a byte that nobody sent.
func echoServer(t *testing.T, b *boards.Board) {
	t.Helper()
	p, err := b.Peer()
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.Listen(context.Background(), "tcp", ":7")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(time.Minute))
				io.Copy(c, c)
			}()
		}
	}()
}

// quiver has 200 faults meet the traffic, one after the other.
func quiver(t *testing.T, verify bool) {
	t.Parallel()
	const faults = 200
	chance := seed.Or(5500)
	b, chip := wire(t, boards.Config{Network: sim.Config{Seed: chance}, Seed: chance}, func(c *driver.Config) {
		c.Verify = verify
		c.Timeout = 20 * time.Millisecond
	})
	s := &soak{T: t, board: b, verified: verify, rng: rand.New(rand.NewPCG(chance, 1)), up: make(chan struct{}, 1)}
	b.NetNotify(func(e netlink.Event) {
		if e == netlink.EventNetUp {
			select {
			case s.up <- struct{}{}:
			default:
			}
		}
	})
	if err := b.NetConnect(&netlink.ConnectParams{WatchdogTimeout: 10 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	echoServer(t, b)
	ended := map[string]int{}
	conn := s.service()
	for i := range faults {
		f := troubles[i%len(troubles)]
		end := f.begin(chip, s.rng)
		err := s.echo(conn, 7000)
		end()
		if err != nil {
			ended[f.name]++
			conn.Close()
			conn = s.service()
		}
	}
	conn.Close()
	t.Logf("%d faults; connections that ended: %v; the chip was reset %d times", faults, ended, chip.Stats().Resets)
}

func TestFaultsOnTheBusNeverBecomeDataWhereItIsVerified(t *testing.T) { quiver(t, true) }

// Without Verify a byte of the payload that the bus has changed cannot be seen, nor
// a command or a pointer that the chip has taken otherwise. What can be asked for is
// that it ends.
func TestFaultsOnTheBusEnd(t *testing.T) { quiver(t, false) }
