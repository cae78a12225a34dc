//go:build !tinygo

package rtl8720dn_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	stdnet "net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/seed"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
)

// A trouble is something that goes wrong between the driver and its chip, or
// behind it. It returns what ends it.
type trouble struct {
	name  string
	begin func(s *soak) (end func())
}

func onTheBus(toChip bool, f bus.Fault) func(*soak) func() {
	return func(s *soak) func() {
		in := bus.Nth(s.rng.Int64N(4000), f)
		if toChip {
			s.chip.Inject(in, nil)
		} else {
			s.chip.Inject(nil, in)
		}
		return func() { s.chip.Inject(nil, nil) }
	}
}

// noise has many bytes suffer, in both directions.
func noise(s *soak) func() {
	rates := bus.Rates{Lost: 0.0005, Doubled: 0.0005, Flipped: 0.0005}
	s.chip.Inject(bus.Random(s.rng.Uint64(), rates), bus.Random(s.rng.Uint64(), rates))
	return func() { s.chip.Inject(nil, nil) }
}

var troubles = []trouble{
	{"byte to the chip lost", onTheBus(true, bus.Lose)},
	{"byte to the chip doubled", onTheBus(true, bus.Double)},
	{"byte to the chip flipped", onTheBus(true, bus.Flip)},
	{"byte from the chip lost", onTheBus(false, bus.Lose)},
	{"byte from the chip doubled", onTheBus(false, bus.Double)},
	{"byte from the chip flipped", onTheBus(false, bus.Flip)},
	{"noise", noise},
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
	rng *rand.Rand
	at  netip.AddrPort
	dev netdev.Netdever
}

// patience is what nothing may take longer than.
const patience = 15 * time.Second

// echo sends bytes that come back, until something fails, or enough have come. A
// byte that differs is never right.
func (s *soak) echo(conn stdnet.Conn, enough int) error {
	out, in := make([]byte, 1000), make([]byte, 1000)
	for n := 0; n < enough; n += len(out) {
		for i := range out {
			out[i] = byte(s.rng.Uint32())
		}
		conn.SetDeadline(time.Now().Add(patience))
		_, err := conn.Write(out)
		got := 0
		if err == nil {
			got, err = io.ReadFull(conn, in)
		}
		if !bytes.Equal(in[:got], out[:got]) {
			s.Fatal("a wrong byte arrived")
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.Errorf("a connection hung for %v", patience)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// datagrams sends some to the peer, who sends them back. They may be lost, but
// must not be others.
func (s *soak) datagrams() {
	conn, err := (&net.Dialer{Device: s.dev}).DialContext(s.Context(), "udp", s.at.String())
	if err != nil {
		return
	}
	defer conn.Close()
	sent := map[string]bool{}
	for i := range 4 {
		b := make([]byte, 1+s.rng.IntN(1400))
		for i := range b {
			b[i] = byte(s.rng.Uint32())
		}
		b[0] = byte(i)
		sent[string(b)] = true
		conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := conn.Write(b); err != nil {
			return
		}
		in := make([]byte, 1500)
		if n, err := conn.Read(in); err == nil && !sent[string(in[:n])] {
			s.Fatal("a datagram arrived that nobody sent")
		}
	}
}

// service waits until an echo goes through again.
func (s *soak) service() stdnet.Conn {
	const long = 60 * time.Second
	for until := time.Now().Add(long); ; {
		ctx, cancel := context.WithTimeout(s.Context(), patience)
		conn, err := (&net.Dialer{Device: s.dev}).DialContext(ctx, "tcp", s.at.String())
		cancel()
		if err == nil {
			if err = s.echo(conn, 1000); err == nil {
				return conn
			}
			conn.Close()
		}
		if errors.Is(err, context.DeadlineExceeded) {
			s.Errorf("Connect hung for %v", patience)
		}
		if time.Now().After(until) {
			s.Fatalf("no service again within %v: %v", long, err)
		}
		if errors.Is(err, netdev.ErrNetDown) {
			time.Sleep(50 * time.Millisecond) // the link is on its way back
		}
	}
}

// echoDatagrams sends back what comes.
func echoDatagrams(pc stdnet.PacketConn) {
	b := make([]byte, 2000)
	for {
		n, from, err := pc.ReadFrom(b)
		if err != nil {
			return
		}
		pc.WriteTo(b[:n], from)
	}
}

func TestFaultsNeverBecomeDataAndAreOvercome(t *testing.T) {
	const faults = 200
	chance := seed.Or(8720)
	ended := map[string]int{}
	c := boards.Config{Seed: chance, Network: sim.Config{Seed: chance}}
	unjoined(t, c, nil, func(t *testing.T, w *world) {
		w.must("NetConnect", w.NetConnect(&netlink.ConnectParams{Ssid: "netdev", WatchdogTimeout: time.Second}))
		l, at := w.listen()
		go echo(l)
		pc, err := w.peer.ListenPacket(t.Context(), "udp", at.String())
		w.must("ListenPacket", err)
		defer pc.Close()
		go echoDatagrams(pc)

		s := &soak{world: w, rng: rand.New(rand.NewPCG(chance, 1)), at: at, dev: w.Device}
		conn := s.service()
		var worst time.Duration
		for i := range faults {
			f := troubles[i%len(troubles)]
			begin := time.Now()
			end := f.begin(s)
			s.datagrams()
			err := s.echo(conn, 3000)
			end()
			if err != nil {
				ended[f.name]++
				conn.Close()
				conn = s.service()
			}
			if took := time.Since(begin); took > worst {
				worst = took
				t.Logf("fault %d, %s: %v, then service after %v", i, f.name, err, took)
			}
		}
		conn.Close()
		t.Logf("%d faults; connections that ended: %v\ndriver %+v\nchip %+v", faults, ended, w.Stats(), w.chip.Stats())
	})
}
