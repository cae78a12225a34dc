package netlink_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev/netlink"
)

func TestTheContextEndsANetConnectUnderWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left := make(chan struct{}, 1)
		link := &fakeLink{
			connect:    func(int, *netlink.ConnectParams) error { <-left; return netlink.ErrConnectFailed },
			disconnect: func() { trySend(left) },
		}
		r := start(t, &netlink.Supervisor{}, link)
		r.told(connecting)
		r.stop()
		r.told(down(context.Canceled))
	})
}

// A NetDisconnect that comes before the device has begun to connect is nothing
// to it, so one is not enough.
func TestADeviceThatMissedNetDisconnectIsToldAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left := make(chan struct{})
		link := &fakeLink{
			connect: func(int, *netlink.ConnectParams) error {
				time.Sleep(250 * time.Millisecond)
				<-left
				return netlink.ErrConnectFailed
			},
			disconnect: func() { trySend(left) },
		}
		r := start(t, &netlink.Supervisor{}, link)
		r.cancel()
		r.pass(400 * time.Millisecond)
		r.ended(context.Canceled)
	})
}

func TestADeviceThatConnectsAllTheSameIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{connect: func(int, *netlink.ConnectParams) error { time.Sleep(time.Second); return nil }}
		r := start(t, &netlink.Supervisor{}, link)
		r.cancel()
		before := link.left()
		r.pass(time.Second)
		r.ended(context.Canceled)
		r.told(connecting, down(context.Canceled))
		if link.left() <= before {
			t.Error("the device was not disconnected after it had connected")
		}
	})
}

func TestNoCallOfTheDeviceOutlivesRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		left := make(chan struct{}, 1)
		link := &fakeLink{connect: func(int, *netlink.ConnectParams) error { <-left; return errChip }}
		link.disconnect = func() {
			trySend(left)
			if link.left() == 1 {
				time.Sleep(time.Second)
			}
		}
		r := start(t, &netlink.Supervisor{}, link)
		r.cancel()
		r.pass(time.Second / 2)
		select {
		case <-r.done:
			t.Error("Run returned while NetDisconnect was under way")
		default:
		}
		r.pass(time.Minute)
		r.ended(context.Canceled)
		if n := link.left(); n != 2 {
			t.Errorf("%d NetDisconnect, want 2: one to end the attempt, one to leave", n)
		}
	})
}

func TestTheContextEndsAWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		r := start(t, &netlink.Supervisor{MinBackoff: time.Hour, MaxBackoff: time.Hour}, &fakeLink{connect: failing(errChip)})
		began := time.Now()
		r.stop()
		if d := time.Since(began); d != 0 {
			t.Errorf("Run returned %v late", d)
		}
		r.told(connecting, down(errChip), down(context.Canceled))
	})
}

func TestADeviceThatTellsFromNetConnect(t *testing.T) {
	t.Run("up", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			link := &fakeLink{}
			link.connect = func(int, *netlink.ConnectParams) error {
				link.say(netlink.EventNetDown, netlink.EventNetUp)
				return nil
			}
			r := start(t, &netlink.Supervisor{}, link)
			r.told(connecting, up)
			r.pass(time.Hour)
			r.told()
			r.stop()
		})
	})
	t.Run("up before it fails", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			link := &fakeLink{}
			link.connect = func(int, *netlink.ConnectParams) error {
				link.say(netlink.EventNetUp)
				return errChip
			}
			r := start(t, &netlink.Supervisor{}, link)
			r.told(connecting, down(errChip))
			r.pass(time.Second)
			r.told(connecting, down(errChip))
			r.stop()
		})
	})
	t.Run("a loss before it returns", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			link := &fakeLink{}
			link.connect = func(n int, _ *netlink.ConnectParams) error {
				link.say(netlink.EventNetUp)
				if n == 1 {
					link.say(netlink.EventNetDown)
				}
				return nil
			}
			r := start(t, &netlink.Supervisor{}, link)
			r.told(connecting, up, lost)
			r.pass(time.Second)
			r.told(connecting, up)
			r.stop()
		})
	})
}

func TestADeviceThatConnectsByItselfIsUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{connect: failing(errChip)}
		r := start(t, &netlink.Supervisor{}, link)
		r.told(connecting, down(errChip))
		link.say(netlink.EventNetUp)
		r.told(up)
		r.pass(time.Hour)
		r.told()
		if link.tried() != 1 {
			t.Errorf("%d attempts, want 1", link.tried())
		}
		r.stop()
	})
}

