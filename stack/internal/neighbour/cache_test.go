package neighbour

import (
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
)

const start = time.Hour

var (
	gateway = netip.MustParseAddr("10.0.2.1")
	other   = netip.MustParseAddr("10.0.2.2")
	hwA     = [6]byte{2, 0, 0, 0, 0, 0xa}
	hwB     = [6]byte{2, 0, 0, 0, 0, 0xb}
)

// A probe is a Cache and its clock.
type probe struct {
	*Cache
	t   *testing.T
	now time.Duration
}

func cache(t *testing.T, c Config) *probe {
	c.Rand = rand.New(rand.NewSource(1)).Uint64
	if c.Pool == nil {
		c.Pool = block.NewPool(block.Config{BlockSize: 64, Blocks: 512})
	}
	return &probe{New(c), t, start}
}

// done returns what the cache has done now.
func (p *probe) done() []string {
	p.t.Helper()
	all, b := []string{}, make([]byte, 1500)
	for {
		switch a := p.Output(p.now, b); a.Kind {
		case Nothing:
			return all
		case Request:
			if a.HW == [6]byte{} {
				all = append(all, fmt.Sprintf("who has %v", a.Addr))
			} else {
				all = append(all, fmt.Sprintf("are you %v, %x", a.Addr, a.HW[5]))
			}
		case Packet:
			all = append(all, fmt.Sprintf("%s to %x", b[:a.Len], a.HW[5]))
		case Unreachable:
			all = append(all, fmt.Sprintf("%s is lost for %v", b[:a.Len], a.Addr))
		}
	}
}

func (p *probe) expect(want ...string) {
	p.t.Helper()
	if got := p.done(); !slices.Equal(got, want) {
		p.t.Errorf("after %v: %q, want %q", p.now-start, got, want)
	}
}

func (p *probe) state(a netip.Addr, want State) {
	p.t.Helper()
	if got := p.State(p.now, a); got != want {
		p.t.Errorf("after %v %v is %v, want %v", p.now-start, a, got, want)
	}
}

func (p *probe) lookup(a netip.Addr, want [6]byte) {
	p.t.Helper()
	if hw, ok := p.Lookup(p.now, a); ok != (want != [6]byte{}) || hw != want {
		p.t.Errorf("after %v %v is at %x, %v; want %x", p.now-start, a, hw, ok, want)
	}
}

// later goes on to the deadline, d from now.
func (p *probe) later(d time.Duration) {
	p.t.Helper()
	if p.Deadline() != p.now+d {
		p.t.Errorf("after %v the deadline is %v on, want %v", p.now-start, p.Deadline()-p.now, d)
	}
	p.now += d
}

func (p *probe) wait(a netip.Addr, packet string) { p.Wait(p.now, a, []byte(packet)) }

// resolve makes a reachable at hw.
func (p *probe) resolve(a netip.Addr, hw [6]byte) {
	p.t.Helper()
	p.wait(a, "x")
	p.done()
	p.Answer(p.now, a, hw)
	p.done()
	p.state(a, Reachable)
}

// check holds the lists, the table and the counts against each other.
func (p *probe) check() {
	p.t.Helper()
	seen, waiting, ready := map[int16]bool{}, 0, 0
	for _, l := range []struct {
		*list
		known bool
	}{{&p.known, true}, {&p.asked, false}} {
		n := 0
		for i := l.oldest; i != none; i = p.entries[i].links[inUse].newer {
			e := &p.entries[i]
			if seen[i] || e.state >= Reachable != l.known || p.find(e.addr) != i || (e.waiting == 0) != (e.packets.Len() == 0) {
				p.t.Fatalf("entry %d: %+v", i, e)
			}
			if e.state == failed && e.waiting == 0 {
				p.t.Fatalf("entry %d failed, and is still there", i)
			}
			seen[i] = true
			waiting += int(e.waiting)
			if p.isReady(e) {
				ready++
			}
			n++
		}
		if n != l.size {
			p.t.Fatalf("%d in a list of %d", n, l.size)
		}
	}
	if len(seen) != p.size || waiting != p.waiting || ready != p.ready.size || waiting > p.config.Packets {
		p.t.Fatalf("%d of %d entries, %d of %d packets, %d of %d ready", len(seen), p.size, waiting, p.waiting, ready, p.ready.size)
	}
	if waiting == 0 && p.config.Pool.InUse() != 0 {
		p.t.Fatalf("%d blocks leaked", p.config.Pool.InUse())
	}
}

