package rtl8720dn

import (
	"context"
	"time"
)

// A power is the time from the enable pin's rise to its fall.
type power struct {
	ctx     context.Context
	cancel  context.CancelFunc
	done    chan struct{} // closed when nothing of it is left
	session *session      // guarded by Chip.mu
}

func newPower() *power {
	p := &power{done: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// cut ends p and waits for it.
func (c *Chip) cut(p *power) {
	p.cancel()
	c.mu.Lock()
	s := p.session // a later one finds its context done
	c.mu.Unlock()
	if s != nil {
		s.kill()
	}
	<-p.done
}

// run boots the chip, again after each crash, until the pin falls.
func (c *Chip) run(p *power) {
	defer close(p.done)
	for {
		s := newSession(c, p.ctx)
		c.mu.Lock()
		p.session = s
		c.mu.Unlock()
		s.run()
		if p.ctx.Err() != nil {
			return
		}
		c.count(func(s *Stats) { s.Resets++ })
	}
}

// boot waits until the firmware is ready. What came before is lost: nobody had
// set up the UART.
func (s *session) boot() bool {
	s.port.Power(true)
	if s.ctx.Err() != nil {
		return false
	}
	if noise := s.chip.config.BootNoise; len(noise) > 0 {
		if _, err := s.port.Write(noise); err != nil {
			return false
		}
	}
	if !s.sleep(s.chip.config.BootTime) {
		return false
	}
	for s.port.Buffered() > 0 {
		s.port.Read(make([]byte, s.port.Buffered()))
	}
	return s.ctx.Err() == nil
}

// sleep waits, and reports whether the session goes on.
func (s *session) sleep(d time.Duration) bool {
	if d <= 0 {
		return s.ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// pause waits until the chip is not silent.
func (s *session) pause() bool {
	for {
		s.chip.mu.Lock()
		left := time.Until(s.chip.silent)
		s.chip.mu.Unlock()
		if left <= 0 {
			return s.ctx.Err() == nil
		}
		if !s.sleep(left) {
			return false
		}
	}
}
