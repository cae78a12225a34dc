//go:build !tinygo

package periph

import (
	"sync"

	"periph.io/x/conn/v3/gpio"
)

// Output is a pin that a driver sets: a chip select, a reset. Its methods may be
// called from any goroutine.
type Output struct {
	pin gpio.PinOut

	mu  sync.Mutex
	err error
}

// NewOutput makes p an output, at this level.
func NewOutput(p gpio.PinOut, high bool) (*Output, error) {
	o := &Output{pin: p}
	o.Set(high)
	return o, o.Err()
}

// Set sets the level. A pin that fails is told of by Err.
func (o *Output) Set(high bool) {
	err := o.pin.Out(gpio.Level(high))
	if err == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = err
	}
}

// Err returns the first error of Set.
func (o *Output) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// A Switch is a pin that is driven high for a while, and let go of, such as the
// GPIO0 of a NINA.
type Switch struct {
	pin gpio.PinIO
	out Output
}

// NewSwitch returns a switch that has let go of p.
func NewSwitch(p gpio.PinIO) (*Switch, error) {
	s := &Switch{pin: p, out: Output{pin: p}}
	s.Drive(false)
	return s, s.Err()
}

// Drive drives the pin high, or lets go of it.
func (s *Switch) Drive(on bool) {
	if on {
		s.out.Set(true)
		return
	}
	if err := s.pin.In(gpio.Float, gpio.NoEdge); err != nil {
		s.out.mu.Lock()
		defer s.out.mu.Unlock()
		if s.out.err == nil {
			s.out.err = err
		}
	}
}

// Err returns the first error of Drive.
func (s *Switch) Err() error { return s.out.Err() }
