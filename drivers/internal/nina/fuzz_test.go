package nina_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/nina"
)

// hits is what happens to the bytes of one direction, a pair of bytes each: how
// many bytes after the one before, and what: lost, doubled or flipped.
type hits []byte

func (h *hits) at() func(i int, b byte) []byte {
	next := 0
	return func(i int, b byte) []byte {
		if len(*h) < 2 || i < next+int((*h)[0]) {
			return []byte{b}
		}
		what := (*h)[1]
		*h, next = (*h)[2:], i+1
		switch {
		case what == 0:
			return nil
		case what == 1:
			return []byte{b, b}
		}
		return []byte{b ^ what}
	}
}

// Bytes that are lost, doubled or flipped, and replies that are late or never
// come, hang nothing and are never taken for a reply of the right form; when
// they are over the port works as before, at the latest after a reset.
func FuzzDisturbedExchanges(f *testing.F) {
	f.Add([]byte{}, []byte{}, byte(0))
	f.Add([]byte{5, 0}, []byte{}, byte(1))
	f.Add([]byte{3, 1, 9, 0x80}, []byte{6, 0, 6, 1}, byte(40))
	f.Add([]byte{0, 0x10, 0, 0x10, 0, 0x10}, []byte{0, 0xFF, 3, 0, 0, 0, 0, 0}, byte(200))
	f.Add([]byte{}, bytes.Repeat([]byte{0, 0x20}, 60), byte(99))
	f.Fuzz(func(t *testing.T, to, from []byte, late byte) {
		synctest.Test(t, func(t *testing.T) {
			chip := newChip(echo)
			p := booted(t, chip)
			toHits, fromHits := hits(to), hits(from)
			chip.toChip, chip.fromChip = toHits.at(), fromHits.at()
			chip.took = func([]byte) time.Duration {
				if late == 255 {
					return -1
				}
				return time.Duration(late) * time.Millisecond
			}
			dst := bytes.Repeat([]byte{0xA5}, 17)
			for i := 0; i < 4 && p.Alive(); i++ {
				q := p.Begin(nina.Recv)
				q.Byte(54)
				q.Size(16)
				q.Into(dst[:16])
				if r, err := p.Do(); err == nil && (r.Params() != 1 || r.Len() > 16) || dst[16] != 0xA5 {
					t.Fatalf("%d parameters, %d bytes", r.Params(), r.Len())
				}
				if _, err := status(p); err != nil && err != nina.ErrUnclear && err != nina.ErrRejected && err != nina.ErrSilent {
					t.Fatalf("error %v", err)
				}
			}
			chip.toChip, chip.fromChip, chip.took = nil, nil, nil
			if !p.Alive() {
				if err := p.Boot(); err != nil {
					t.Fatalf("Boot: %v", err)
				}
			}
			wantStatus(t, p)
			chip.abuse = nil // a select that is given up may meet a busy chip
		})
	})
}