func TestAnUnknownNeighbourIsAskedForAndThenThePacketLeaves(t *testing.T) {
	p := cache(t, Config{})
	p.lookup(gateway, [6]byte{})
	p.expect()
	p.wait(gateway, "one")
	p.state(gateway, Incomplete)
	p.expect("who has 10.0.2.1")
	p.lookup(gateway, [6]byte{})
	p.Answer(p.now, gateway, hwA)
	p.expect("one to a")
	p.state(gateway, Reachable)
	p.lookup(gateway, hwA)
	p.expect()
	p.check()
}

// RFC 1122 §2.3.2.1: no more than a request a second for one address.
func TestRequestsComeOnceASecond(t *testing.T) {
	p := cache(t, Config{Retry: time.Millisecond})
	var asked []time.Duration
	for p.now < start+20*time.Second {
		p.wait(gateway, "x")
		for _, s := range p.done() {
			if s == "who has 10.0.2.1" {
				asked = append(asked, p.now)
			}
		}
		p.now += 50 * time.Millisecond
	}
	for i := 1; i < len(asked); i++ {
		if d := asked[i] - asked[i-1]; d < time.Second {
			t.Errorf("request %d came %v after the one before", i, d)
		}
	}
	if len(asked) < 15 {
		t.Errorf("%d requests in 20 s", len(asked))
	}
}

func TestANeighbourThatDoesNotAnswerIsUnreachable(t *testing.T) {
	p := cache(t, Config{})
	p.wait(gateway, "one")
	p.wait(gateway, "two")
	p.expect("who has 10.0.2.1")
	p.later(time.Second)
	p.expect("who has 10.0.2.1")
	p.later(time.Second)
	p.expect("who has 10.0.2.1")
	p.later(time.Second)
	p.expect("one is lost for 10.0.2.1", "two is lost for 10.0.2.1")
	p.state(gateway, None)
	if p.Len() != 0 || p.Deadline() != 0 || p.Counters.Unresolved != 1 || p.Counters.Requests != 3 {
		t.Errorf("%d entries, deadline %v, %+v", p.Len(), p.Deadline(), p.Counters)
	}
	p.check()
	p.wait(gateway, "three")
	p.expect("who has 10.0.2.1")
}

// Each neighbour has its own time, whoever else is asked for.
func TestNeighboursAreAskedForInTheirOwnTime(t *testing.T) {
	third := other.Next()
	p := cache(t, Config{})
	p.resolve(third, hwB)
	p.now += time.Minute
	p.lookup(third, hwB) // for which it is asked in 5 s
	p.wait(gateway, "one")
	p.expect("who has 10.0.2.1")
	p.now += 400 * time.Millisecond
	p.wait(other, "two")
	p.expect("who has 10.0.2.2")
	for range 2 {
		p.later(600 * time.Millisecond)
		p.expect("who has 10.0.2.1")
		p.later(400 * time.Millisecond)
		p.expect("who has 10.0.2.2")
	}
	p.later(600 * time.Millisecond)
	p.expect("one is lost for 10.0.2.1")
	p.later(400 * time.Millisecond)
	p.expect("two is lost for 10.0.2.2")
	p.later(1600 * time.Millisecond)
	p.expect("are you 10.0.2.3, b")
}

func TestANeighbourThatTellsItselfIsAskedInFiveSeconds(t *testing.T) {
	p := cache(t, Config{})
	p.wait(gateway, "one")
	p.expect("who has 10.0.2.1")
	p.Learn(p.now, gateway, hwA)
	p.expect("one to a")
	p.now += time.Second
	p.expect()
	p.later(4 * time.Second)
	p.expect("are you 10.0.2.1, a")
}

func TestANeighbourForWhomNothingWaitsIsStale(t *testing.T) {
	p := cache(t, Config{Pool: block.NewPool(block.Config{BlockSize: 64, Blocks: 1})})
	p.wait(gateway, string(make([]byte, 100)))
	p.expect("who has 10.0.2.1")
	p.Learn(p.now, gateway, hwA)
	p.state(gateway, Stale)
	p.expect()
}

