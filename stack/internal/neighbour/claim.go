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
	// Conflict is an address that somebody else has. It is given up: decline it.
	Conflict
)

// Timing has the times of RFC 5227 §1.1. Zero fields have the values there, in
// brackets; a negative count is none.
type Timing struct {
	ProbeWait        time.Duration // most to wait before the first probe [1 s]
	Probes           int           // [3]
	ProbeMin         time.Duration // least and most time between probes [1 s]
	ProbeMax         time.Duration // [2 s]
	AnnounceWait     time.Duration // between the last probe and the first announcement [2 s]
	Announcements    int           // [2]
	AnnounceInterval time.Duration // [2 s]
	DefendInterval   time.Duration // least between two defences [10 s]
	// Keep defends the address for ever, as §2.4 (c) allows, where else a second
	// conflict within DefendInterval ends it.
	Keep bool
}

// Claim is the claim to one IPv4 address. The zero value is idle. It is not safe
// for concurrent use.
type Claim struct {
	Timing Timing
}

// Probe begins to find out whether addr is free, for the station hw. The source
// rand spreads the probes.
func (c *Claim) Probe(now time.Duration, addr netip.Addr, hw [6]byte, rand func() uint64) {}

// Take holds addr without a question, and announces it.
func (c *Claim) Take(now time.Duration, addr netip.Addr, hw [6]byte) {}

// Release gives the address up: the claim is idle.
func (c *Claim) Release() {}

// Input takes each ARP packet that comes in.
func (c *Claim) Input(now time.Duration, p arp.Packet) {}

// Output returns the next packet that is due, to be broadcast.
func (c *Claim) Output(now time.Duration) (h arp.Header, ok bool) { return h, false }

// Deadline returns when Output has something to do next, which may be no more
// than that the state changes. It is 0 for never.
func (c *Claim) Deadline() time.Duration { return 0 }

// State returns how far the claim has come.
func (c *Claim) State() ClaimState { return Idle }

// Addr returns the address.
func (c *Claim) Addr() netip.Addr { return netip.Addr{} }
