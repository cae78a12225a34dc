//go:build !tinygo

package w5500_test

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/stack"
)

// stackOn returns a stack over the chip's frames, connected.
func stackOn(tb testing.TB, sc stack.Config, set func(*driver.Config)) (*stack.Stack, *boards.Board) {
	tb.Helper()
	f, b, chip, err := boards.W5500Frames(boards.Config{Network: sim.Config{Forwards: []sim.Forward{}}}, set)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Stop(); err != nil {
			tb.Error(err)
		}
		if s := chip.Stats(); s.Abuse != 0 {
			tb.Errorf("%d requests would have hurt the chip, the last one: %s", s.Abuse, s.LastAbuse)
		}
	})
	s, err := stack.New(f, sc)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Stop() })
	if err := s.NetConnect(&netlink.ConnectParams{}); err != nil {
		tb.Fatal(err)
	}
	return s, b
}

// A framesPeer knows the address of the stack, which is not the chip's.
type framesPeer struct {
	*sim.Peer
	addr netip.Addr
}

func (p framesPeer) DeviceAddr(domain int) netip.Addr {
	if domain != netdev.AF_INET {
		return netip.Addr{}
	}
	return p.addr
}

func TestAStackOverFramesKeepsTheContract(t *testing.T) {
	t.Parallel()
	var networks sync.Map // of stacks, their boards
	netdevtest.RunConfig(t, netdevtest.Config{
		Name:  "stack over w5500",
		Rules: []string{"CONN", "ACC", "SEND", "RECV", "CLOSE", "PKT", "MCAST", "PING"},
		New: func(tb testing.TB) netdev.Netdever {
			s, b := stackOn(tb, stack.Config{}, nil)
			networks.Store(s, b)
			return s
		},
		Peer: func(tb testing.TB, dev netdev.Netdever) netdevtest.Peer {
			b, _ := networks.Load(dev)
			p, err := b.(*boards.Board).Peer()
			if err != nil {
				tb.Fatal(err)
			}
			addr, err := dev.Addr()
			if err != nil {
				tb.Fatal(err)
			}
			return framesPeer{p, addr}
		},
	})
}

func TestFramesArriveWhereTheChipIsPolled(t *testing.T) {
	s, b := stackOn(t, stack.Config{Poll: time.Millisecond}, func(c *driver.Config) {
		c.Interrupt, c.OnInterrupt, c.Verify = nil, nil, true
	})
	exchange(t, s, peerOf(t, b))
}

// Frames that a fault takes along are frames lost: TCP goes on.
func TestAStackOutlivesFaultsOnTheBus(t *testing.T) {
	t.Parallel()
	f, b, chip, err := boards.W5500Frames(board, func(c *driver.Config) {
		c.Verify = true
		c.Timeout = 5 * time.Millisecond
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Stop() })
	s, err := stack.New(f, stack.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	if err := s.NetConnect(&netlink.ConnectParams{}); err != nil {
		t.Fatal(err)
	}
	p := peerOf(t, b)
	rate := bus.Rates{Lost: 1e-5, Doubled: 1e-5, Flipped: 1e-5}
	toChip, there := bus.Recorded(bus.Random(1, rate))
	fromChip, back := bus.Recorded(bus.Random(2, rate))
	before := chip.Stats().Resets
	chip.Inject(toChip, fromChip)
	exchangeStream(t, s, p)
	chip.Inject(nil, nil)
	if len(there.Faults())+len(back.Faults()) == 0 {
		t.Error("there were no faults")
	}
	t.Logf("%d faults to the chip, %d from it; it was reset %d times", len(there.Faults()), len(back.Faults()), chip.Stats().Resets-before)
}
