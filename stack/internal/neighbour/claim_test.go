package neighbour

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/netdev-go/netdev/wire/arp"
)

// A claimed is a Claim and its clock.
type claimed struct {
	Claim
	t   *testing.T
	now time.Duration
}

var random = rand.New(rand.NewSource(1)).Uint64

func probing(t *testing.T, timing Timing) *claimed {
	c := &claimed{t: t, now: start, Claim: Claim{Timing: &timing}}
	c.Probe(c.now, own, ownHW, random)
	return c
}

func held(t *testing.T, timing Timing, keep bool) *claimed {
	c := &claimed{t: t, now: start, Claim: Claim{Timing: &timing, Keep: keep}}
	c.Take(c.now, own, ownHW)
	for c.sent(); c.Deadline() != 0; c.sent() {
		c.now = c.Deadline()
	}
	return c
}

func (c *claimed) sent() (all []string) {
	c.t.Helper()
	for {
		h, ok := c.Output(c.now)
		if !ok {
			return all
		}
		p := packet(h)
		switch {
		case p.SenderHW() != ownHW || p.TargetIP() != own:
			all = append(all, fmt.Sprintf("%+v", h))
		case p.IsProbe():
			all = append(all, "probe")
		case p.IsAnnouncement():
			all = append(all, "announcement")
		}
	}
}

func (c *claimed) expect(state ClaimState, want ...string) {
	c.t.Helper()
	if got := c.sent(); !slices.Equal(got, want) || c.State() != state {
		c.t.Errorf("after %v: %q in state %d, want %q in %d", c.now-start, got, c.State(), want, state)
	}
}

// later goes on to the deadline, which is to be between least and most from now.
func (c *claimed) later(least, most time.Duration) {
	c.t.Helper()
	d := c.Deadline()
	if d < c.now+least || d > c.now+most || d == 0 {
		c.t.Errorf("after %v the deadline is %v on, want %v to %v", c.now-start, d-c.now, least, most)
	}
	c.now = d
}

func (c *claimed) hear(h arp.Header) { c.Input(c.now, packet(h)) }

// RFC 5227 §1.1 and §2.1 to §2.3.
func TestAnAddressIsProbedThreeTimesAndAnnouncedTwice(t *testing.T) {
	for range 20 {
		c := probing(t, Timing{})
		c.later(0, time.Second)
		c.expect(Probing, "probe")
		c.later(time.Second, 2*time.Second)
		c.expect(Probing, "probe")
		c.later(time.Second, 2*time.Second)
		c.expect(Probing, "probe")
		c.later(2*time.Second, 2*time.Second)
		c.expect(Held, "announcement")
		c.later(2*time.Second, 2*time.Second)
		c.expect(Held, "announcement")
		if c.Deadline() != 0 || c.Addr() != own {
			t.Errorf("deadline %v, address %v", c.Deadline(), c.Addr())
		}
	}
}

func TestProbesAreSpread(t *testing.T) {
	var first, second []time.Duration
	for range 100 {
		c := probing(t, Timing{})
		first = append(first, c.Deadline()-c.now)
		c.now = c.Deadline()
		c.sent()
		second = append(second, c.Deadline()-c.now)
	}
	slices.Sort(first)
	slices.Sort(second)
	if first[10] > 300*time.Millisecond || first[90] < 700*time.Millisecond || second[10] > 1300*time.Millisecond || second[90] < 1700*time.Millisecond {
		t.Errorf("the first after %v to %v, the second after %v to %v", first[10], first[90], second[10], second[90])
	}
}

func TestAConflictWhileProbingEndsTheClaim(t *testing.T) {
	for name, h := range map[string]arp.Header{
		"a reply":            arp.Reply(hwA, packet(arp.Probe(ownHW, own))),
		"a request from it":  arp.Request(hwA, own, gateway),
		"an announcement":    arp.Announcement(hwA, own),
		"a probe of another": arp.Probe(hwA, own),
	} {
		for probes := range 4 { // the last time after the last probe
			c := probing(t, Timing{})
			for range probes {
				c.now = c.Deadline()
				c.expect(Probing, "probe")
			}
			c.hear(h)
			c.expect(Conflict)
			if c.Deadline() != 0 {
				t.Errorf("%s after %d probes: there is a deadline", name, probes)
			}
			c.now += time.Minute
			c.expect(Conflict)
		}
	}
}

