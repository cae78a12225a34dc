package igmp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/ipv4"
)

// Config is what a Host is made of. Zero fields have the values in brackets.
type Config struct {
	Groups     int           // most groups [16]
	MTU        int           // of the link, headers included [1500]
	Robustness int           // how often a change is told, if no querier says [2]
	Interval   time.Duration // most between two tellings of a change, in version 3 [1 s]
	Rand       func() uint64 // spreads reports
}

// Counters count what a Host did.
type Counters struct {
	Queries    uint64 // queries heeded
	Reports    uint64 // reports sent
	Leaves     uint64 // leave messages of version 2 sent
	Suppressed uint64 // reports not sent because another member's came first
	Ignored    uint64 // messages not heeded
}

// Host is the membership of one interface. It is not safe for concurrent use.
type Host struct {
	Counters Counters
}

// New returns a Host that is a member of no group but 224.0.0.1, which all hosts
// are in and none tells of.
func New(c Config) *Host { return &Host{} }

// Join makes the host a member of group, which it is not yet. It returns false if
// that is no IPv4 group or there are too many.
func (h *Host) Join(now time.Duration, group netip.Addr) bool { return false }

// Leave ends the membership.
func (h *Host) Leave(now time.Duration, group netip.Addr) {}

// Member tells whether packets to group are for the host.
func (h *Host) Member(group netip.Addr) bool { return false }

// Input takes an IGMP packet that came in, of any type, checksum and all.
func (h *Host) Input(now time.Duration, p ipv4.Packet) {}

// Output writes the next message that is due to b and returns its length and
// where it goes, with a TTL of 1 and the router alert option. There is none if n
// is 0. b takes the MTU without the IP header.
func (h *Host) Output(now time.Duration, b []byte) (n int, dst netip.Addr) { return 0, dst }

// Deadline returns when Output has something next, 0 for never.
func (h *Host) Deadline() time.Duration { return 0 }

// Restart tells of all groups again, as for a link that came up.
func (h *Host) Restart(now time.Duration) {}

// Version returns the version of IGMP that is spoken: 1, 2 or 3.
func (h *Host) Version(now time.Duration) int { return 3 }