func TestAConfirmationEndsAtItsTime(t *testing.T) {
	p := cache(t, Config{})
	p.resolve(gateway, hwA)
	p.now = p.entries[p.find(gateway)].when - 1
	p.lookup(gateway, hwA)
	p.state(gateway, Reachable)
	p.now++
	p.state(gateway, Stale)
	p.lookup(gateway, hwA)
	p.state(gateway, Delay)
}

func TestALearnedNeighbourCanBeConfirmed(t *testing.T) {
	p := cache(t, Config{})
	p.Learn(p.now, gateway, hwA)
	p.Confirm(p.now, gateway)
	p.state(gateway, Reachable)
}

// What comes between a failure and its report is not lost with it.
// RFC 1122 §2.3.2.2: at least the latest packet is saved.
// RFC 4861 §7.3.3.
func TestANeighbourInUseIsAskedWhetherItIsStillThere(t *testing.T) {
	p := cache(t, Config{})
	p.resolve(gateway, hwA)
	p.now += 15 * time.Second // at least half of Reach
	p.state(gateway, Reachable)
	p.now += 30 * time.Second // at most one and a half
	p.state(gateway, Stale)
	p.expect()
	if p.now += time.Hour; p.Deadline() != 0 && len(p.done()) > 0 {
		t.Error("a neighbour that is not used is asked for")
	}
	p.state(gateway, Stale)
	p.lookup(gateway, hwA)
	p.state(gateway, Delay)
	p.later(5 * time.Second)
	p.expect("are you 10.0.2.1, a")
	p.state(gateway, Probe)
	p.lookup(gateway, hwA)
	p.later(time.Second)
	p.expect("are you 10.0.2.1, a")
	p.Answer(p.now, gateway, hwA)
	p.state(gateway, Reachable)
	p.expect()
	p.now += time.Second
	p.expect()
}

func TestANeighbourThatIsGoneIsAskedForFromTheBeginning(t *testing.T) {
	p := cache(t, Config{})
	p.resolve(gateway, hwA)
	p.now += time.Minute
	p.lookup(gateway, hwA)
	p.now += 5 * time.Second
	for range 3 {
		p.expect("are you 10.0.2.1, a")
		p.later(time.Second)
	}
	p.expect()
	p.state(gateway, None)
	p.lookup(gateway, [6]byte{})
	if p.Counters.Lost != 1 || p.Counters.Unresolved != 0 {
		t.Errorf("%+v", p.Counters)
	}
	p.wait(gateway, "one")
	p.expect("who has 10.0.2.1")
	p.Answer(p.now, gateway, hwB)
	p.expect("one to b")
	p.check()
}

func TestProgressOfUpperLayersConfirmsANeighbour(t *testing.T) {
	p := cache(t, Config{})
	p.resolve(gateway, hwA)
	for range 100 {
		p.now += 10 * time.Second
		p.lookup(gateway, hwA)
		p.Confirm(p.now, gateway)
		p.state(gateway, Reachable)
		p.expect()
	}
	for _, from := range []State{Stale, Delay, Probe} {
		p.now += time.Minute
		if from > Stale {
			p.lookup(gateway, hwA)
		}
		if from == Probe {
			p.now += 5 * time.Second
			p.expect("are you 10.0.2.1, a")
		}
		p.state(gateway, from)
		p.Confirm(p.now, gateway)
		p.state(gateway, Reachable)
		p.now += 7 * time.Second
		p.expect()
	}
	p.Confirm(p.now, other)
	p.wait(other, "x")
	p.Confirm(p.now, other)
	p.state(other, Incomplete)
}

func TestReachableTimesDiffer(t *testing.T) {
	p := cache(t, Config{Reach: 30 * time.Second})
	seen := map[time.Duration]bool{}
	for range 50 {
		p.Forget(gateway)
		p.resolve(gateway, hwA)
		d := p.entries[p.find(gateway)].when - p.now
		if d < 15*time.Second || d >= 45*time.Second {
			t.Errorf("reachable for %v", d)
		}
		seen[d] = true
	}
	if len(seen) < 40 {
		t.Errorf("only %d different ones of 50", len(seen))
	}
}

