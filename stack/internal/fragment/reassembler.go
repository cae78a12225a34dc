package fragment

import (
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Config is what a Reassembler is made of. Zero fields have the values in
// brackets.
type Config struct {
	Pool    *block.Pool
	Bytes   int           // most memory that fragments take, in whole blocks [256 KiB]
	Packets int           // most packets under way [64]
	Runs    int           // most separate parts of one packet that are held [32]
	Timeout time.Duration // from the first fragment to come to the last [30 s]
}

// Counters count what a Reassembler did, as in RFC 4293 and beyond it.
type Counters struct {
	ReasmReqds uint64 // fragments received
	ReasmOKs   uint64 // packets put together
	ReasmFails uint64 // packets given up, for whatever reason
	Timeouts   uint64 // of those, because fragments were missing too long
	Evicted    uint64 // of those, for want of memory
	Overlaps   uint64 // of those, because of overlapping or contradicting fragments
	TooLong    uint64 // of those, because they would be longer than 65535 bytes
	ECN        uint64 // of those, because congestion was marked on what cannot bear the mark
	Malformed  uint64 // fragments that no link makes
	Duplicates uint64 // fragments that were there already
	Late       uint64 // fragments of packets given up already
}

// Reassembler puts packets together. It is not safe for concurrent use.
type Reassembler struct {
	Counters Counters
}

// New returns a Reassembler that holds nothing.
func New(c Config) *Reassembler { return &Reassembler{} }

// Input takes a fragment, a packet of which IsFragment is true, and tells whether
// a packet is whole with it. It is then to be taken out with Take at once.
func (r *Reassembler) Input(now time.Duration, p ipv4.Packet) (whole bool) { return false }

// Len returns the length of the packet that is whole.
func (r *Reassembler) Len() int { return 0 }

// Take copies the packet that is whole to b, with the header of its first
// fragment made that of the whole, and returns it. It is nil if b is too short:
// the packet is lost then.
func (r *Reassembler) Take(b []byte) ipv4.Packet { return nil }

// Deadline returns when Expire has something to do next, 0 for never.
func (r *Reassembler) Deadline() time.Duration { return 0 }

// Expire gives one packet up whose time is over, and tells whether there was one.
// If its first fragment had come, the beginning of that, as an ICMP time exceeded
// quotes it, is copied to quote, and n is how much that is.
func (r *Reassembler) Expire(now time.Duration, quote []byte) (n int, ok bool) { return 0, false }

// Clear gives all packets up.
func (r *Reassembler) Clear() {}

// InUse returns how many blocks are held.
func (r *Reassembler) InUse() int { return 0 }
