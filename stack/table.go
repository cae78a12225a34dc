package stack

import "github.com/netdev-go/netdev"

// A table gives sockets their numbers: a slot and, above slotBits, how often the
// slot was used before. So a call that comes late, with the number of a socket
// that was closed in that moment, does not find the one that has its slot now.
type table struct {
	slots []slot
	free  int32 // the slot closed longest ago, or none
	last  int32 // the one closed last
	count int
	most  int
}

type slot struct {
	sock *socket
	uses uint32 // before sock
	next int32  // free slot, or none
}

const (
	slotBits = 20
	slotMask = 1<<slotBits - 1
	none     = -1
	maxInt   = int(^uint(0) >> 1)
)

func newTable(most int) table {
	return table{free: none, last: none, most: min(most, slotMask+1)}
}

// get returns the socket of a descriptor, or nil.
func (t *table) get(fd int) *socket {
	if i := fd & slotMask; fd >= 0 && i < len(t.slots) {
		if k := t.slots[i].sock; k != nil && k.fd == fd {
			return k
		}
	}
	return nil
}

// owner returns the socket in a slot, or nil.
func (t *table) owner(slot int32) *socket {
	if slot < 0 || int(slot) >= len(t.slots) {
		return nil
	}
	return t.slots[slot].sock
}

func (t *table) full() bool { return t.count >= t.most }

func (t *table) add(s *socket) error {
	if t.full() {
		return netdev.ErrNoMoreSockets
	}
	i := t.free
	if i == none {
		i = int32(len(t.slots))
		t.slots = append(t.slots, slot{})
	} else if t.free = t.slots[i].next; t.free == none {
		t.last = none
	}
	s.fd = (int(t.slots[i].uses)<<slotBits | int(i)) & maxInt
	t.slots[i].sock = s
	t.count++
	return nil
}

// remove gives the descriptor of s back, as the last to be used again.
func (t *table) remove(s *socket) {
	i := int32(s.slot())
	t.slots[i] = slot{uses: t.slots[i].uses + 1, next: none}
	if t.last == none {
		t.free = i
	} else {
		t.slots[t.last].next = i
	}
	t.last = i
	t.count--
}
