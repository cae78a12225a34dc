package wifinina

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// maxSockets is how many sockets the chip has, of all kinds together.
const maxSockets = 10

// A sock is a socket as the Core knows it, by its index in the table. Its number in
// the chip may be void: the firmware closes sockets of its own accord, and gives
// their numbers to others.
type sock struct {
	used bool
	kind offload.Kind
	slot bool // number is a slot of the older set, not a descriptor of the newer
	num  byte // in the chip, or none

	listening bool
	dialling  bool      // Connect has begun, and has no outcome
	seen      time.Time // when the chip last had it for sure
	cast      bool      // broadcasts are allowed
	hot       bool      // the last Recv found much: there may be more
	full      bool      // the last Send found no room
	held      int       // of a TLS write that the chip has begun: it must be the same again
	local     uint16
	group     netip.Addr // that a datagram socket hears
}

const none = 0xFF

// Descriptors of the newer set.
const (
	firstFD = 54
	lastFD  = 63
)

// A table has room for those that the chip has and for as many that it has closed
// and the Core has not.
type table [2 * maxSockets]sock

// clear is for a chip that has lost all of them.
func (t *table) clear() {
	for i := range t {
		t[i] = sock{num: none}
	}
}

// add returns a free entry's index, or -1.
func (t *table) add(kind offload.Kind, slot bool, num byte) int {
	t.void(slot, num)
	for i := range t {
		if !t[i].used {
			t[i] = sock{used: true, kind: kind, slot: slot, num: num}
			return i
		}
	}
	return -1
}

// void takes a number from who has it: the chip has given it out anew.
func (t *table) void(slot bool, num byte) {
	if s := t.find(slot, num); s != nil {
		s.num = none
	}
}

// find returns who has a number, or nil.
func (t *table) find(slot bool, num byte) *sock {
	if num == none {
		return nil
	}
	for i := range t {
		if s := &t[i]; s.used && s.slot == slot && s.num == num {
			return s
		}
	}
	return nil
}

// inChip returns how many sockets the chip has.
func (t *table) inChip() (n int) {
	for i := range t {
		if t[i].used && t[i].num != none {
			n++
		}
	}
	return n
}

// inSlots reports whether the chip has sockets of the older set.
func (t *table) inSlots() bool {
	for i := range t {
		if t[i].used && t[i].slot && t[i].num != none {
			return true
		}
	}
	return false
}

// freeSlot returns a slot that nobody has, or none. The firmware's own answer to
// that question sets nothing aside.
func (c *chip) freeSlot() byte {
	for n := byte(0); n < maxSockets; n++ {
		if c.socks.find(true, n) == nil && !c.isParked(n) {
			return n
		}
	}
	return none
}
