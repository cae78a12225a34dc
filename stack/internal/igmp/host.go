package igmp

import (
	"net/netip"
	"time"
	"unsafe"

	"github.com/netdev-go/netdev/internal/heap"
	"github.com/netdev-go/netdev/wire/igmp"
)

// Config is what a Host is made of. Zero fields have the values in brackets.
type Config struct {
	Groups     int           // most groups [16]
	MTU        int           // of the link, headers included [1500]
	Robustness int           // how often a change is told, if no querier says [2]
	Interval   time.Duration // most between two tellings of a change, in version 3 [1 s]
	Rand       func() uint64 // spreads reports
}

func (c Config) withDefaults() Config {
	for _, f := range []struct {
		field *int
		value int
	}{{&c.Groups, 16}, {&c.MTU, 1500}, {&c.Robustness, 2}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	if c.Interval <= 0 {
		c.Interval = time.Second
	}
	return c
}

// Memory returns how many bytes a Host takes.
func (c Config) Memory() int {
	c = c.withDefaults()
	return heap.Object(int(unsafe.Sizeof(Host{}))) + heap.Object(c.Groups*int(unsafe.Sizeof(membership{}))) + heap.Object(c.Groups*int(unsafe.Sizeof(igmp.GroupRecord{})))
}

// Counters count what a Host did.
type Counters struct {
	Queries    uint // queries heeded
	Reports    uint // reports sent
	Leaves     uint // leave messages of version 2 sent
	Suppressed uint // reports not sent because another member's came first
	Ignored    uint // messages not heeded
}

// Host is the membership of one interface. It is not safe for concurrent use.
type Host struct {
	Counters Counters

	config     Config
	groups     []membership
	records    []igmp.GroupRecord // scratch
	version    int                // spoken now
	v1Until    time.Duration      // when the querier of version 1 is gone
	v2Until    time.Duration
	robustness int
	interval   time.Duration // between two queries
	general    time.Duration // when a general query is to be answered, 0 for none
	told       int           // groups already told in that answer
}

// RFC 3376 §8.2: how often queriers ask, if they do not say.
const defaultInterval = 125 * time.Second

// New returns a Host that is a member of no group but 224.0.0.1, which all hosts
// are in and none tells of.
func New(c Config) *Host {
	c = c.withDefaults()
	return &Host{
		config: c, groups: make([]membership, 0, c.Groups), records: make([]igmp.GroupRecord, 0, c.Groups),
		version: 3, robustness: c.Robustness, interval: defaultInterval,
	}
}

var (
	allSystems = netip.AddrFrom4([4]byte{224, 0, 0, 1})
	allRouters = netip.AddrFrom4([4]byte{224, 0, 0, 2})
	v3Routers  = netip.AddrFrom4([4]byte{224, 0, 0, 22})
)

// A membership is a group that the host is in, or has left and not told of often
// enough.
type membership struct {
	group    netip.Addr
	left     bool
	reporter bool          // ours was the last report of it, in version 1 and 2
	tellings int           // of the change, still to come
	change   time.Duration // when the next of those is due
	answer   time.Duration // when a query is to be answered, 0 for none
}

// Join makes the host a member of group and returns true, also if it is already.
// It returns false if that is no IPv4 group, or there are too many.
func (h *Host) Join(now time.Duration, group netip.Addr) bool {
	if !group.Is4() || !group.IsMulticast() {
		return false
	}
	if group == allSystems {
		return true
	}
	h.follow(now)
	m := h.find(group)
	switch {
	case m == nil:
		if m = h.slot(); m == nil {
			return false
		}
		*m = membership{group: group}
	case !m.left:
		return true
	}
	m.left = false
	h.tell(m, now)
	return true
}

// Leave ends the membership of group.
func (h *Host) Leave(now time.Duration, group netip.Addr) {
	h.follow(now)
	m := h.find(group)
	if m == nil || m.left {
		return
	}
	m.left, m.answer = true, 0
	h.tell(m, now)
	if h.version == 1 || h.version == 2 && !m.reporter {
		h.forget(m) // nobody listens, or others are in it (RFC 2236 §3)
	}
}

// Member tells whether packets to group are for the host.
func (h *Host) Member(group netip.Addr) bool {
	if m := h.find(group); m != nil {
		return !m.left
	}
	return group == allSystems
}

// Restart tells of all groups again, as on a link that came up. What was known of
// queriers is forgotten.
func (h *Host) Restart(now time.Duration) {
	h.v1Until, h.v2Until = 0, 0
	h.robustness, h.interval = h.config.Robustness, defaultInterval
	h.speak(3)
	for i := range h.groups {
		h.tell(&h.groups[i], now)
	}
}

// Version returns the version of IGMP that is spoken: 3, or that of an older
// querier that was heard.
func (h *Host) Version(now time.Duration) int {
	h.follow(now)
	return h.version
}

// tell begins to tell of the change that was made to m.
func (h *Host) tell(m *membership, now time.Duration) {
	m.tellings, m.change = h.robustness, now
}

func (h *Host) find(group netip.Addr) *membership {
	for i := range h.groups {
		if h.groups[i].group == group {
			return &h.groups[i]
		}
	}
	return nil
}

// slot returns room for another group, if need be that of one that was left.
func (h *Host) slot() *membership {
	if len(h.groups) < cap(h.groups) {
		h.groups = h.groups[:len(h.groups)+1]
		return &h.groups[len(h.groups)-1]
	}
	for i := range h.groups {
		if h.groups[i].left {
			return &h.groups[i]
		}
	}
	return nil
}

func (h *Host) forget(m *membership) {
	last := len(h.groups) - 1
	*m = h.groups[last]
	h.groups = h.groups[:last]
}

// follow goes back to a newer version when the older querier has been silent for
// long enough.
func (h *Host) follow(now time.Duration) {
	switch {
	case now < h.v1Until:
		h.speak(1)
	case now < h.v2Until:
		h.speak(2)
	default:
		h.speak(3)
	}
}

// speak changes the version, which ends all that was to be sent in the old one (RFC
// 3376 §7.2.1).
func (h *Host) speak(version int) {
	if h.version == version {
		return
	}
	h.version, h.general, h.told = version, 0, 0
	for i := len(h.groups) - 1; i >= 0; i-- {
		m := &h.groups[i]
		m.tellings, m.answer, m.reporter = 0, 0, false
		if m.left {
			h.forget(m)
		}
	}
}

// within returns a random time of at most d from now.
func (h *Host) within(now, d time.Duration) time.Duration {
	return now + time.Duration(h.config.Rand()%uint64(d+1))
}
