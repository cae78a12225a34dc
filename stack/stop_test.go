package stack_test

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// Stop gives the device back: whoever made it may close it then.
func TestStopWaitsForWhatTheDeviceIsDoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _, flow := full(t, stack.Config{})
		stopped := make(chan error, 1)
		go func() { stopped <- s.Stop() }()
		synctest.Wait()
		if len(stopped) != 0 {
			t.Error("Stop has returned while a frame is with the device")
		}
		if _, err := s.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0); err != netdev.ErrNetDown {
			t.Errorf("Socket while Stop waits: %v", err)
		}
		flow()
		must(t, <-stopped)
	})
}

// A pumped device is asked for frames, and takes its time.
type pumped struct {
	card
	within atomic.Int32
}

func (p *pumped) EthPoll([]byte) (off, n int, err error) {
	p.within.Add(1)
	defer p.within.Add(-1)
	time.Sleep(time.Second)
	return 0, 0, nil
}

func TestNobodyPumpsADeviceAfterStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dev := &pumped{}
		s, err := stack.New(dev, stack.Config{Address: netip.PrefixFrom(addrA, 24), Poll: time.Millisecond})
		must(t, err)
		time.Sleep(100 * time.Millisecond)
		must(t, s.Stop())
		if dev.within.Load() != 0 {
			t.Error("EthPoll runs after Stop")
		}
	})
}

// A handed device remembers what was asked of it when its handler was taken away.
type handed struct {
	*ether.Device
	longest int
	batches bool
	back    bool
}

func (h *handed) SetMaxEthRecv(max int) { h.longest = max }

func (h *handed) SetEthRecvBatchHandler(f func([][]byte)) { h.batches = f != nil }

func (h *handed) SetEthRecvHandler(f func([]byte)) {
	h.back = f == nil && h.longest == 0 && !h.batches
	h.Device.SetEthRecvHandler(f)
}

// What waits in the device from then on is for somebody who may have asked for nothing.
func TestStopGivesTheDeviceBackAsItWas(t *testing.T) {
	dev, _ := cable(t)
	h := &handed{Device: dev}
	s, err := stack.New(h, stack.Config{Address: netip.PrefixFrom(addrA, 24)})
	must(t, err)
	if h.longest == 0 || !h.batches {
		t.Fatal("the stack has not asked for long frames, or for batches")
	}
	must(t, s.Stop())
	if !h.back {
		t.Error("the handler was taken away before the rest")
	}
}
