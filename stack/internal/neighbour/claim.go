package neighbour

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/arp"
)

// ClaimState is how far a [Claim] has come.
type ClaimState uint8

const (
	// Idle claims nothing.
	Idle ClaimState = iota
	// Probing asks whether somebody has the address.
	Probing
	// Held has the address, and defends it.
	Held
	// Conflict is an address that somebody else has: it is to be declined, and used
	// no more.
	Conflict
)

// Timing has the times of RFC 5227 §1.1. A field that is zero has the value there,
// in brackets, and a negative one is none.
type Timing struct {
	ProbeWait        time.Duration // most to wait before the first probe [1 s]
	Probes           int           // [3]
	ProbeMin         time.Duration // least time between probes [1 s]
	ProbeMax         time.Duration // most time between probes [2 s]
	AnnounceWait     time.Duration // between the last probe and the first announcement [2 s]
	Announcements    int           // [2]
	AnnounceInterval time.Duration // [2 s]
	DefendInterval   time.Duration // least time between conflicts, or defences [10 s]
}

// RFC 5227 §2.1.1: after so many conflicts there is one more probing in a minute.
const (
	maxConflicts      = 10
	rateLimitInterval = time.Minute
)

func (t Timing) withDefaults() Timing {
	for _, f := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&t.ProbeWait, time.Second}, {&t.ProbeMin, time.Second}, {&t.ProbeMax, 2 * time.Second},
		{&t.AnnounceWait, 2 * time.Second}, {&t.AnnounceInterval, 2 * time.Second}, {&t.DefendInterval, 10 * time.Second},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
		*f.field = max(*f.field, 0)
	}
	if t.Probes == 0 {
		t.Probes = 3
	}
	if t.Announcements == 0 {
		t.Announcements = 2
	}
	return t
}

// Claim is the claim to one IPv4 address. The zero value is idle. It is not safe
// for concurrent use.
type Claim struct {
	// Timing is what Probe and Take go by, and never changes. Nil is all defaults.
	Timing *Timing
	// Keep has the next Probe or Take defend the address for ever, as §2.4 (c) of RFC
	// 5227 allows. Without it a second conflict within DefendInterval ends the claim.
	Keep bool

	keep      bool
	rand      func() uint64
	addr      netip.Addr
	hw        [6]byte
	state     ClaimState
	defend    bool
	sent      int           // probes or announcements
	conflicts int           // that ended a probing, since one did not
	next      time.Duration // when something is to be sent, 0 for nothing
	conflict  time.Duration // when the last one was, 0 for never
}

func (c *Claim) timing() Timing {
	if c.Timing == nil {
		return Timing{}.withDefaults()
	}
	return c.Timing.withDefaults()
}

// Probe begins to find out whether addr is free, for the station hw. A source of
// random numbers spreads the probes.
func (c *Claim) Probe(now time.Duration, addr netip.Addr, hw [6]byte, rand func() uint64) {
	*c = Claim{Timing: c.Timing, Keep: c.Keep, keep: c.Keep, rand: rand, addr: addr, hw: hw, state: Probing, conflicts: c.conflicts}
	c.next = now + c.between(0, c.timing().ProbeWait)
	if c.conflicts >= maxConflicts {
		c.next += rateLimitInterval
	}
}

// Take holds addr without having asked, and announces it.
func (c *Claim) Take(now time.Duration, addr netip.Addr, hw [6]byte) {
	*c = Claim{Timing: c.Timing, Keep: c.Keep, keep: c.Keep, addr: addr, hw: hw, state: Held, next: now}
}

// Release gives the address up, if there is one.
func (c *Claim) Release() { *c = Claim{Timing: c.Timing, Keep: c.Keep, conflicts: c.conflicts} }

// Input takes each ARP packet that comes in.
func (c *Claim) Input(now time.Duration, p arp.Packet) {
	if p.SenderHW() == c.hw {
		return
	}
	theirs := p.SenderIP() == c.addr
	switch c.state {
	case Probing:
		// RFC 5227 §2.1.1: who has it, or wants it too.
		if theirs || p.IsProbe() && p.TargetIP() == c.addr {
			c.lose()
			c.conflicts++
		}
	case Held:
		if theirs {
			c.dispute(now)
		}
	}
}

// dispute answers a packet of somebody who has our address too (RFC 5227 §2.4).
func (c *Claim) dispute(now time.Duration) {
	recent := c.conflict != 0 && now-c.conflict < c.timing().DefendInterval
	if recent && c.keep {
		return // rather than answer each other without end
	}
	if recent {
		c.lose()
		return
	}
	c.conflict, c.defend = now, true
}

func (c *Claim) lose() { c.state, c.next, c.defend = Conflict, 0, false }

// Output returns the next packet that is due, to be broadcast, and moves the state
// on. It is to be called until there is no more, after everything else and when
// Deadline passes.
func (c *Claim) Output(now time.Duration) (h arp.Header, ok bool) {
	if c.defend {
		c.defend = false
		return arp.Announcement(c.hw, c.addr), true
	}
	if c.next == 0 || now < c.next {
		return h, false
	}
	if c.state == Probing {
		if c.sent < c.timing().Probes {
			c.sent++
			c.next = now + c.timing().AnnounceWait
			if c.sent < c.timing().Probes {
				c.next = now + c.between(c.timing().ProbeMin, c.timing().ProbeMax)
			}
			return arp.Probe(c.hw, c.addr), true
		}
		c.state, c.sent, c.conflicts = Held, 0, 0
	}
	c.next = 0
	if c.sent >= c.timing().Announcements {
		return h, false
	}
	if c.sent++; c.sent < c.timing().Announcements {
		c.next = now + c.timing().AnnounceInterval
	}
	return arp.Announcement(c.hw, c.addr), true
}

// Deadline returns when Output is to be called next, 0 for never.
func (c *Claim) Deadline() time.Duration { return c.next }

// State returns how far the claim has come.
func (c *Claim) State() ClaimState { return c.state }

// Addr returns the address, which is not valid if the claim is idle.
func (c *Claim) Addr() netip.Addr { return c.addr }

func (c *Claim) between(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	return least + time.Duration(c.rand()%uint64(most-least+1))
}