func TestEventsAreCoalescedButTheLastCounts(t *testing.T) {
	for name, c := range map[string]struct {
		last netlink.Event
		want []change
	}{
		"down": {netlink.EventNetDown, []change{lost, connecting, up}},
		"up":   {netlink.EventNetUp, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				busy := make(chan struct{})
				link := &fakeLink{}
				s := &netlink.Supervisor{}
				s.Notify = func(state netlink.State, _ error) {
					if state == netlink.StateUp {
						<-busy
					}
				}
				r := start(t, s, link)
				time.Sleep(time.Second)
				for range 1000 {
					link.say(netlink.EventNetDown, netlink.EventNetUp)
				}
				link.say(c.last)
				close(busy)
				r.told(append([]change{connecting, up}, c.want...)...)
				r.stop()
			})
		})
	}
}

func TestUnknownAndRepeatedEventsChangeNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{}
		r := start(t, &netlink.Supervisor{}, link)
		r.told(connecting, up)
		link.say(netlink.EventNetUp, netlink.Event(-1), netlink.Event(7), netlink.EventNetUp)
		r.told()
		r.stop()
	})
}

func TestAnEventAfterRunIsHarmless(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{}
		r := start(t, &netlink.Supervisor{}, link)
		late := link.cb
		r.stop()
		late(netlink.EventNetDown)
		late(netlink.EventNetDown)
		r.told(connecting, up, down(context.Canceled))
	})
}

// A lockedLink holds one lock across every call and callback, which the
// contract forbids and the drivers of TinyGo do.
type lockedLink struct {
	mu        sync.Mutex
	connected bool
	cb        func(netlink.Event)
}

func (l *lockedLink) tell(e netlink.Event) {
	if l.cb != nil {
		l.cb(e)
	}
}

func (l *lockedLink) NetConnect(*netlink.ConnectParams) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.connected {
		return netlink.ErrConnected
	}
	time.Sleep(time.Second)
	l.connected = true
	l.tell(netlink.EventNetUp)
	return nil
}

func (l *lockedLink) NetDisconnect() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.connected {
		l.connected = false
		l.tell(netlink.EventNetDown)
	}
}

func (l *lockedLink) NetNotify(cb func(netlink.Event)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cb = cb
	l.tell(netlink.EventNetDown)
}

func (l *lockedLink) GetHardwareAddr() (net.HardwareAddr, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return net.HardwareAddr{2, 0, 0, 0, 0, 1}, nil
}

func TestADeviceThatTellsUnderItsOwnLock(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &lockedLink{}
		s := &netlink.Supervisor{}
		s.Notify = func(state netlink.State, _ error) {
			if _, err := link.GetHardwareAddr(); err != nil {
				t.Error(err)
			}
			if got, _ := s.State(); got != state {
				t.Errorf("State() = %v inside Notify of %v", got, state)
			}
		}
		r := start(t, s, link)
		r.pass(time.Second)
		r.told(connecting, up)
		link.NetDisconnect()
		r.pass(time.Minute)
		r.told(lost, connecting, up)
		r.Reconnect()
		r.pass(time.Second)
		r.told(lost, connecting, up)
		r.stop()
	})
}

// From Notify the application may do all that it may do elsewhere.
func TestNotifyMayCallTheDeviceAndTheSupervisor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &lockedLink{}
		s := &netlink.Supervisor{}
		ups := 0
		s.Notify = func(state netlink.State, _ error) {
			if state != netlink.StateUp {
				return
			}
			switch ups++; ups {
			case 1:
				link.NetDisconnect()
			case 2:
				s.Reconnect()
			}
		}
		r := start(t, s, link)
		r.pass(time.Minute)
		r.told(connecting, up, lost, connecting, up, lost, connecting, up)
		r.stop()
	})
}

func TestNotifyMayStopRun(t *testing.T) {
	bubble(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &netlink.Supervisor{Notify: func(state netlink.State, _ error) {
			if state == netlink.StateUp {
				cancel()
			}
		}}
		if err := s.Run(ctx, &fakeLink{}); err != context.Canceled {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestConcurrentEventsAndCalls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		link := &fakeLink{}
		r := start(t, &netlink.Supervisor{MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond}, link)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 200 {
					link.say(netlink.EventNetDown)
					r.Reconnect()
					r.State()
					link.say(netlink.EventNetUp)
				}
			})
		}
		wg.Wait()
		r.pass(time.Second)
		if state, err := r.State(); state != netlink.StateUp || err != nil {
			t.Errorf("after the storm the link is %v, %v", state, err)
		}
		r.stop()
	})
}

func trySend(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