func TestNewHardwareAddresses(t *testing.T) {
	for _, c := range []struct {
		from State
		tell string
		hw   [6]byte
		want State
		at   [6]byte
	}{
		{None, "learn", hwB, Stale, hwB},
		{None, "update", hwB, None, [6]byte{}},
		{None, "answer", hwB, None, [6]byte{}},
		{Incomplete, "learn", hwB, Delay, hwB}, // by the packet that waited
		{Incomplete, "update", hwB, Delay, hwB},
		{Incomplete, "answer", hwB, Reachable, hwB},
		{Reachable, "learn", hwA, Reachable, hwA},
		{Reachable, "learn", hwB, Stale, hwB},
		{Reachable, "update", hwA, Reachable, hwA},
		{Reachable, "update", hwB, Stale, hwB},
		{Reachable, "answer", hwA, Reachable, hwA},
		{Reachable, "answer", hwB, Stale, hwB},
		{Stale, "answer", hwA, Stale, hwA}, // nobody asked
		{Stale, "update", hwB, Stale, hwB},
		{Delay, "update", hwA, Delay, hwA},
		{Delay, "answer", hwB, Stale, hwB},
		{Probe, "answer", hwA, Reachable, hwA},
		{Probe, "answer", hwB, Reachable, hwB},
		{Probe, "update", hwA, Probe, hwA},
		{Probe, "learn", hwB, Stale, hwB},
	} {
		p := cache(t, Config{})
		if c.from == Incomplete {
			p.wait(gateway, "x")
			p.done()
		} else if c.from != None {
			p.resolve(gateway, hwA)
		}
		if c.from > Reachable {
			p.now += time.Minute
		}
		if c.from > Stale {
			p.lookup(gateway, hwA)
		}
		if c.from == Probe {
			p.now += 5 * time.Second
			p.done()
		}
		p.state(gateway, c.from)
		switch c.tell {
		case "learn":
			p.Learn(p.now, gateway, c.hw)
		case "update":
			p.Update(p.now, gateway, c.hw)
		case "answer":
			p.Answer(p.now, gateway, c.hw)
		}
		if got := p.State(p.now, gateway); got != c.want {
			t.Errorf("%v, %s %x: %v, want %v", c.from, c.tell, c.hw[5], got, c.want)
		}
		changed := uint(0)
		if c.from >= Reachable && c.hw == hwB {
			changed = 1
		}
		if p.Counters.Changed != changed {
			t.Errorf("%v, %s %x: %+v", c.from, c.tell, c.hw[5], p.Counters)
		}
		p.done()
		p.check()
		p.lookup(gateway, c.at)
	}
}

// RFC 1812 §3.3.2: a group's address is no station's.
func TestAddressesThatNoStationHasAreRefused(t *testing.T) {
	p := cache(t, Config{})
	p.wait(gateway, "x")
	p.done()
	for _, hw := range [][6]byte{{}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {1, 0, 0x5e, 0, 0, 1}} {
		p.Answer(p.now, gateway, hw)
		p.Update(p.now, gateway, hw)
		p.Learn(p.now, gateway, hw)
		p.Learn(p.now, other, hw)
	}
	p.state(gateway, Incomplete)
	p.state(other, None)
	if p.Counters.Refused != 12 {
		t.Errorf("%+v", p.Counters)
	}
	for _, a := range []netip.Addr{{}, netip.IPv4Unspecified(), netip.MustParseAddr("224.0.0.1"), netip.MustParseAddr("ff02::1")} {
		if p.Learn(p.now, a, hwA); p.Len() != 1 {
			t.Errorf("%v was learned", a)
		}
	}
}

func TestAddressesOfIPv6AreKeysToo(t *testing.T) {
	p := cache(t, Config{})
	a := netip.MustParseAddr("fe80::1%eth0")
	p.resolve(a, hwA)
	p.lookup(a, hwA)
	p.lookup(a.WithZone("eth1"), [6]byte{})
}

func TestClearForgetsAll(t *testing.T) {
	p := cache(t, Config{})
	p.resolve(gateway, hwA)
	p.wait(other, "x")
	p.Clear()
	p.check()
	if p.Len() != 0 || p.Deadline() != 0 || p.Counters.Dropped != 1 {
		t.Errorf("%d entries, deadline %v, %+v", p.Len(), p.Deadline(), p.Counters)
	}
	p.resolve(gateway, hwB)
}

func TestStatesHaveTheNamesOfTheRFC(t *testing.T) {
	want := []string{"NONE", "INCOMPLETE", "FAILED", "REACHABLE", "STALE", "DELAY", "PROBE", "unknown"}
	for i, name := range want {
		if got := State(i).String(); got != name {
			t.Errorf("state %d is %q, want %q", i, got, name)
		}
	}
}
