//go:build !tinygo

package host

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/netdev-go/netdev"
)

// A table gives sockets their numbers: a slot and, above slotBits, how often the
// slot was used before. So a call that comes late, with the number of a socket
// that was closed in that moment, does not find the one that has its slot now.
// A call looks its number up once and stays with the socket that it found.
// Looking up takes no lock.
type table struct {
	mu    sync.Mutex
	slots atomic.Pointer[[]atomic.Pointer[socket]]
	used  int   // slots[used:] were never given out
	free  []int // numbers for slots to use again, the one closed longest ago first
	down  bool  // no new sockets
}

const (
	slotBits = 20
	slotMask = 1<<slotBits - 1
)

// next returns the number of n's slot for the next socket.
func next(n int) int { return (n + 1<<slotBits) & math.MaxInt }

func (t *table) get(n int) *socket {
	slots := t.slots.Load()
	if slots == nil || n < 0 || n&slotMask >= len(*slots) {
		return nil
	}
	if s := (*slots)[n&slotMask].Load(); s != nil && s.number == n {
		return s
	}
	return nil
}

func (t *table) add(s *socket) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.down {
		return -1, netdev.ErrNetDown
	}
	var n int
	if len(t.free) > 0 {
		n, t.free = t.free[0], t.free[1:]
	} else if t.used > slotMask {
		return -1, netdev.ErrNoMoreSockets
	} else {
		n = t.used
		t.used++
		t.grow(t.used)
	}
	s.number = n
	(*t.slots.Load())[n&slotMask].Store(s)
	return n, nil
}

func (t *table) grow(size int) {
	var old []atomic.Pointer[socket]
	if p := t.slots.Load(); p != nil {
		old = *p
	}
	if size <= len(old) {
		return
	}
	// Who still reads the old slots finds the sockets of a moment ago.
	slots := make([]atomic.Pointer[socket], max(16, 2*len(old)))
	for i := range old {
		slots[i].Store(old[i].Load())
	}
	t.slots.Store(&slots)
}

// remove takes the socket out, or returns nil if there is none.
func (t *table) remove(n int) *socket {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.get(n)
	if s != nil {
		(*t.slots.Load())[n&slotMask].Store(nil)
		t.free = append(t.free, next(n))
	}
	return s
}

// each calls f for every socket, without a lock.
func (t *table) each(f func(n int, s *socket)) {
	slots := t.slots.Load()
	if slots == nil {
		return
	}
	for n := range *slots {
		if s := (*slots)[n].Load(); s != nil {
			f(s.number, s)
		}
	}
}

// setDown returns what it was before.
func (t *table) setDown(down bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.down
	t.down = down
	return was
}

func (t *table) isDown() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.down
}