func TestWhatIsNoConflict(t *testing.T) {
	for name, h := range map[string]arp.Header{
		"our own probe":         arp.Probe(ownHW, own),
		"our own announcement":  arp.Announcement(ownHW, own),
		"another's address":     arp.Announcement(hwA, gateway),
		"a probe of another's":  arp.Probe(hwA, gateway),
		"a request for it":      arp.Request(hwA, gateway, own),
		"a reply to who has it": arp.Reply(hwA, packet(arp.Request(ownHW, own, gateway))),
	} {
		c := probing(t, Timing{})
		c.hear(h)
		if c.State() != Probing {
			t.Errorf("%s while probing: state %d", name, c.State())
		}
		c = held(t, Timing{}, false)
		c.hear(h)
		if c.expect(Held); t.Failed() {
			t.Fatal(name)
		}
	}
	c := held(t, Timing{}, false)
	c.hear(arp.Probe(hwA, own)) // it gets a reply, and is no claim yet
	c.expect(Held)
	c.Release()
	c.hear(arp.Announcement(hwA, own))
	c.expect(Idle)
}

// RFC 5227 §2.4 (b).
func TestAHeldAddressIsDefendedOnceInTenSeconds(t *testing.T) {
	c := held(t, Timing{}, false)
	c.hear(arp.Announcement(hwA, own))
	c.expect(Held, "announcement")
	c.now += 10 * time.Second
	c.hear(arp.Request(hwA, own, gateway))
	c.expect(Held, "announcement")
	c.now += 10*time.Second - 1
	c.hear(arp.Request(hwA, own, gateway))
	c.expect(Conflict)
}

// RFC 5227 §2.4 (c).
func TestAnAddressToBeKeptIsDefendedForEver(t *testing.T) {
	c := held(t, Timing{}, true)
	n := 0
	for range 600 {
		c.hear(arp.Request(hwA, own, gateway))
		n += len(c.sent())
		c.now += 100 * time.Millisecond
	}
	if c.State() != Held || n != 6 {
		t.Errorf("state %d, defended %d times in a minute, want 6", c.State(), n)
	}
}

// RFC 5227 §2.1.1.
func TestTheFirstConflictIsNotRecent(t *testing.T) {
	c := &claimed{t: t, now: 1}
	c.Take(c.now, own, ownHW)
	c.expect(Held, "announcement")
	c.hear(arp.Announcement(hwA, own))
	c.expect(Held, "announcement")
}

func TestAfterTenConflictsProbingIsSlow(t *testing.T) {
	c := probing(t, Timing{})
	for i := range 10 {
		if c.Deadline() > c.now+time.Second {
			t.Errorf("probing %d is slow", i)
		}
		c.hear(arp.Announcement(hwA, own))
		c.Release()
		c.Probe(c.now, own, ownHW, random)
	}
	c.later(time.Minute, time.Minute+time.Second)
	for c.State() == Probing {
		c.sent()
		c.now = c.Deadline()
	}
	c.Probe(c.now, own, ownHW, random)
	if c.Deadline() > c.now+time.Second {
		t.Error("an address was found free, and still it is")
	}
}

func TestAnAddressThatIsTakenIsAnnouncedAtOnce(t *testing.T) {
	c := &claimed{t: t, now: start}
	c.Take(c.now, own, ownHW)
	c.expect(Held, "announcement")
	c.later(2*time.Second, 2*time.Second)
	c.expect(Held, "announcement")
}

func TestTimesCanBeNone(t *testing.T) {
	c := probing(t, Timing{ProbeWait: -1, Probes: 1, AnnounceWait: -1, Announcements: -1})
	c.expect(Held, "probe")
	if c.Deadline() != 0 {
		t.Errorf("deadline %v", c.Deadline())
	}
	c = probing(t, Timing{ProbeWait: -1, Probes: -1, Announcements: 1})
	c.expect(Held, "announcement")
	c = &claimed{t: t, now: start, Claim: Claim{Timing: &Timing{Announcements: -1}}}
	c.Take(c.now, own, ownHW)
	c.expect(Held)
}

func TestAClaimAllocatesNothing(t *testing.T) {
	var c Claim
	p := packet(arp.Announcement(hwA, own))
	now := start
	if n := testing.AllocsPerRun(100, func() {
		c.Take(now, own, ownHW)
		c.Output(now)
		c.Input(now, p)
		if _, ok := c.Output(now); !ok {
			t.Fatal("not defended")
		}
		c.Probe(now, own, ownHW, random)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
