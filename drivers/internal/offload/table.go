package offload

import "github.com/netdev-go/netdev"

// A table gives sockets their numbers: a slot and, above slotBits, how often the
// slot was used before. So a call that comes late, with the number of a socket
// that was closed in that moment, does not find the one that has its slot now.
type table struct {
	slots []slot
	next  int // where the search for a free slot begins
	count int
}

type slot struct {
	sock *socket
	uses uint32 // before sock
}

const (
	slotBits = 8 // of an int of 32 bits
	slotMask = 1<<slotBits - 1
	maxInt   = int(^uint(0) >> 1)
)

func newTable(most int) table { return table{slots: make([]slot, min(most, slotMask+1))} }

// get returns the socket of a descriptor, or nil.
func (t *table) get(fd int) *socket {
	if i := fd & slotMask; fd >= 0 && i < len(t.slots) {
		if k := t.slots[i].sock; k != nil && k.fd == fd {
			return k
		}
	}
	return nil
}

// add gives k a descriptor, of the slot that is longest free, if fewer than most
// are in use.
func (t *table) add(k *socket, most int) error {
	if t.count >= min(most, len(t.slots)) {
		return netdev.ErrNoMoreSockets
	}
	for t.slots[t.next].sock != nil {
		t.next = (t.next + 1) % len(t.slots)
	}
	k.fd = (int(t.slots[t.next].uses)<<slotBits | t.next) & maxInt
	t.slots[t.next].sock = k
	t.next = (t.next + 1) % len(t.slots)
	t.count++
	return nil
}

// remove gives the descriptor of k back.
func (t *table) remove(k *socket) {
	i := k.fd & slotMask
	t.slots[i] = slot{uses: t.slots[i].uses + 1}
	t.count--
}
