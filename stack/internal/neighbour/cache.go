package neighbour

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/block"
)

// State is what is known of a neighbour, in the names of RFC 4861 §7.3.2.
type State uint8

const (
	// None is for an address that is not in the cache.
	None State = iota
	// Incomplete is being asked for.
	Incomplete
	// Reachable has been confirmed lately.
	Reachable
	// Stale has not, and is confirmed as soon as it is used again.
	Stale
	// Delay has been used since, and waits for upper layers to confirm it.
	Delay
	// Probe is asked whether it is still there.
	Probe
)

// Config is what a Cache is made of. Zero fields have the values in brackets.
type Config struct {
	Entries int           // most neighbours known at once [256]
	Pool    *block.Pool   // where packets wait
	Waiting int           // most packets that wait for one neighbour [3]
	Tries   int           // requests before a neighbour is given up [3]
	Retry   time.Duration // time between them, at least a second [1 s]
	Reach   time.Duration // how long a confirmation is good for, on average [30 s]
	Delay   time.Duration // how long upper layers have to confirm [5 s]
	Rand    func() uint64 // seeds hashes and spreads Reach
}

// Kind says what an [Action] is.
type Kind uint8

const (
	// Nothing is left to do.
	Nothing Kind = iota
	// Request asks for a request for Addr to be sent: to HW, or to everybody if HW
	// is zero.
	Request
	// Packet is a packet that waited and can go to HW.
	Packet
	// Unreachable is a packet that waited for nothing.
	Unreachable
)

// Action is something for the owner of a Cache to do.
type Action struct {
	Kind Kind
	Addr netip.Addr
	HW   [6]byte
	Len  int // of the packet
}

// Counters count what a Cache did.
type Counters struct {
	Requests   uint64 // requests asked to be sent
	Unresolved uint64 // neighbours that never answered
	Lost       uint64 // neighbours that stopped answering
	Changed    uint64 // neighbours whose hardware address became another one
	Evicted    uint64 // neighbours forgotten for others
	Dropped    uint64 // packets that waited and were dropped for newer ones or for want of memory
	Refused    uint64 // answers that cannot be true
}

// Cache is the neighbour cache of one interface. It is not safe for concurrent
// use.
type Cache struct {
	Counters Counters
}

// New returns an empty cache.
func New(c Config) *Cache { return &Cache{} }

// Lookup returns the hardware address of addr, if it is known.
func (c *Cache) Lookup(now time.Duration, addr netip.Addr) (hw [6]byte, ok bool) {
	return hw, false
}

// Wait keeps a copy of packet until addr, for which Lookup had no answer, is
// known, and has addr asked for if nobody did yet. Of several packets the newest
// are kept.
func (c *Cache) Wait(now time.Duration, addr netip.Addr, packet []byte) {}

// Output returns the next thing to be done. A packet is copied to b, and dropped
// if b is too short.
func (c *Cache) Output(now time.Duration, b []byte) Action { return Action{} }

// Deadline returns when Output has something to do next if nothing happens until
// then, 0 for never.
func (c *Cache) Deadline() time.Duration { return 0 }

// Answer takes the answer to a request: addr is at hw and reachable. Unasked for,
// it is an Update.
func (c *Cache) Answer(now time.Duration, addr netip.Addr, hw [6]byte) {}

// Learn takes what a packet to us says: addr is at hw.
func (c *Cache) Learn(now time.Duration, addr netip.Addr, hw [6]byte) {}

// Update takes what a packet to others says: addr, if it is in the cache, is at
// hw.
func (c *Cache) Update(now time.Duration, addr netip.Addr, hw [6]byte) {}

// Confirm takes the word of an upper layer that addr received what was sent to it
// lately, as an acknowledgement of new data shows.
func (c *Cache) Confirm(now time.Duration, addr netip.Addr) {}

// Clear forgets all neighbours and drops all packets that wait.
func (c *Cache) Clear() {}

// State returns what is known of addr.
func (c *Cache) State(now time.Duration, addr netip.Addr) State { return None }

// Len returns how many neighbours are in the cache.
func (c *Cache) Len() int { return 0 }
