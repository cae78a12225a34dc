//go:build !tinygo

package periph

import (
	"sync"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// Input is a pin that a chip drives: READY, an interrupt. Its methods may be called
// from any goroutine.
type Input struct {
	pin gpio.PinIn

	mu      sync.Mutex
	fall    func()
	watched bool
	stop    chan struct{}
	stopped chan struct{}
	close   sync.Once
}

// NewInput makes p an input that is pulled up where the board can.
func NewInput(p gpio.PinIn) (*Input, error) {
	i := &Input{pin: p, stop: make(chan struct{}), stopped: make(chan struct{})}
	err := p.In(gpio.PullUp, gpio.FallingEdge)
	if err != nil {
		err = p.In(gpio.PullNoChange, gpio.FallingEdge)
	}
	if err != nil {
		return nil, err
	}
	return i, nil
}

// Level returns whether the pin is high.
func (i *Input) Level() bool { return bool(i.pin.Read()) }

// patience is how long an edge is waited for before there is a look at whether the
// pin is still wanted: some boards cannot be woken.
const patience = 250 * time.Millisecond

// OnFall has f called each time that the pin falls, from a goroutine of the pin's;
// nil stops that. A pin that is low already has fallen.
func (i *Input) OnFall(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fall = f
	if f == nil || i.watched || i.closed() {
		return
	}
	i.watched = true
	go i.watch()
}

func (i *Input) closed() bool {
	select {
	case <-i.stop:
		return true
	default:
		return false
	}
}

func (i *Input) watch() {
	defer close(i.stopped)
	for fell := !i.Level(); !i.closed(); fell = i.pin.WaitForEdge(patience) {
		if !fell {
			continue
		}
		i.mu.Lock()
		f := i.fall
		i.mu.Unlock()
		if f != nil {
			f()
		}
	}
}

// Close ends what OnFall began, and waits for it: not from within its function. The
// pin stays an input.
func (i *Input) Close() error {
	i.close.Do(func() { close(i.stop) })
	i.mu.Lock()
	watched := i.watched
	i.mu.Unlock()
	if !watched {
		return nil
	}
	err := i.pin.In(gpio.PullNoChange, gpio.NoEdge) // wakes WaitForEdge where it can be
	<-i.stopped
	return err
}
