package netlink

import "sync/atomic"

// What the device said last.
const (
	sawNothing = iota
	sawUp
	sawDown
)

// signals carry what others say to the goroutine of Run. The device may say it
// under its own lock or inside NetConnect, so saying is recording and waking,
// and never waits.
type signals struct {
	wake  chan struct{}
	last  atomic.Int32
	again atomic.Bool
}

func newSignals() *signals { return &signals{wake: make(chan struct{}, 1)} }

func (s *signals) event(e Event) {
	switch e {
	case EventNetUp:
		s.last.Store(sawUp)
	case EventNetDown:
		s.last.Store(sawDown)
	default:
		return
	}
	s.signal()
}

func (s *signals) reconnect() {
	s.again.Store(true)
	s.signal()
}

func (s *signals) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// take returns what was said since the last take.
func (s *signals) take() (again bool, last int32) {
	return s.again.Swap(false), s.last.Swap(sawNothing)
}

func (s *signals) forget() { s.take() }
