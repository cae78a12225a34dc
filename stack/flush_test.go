package stack_test

import (
	"errors"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// A busy device has its own stack write another frame for each that it is given.
type busy struct {
	card
	own  *stack.Stack
	fd   int
	left atomic.Int32
	idle chan struct{}
}

func (d *busy) SendOffsetEthFrame(frame []byte) error {
	switch n := d.left.Add(-1); {
	case n > 0:
		_, err := d.own.SendTo(d.fd, []byte("and another"), 0, netip.MustParseAddrPort("10.0.0.255:9"), never)
		return err
	case n == 0:
		close(d.idle)
	}
	return nil
}

// Whoever comes first empties the ring for all, but not for ever.
func TestACallDoesNotSendForOthersWithoutEnd(t *testing.T) {
	d := &busy{idle: make(chan struct{})}
	s := newStack(t, d, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
	must(t, s.NetConnect(nil))
	fd, _ := bound(t, s, addrA)
	d.own, d.fd = s, fd
	const frames = 10_000
	d.left.Store(frames)
	if _, err := s.SendTo(fd, []byte("first"), 0, netip.MustParseAddrPort("10.0.0.255:9"), never); err != nil {
		t.Fatal(err)
	}
	if left := d.left.Load(); left < frames/2 {
		t.Errorf("SendTo returned when %d of %d frames were left", left, frames)
	}
	<-d.idle
}

// A broken device takes nothing.
type brokenCard struct{ card }

func (*brokenCard) SendOffsetEthFrame([]byte) error { return errors.New("no carrier") }

func TestWhatTheDeviceDoesNotTakeIsCounted(t *testing.T) {
	s := newStack(t, &brokenCard{}, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
	must(t, s.NetConnect(nil))
	fd, _ := bound(t, s, addrA)
	before := s.Counters().Interface.OutErrors
	sendTo(t, s, fd, "x", netip.MustParseAddrPort("10.0.0.255:9"))
	if got := s.Counters().Interface.OutErrors - before; got != 1 {
		t.Errorf("counted %d times", got)
	}
}

func TestANotificationDoesNotComeAfterItsEnd(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, _ := bound(t, a, addrA)
	fb, name := bound(t, b, addrB)
	for range 500 {
		over := false // the race detector sees a call that comes too late
		must(t, b.PollNotify(fb, func() {
			if over {
				t.Error("called after it was replaced")
			}
		}))
		sendTo(t, a, fa, "x", name)
		must(t, b.PollNotify(fb, nil))
		over = true
	}
	closed := make(chan struct{}, 1)
	must(t, b.PollNotify(fb, func() {
		select {
		case closed <- struct{}{}:
		default:
		}
	}))
	must(t, b.Close(fb))
	<-closed
	if err := b.PollNotify(fb, nil); err != netdev.ErrInvalidSocketFd {
		t.Errorf("PollNotify of a closed socket: %v", err)
	}
}
