package offload

import "github.com/netdev-go/netdev"

// A table gives sockets their numbers: a slot and, above slotBits, how often the
// slot was used before. So a call that comes late, with the number of a socket
// that was closed in that moment, does not find the one that has its slot now.
type table struct {
	slots []slot
	next  int // where the search for a free slot begins
	count int
	most  int // descriptors of users
	users int // of those
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

func newTable(most int) table {
	return table{slots: make([]slot, min(most+insiders, slotMask+1)), most: most}
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

// insiders is how many descriptors Inside has beside those of users.
const insiders = 4

// add gives k a descriptor, of a slot that is long free.
func (t *table) add(k *socket) error {
	switch inside := t.count - t.users; {
	case t.count == len(t.slots), k.has(insider) && inside >= insiders, !k.has(insider) && t.users >= t.most:
		return netdev.ErrNoMoreSockets
	}
	for t.slots[t.next].sock != nil {
		t.next = (t.next + 1) % len(t.slots)
	}
	k.fd = (int(t.slots[t.next].uses)<<slotBits | t.next) & maxInt
	t.slots[t.next].sock = k
	t.next = (t.next + 1) % len(t.slots)
	t.count++
	if !k.has(insider) {
		t.users++
	}
	return nil
}

// remove gives the descriptor of k back.
func (t *table) remove(k *socket) {
	i := k.fd & slotMask
	t.slots[i] = slot{uses: t.slots[i].uses + 1}
	t.count--
	if !k.has(insider) {
		t.users--
	}
}
