package stack_test

import (
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// A picky device refuses every third frame, and says how many it was given at once.
type picky struct {
	card
	sent, most int
	given      int
}

func (p *picky) MaxFrameBatch() int { return 8 }

func (p *picky) SendOffsetEthFrames(frames [][]byte) (int, error) {
	p.most = max(p.most, len(frames))
	for i := range frames {
		if p.given++; p.given%3 == 0 {
			return i, errors.New("no")
		}
		p.sent++
	}
	return len(frames), nil
}

// A frame that the device refuses is counted, and does not keep those behind it.
func TestTheRestOfABatchFollowsARefusedFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := &picky{}
		s := newStack(t, dev, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
		must(t, s.NetConnect(nil))
		fd := open(t, s, netdev.SOCK_DGRAM)
		*dev = picky{card: dev.card}
		before := s.Counters().Interface.OutErrors
		// Nineteen fragments, which are of one call.
		if _, err := s.SendTo(fd, make([]byte, 19*1480-8), 0, everybody, never); err != nil {
			t.Fatal(err)
		}
		errs := int(s.Counters().Interface.OutErrors - before)
		if dev.given != 19 || dev.sent != 13 || errs != 6 || dev.most != 8 {
			t.Errorf("%d given, %d at most, %d sent, %d errors", dev.given, dev.most, dev.sent, errs)
		}
	})
}

// A negative device says how many it took as drivers written for TinyGo say it.
type negative struct{ picky }

func (*negative) SendOffsetEthFrames([][]byte) (int, error) { return -1, errors.New("no") }

func TestABatchEndsAtADeviceThatTakesLessThanNothing(t *testing.T) {
	s := newStack(t, &negative{}, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
	must(t, s.NetConnect(nil))
	fd := open(t, s, netdev.SOCK_DGRAM)
	before := s.Counters().Interface.OutErrors
	if _, err := s.SendTo(fd, make([]byte, 19*1480-8), 0, everybody, never); err != nil {
		t.Fatal(err)
	}
	if n := s.Counters().Interface.OutErrors - before; n != 19 {
		t.Errorf("%d frames counted, want 19", n)
	}
}
