package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/internal/gso"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// longestFrame is one that holds the longest packet there is.
const longestFrame = ethernet.HeaderLen + ipv4.MaxLen

// initOffload leaves it to the device to cut segments, if it does that and the
// configuration has memory for it.
func (s *Stack) initOffload() {
	d, ok := s.dev.(netlink.SegmentOffloader)
	if !ok || s.config.Offload < 0 {
		return
	}
	longest := min(d.MaxSegmentOffload(), longestFrame)
	if longest <= ethernet.HeaderLen+s.config.MTU {
		return
	}
	s.offload = d
	s.ring.lend(s.config.Offload, s.offset+longest, s.config.Preallocate)
}

// takeLong tells the device how long the frames may be that it hands over.
func (s *Stack) takeLong(longest int) {
	if d, ok := s.dev.(netlink.LargeReceiver); ok && s.config.Offload >= 0 {
		d.SetMaxEthRecv(longest)
	}
}

// longRoom returns where a long segment may be written now, or nil.
func (s *Stack) longRoom() []byte {
	if b := s.ring.nextLong(); b != nil {
		return b[s.headroom+ipv4.HeaderLen:]
	}
	return nil
}

// waitCut has the pieces of the long segment in f wait for the address of their next
// hop. There is room for one in the buffer that f has not used.
func (t transport) waitCut(now time.Duration, f *frame, next netip.Addr) {
	s := t.s
	b := s.ring.bytes(f)[s.offset:f.n]
	b[12], b[13] = byte(ethernet.TypeIPv4>>8), byte(ethernet.TypeIPv4&0xff)
	if c, err := gso.Cut(b, int(f.mss)); err == nil {
		for n := c.Next(f.buf[s.offset:]); n > 0; n = c.Next(f.buf[s.offset:]) {
			s.eth.neighbours.Wait(now, next, f.buf[s.headroom:s.offset+n])
		}
	}
	s.ring.shorten(f)
}
