package nina

import "time"

// Times of a reset.
const (
	resetTime = 10 * time.Millisecond
	bootTime  = 750 * time.Millisecond // what the firmware takes at most, as a rule
	// A chip that formats its flash for the first time takes longer.
	firstBoot = 15 * time.Second
)

// Boot resets the chip, and returns when it takes commands. Without a reset line
// it only finds out where the chip is. All that the chip knew is void.
func (p *Port) Boot() error {
	p.dead = true
	p.cfg.CS(high) // a chip that is selected when it starts speaks Bluetooth
	if p.cfg.Reset == nil {
		if !p.resync() {
			return ErrSilent
		}
		p.dead = false
		return nil
	}
	if p.cfg.GPIO0 != nil {
		p.cfg.GPIO0(true)
	}
	p.cfg.Reset(p.cfg.ResetInverted)
	time.Sleep(resetTime)
	p.cfg.Reset(!p.cfg.ResetInverted)
	ok := p.booted()
	if p.cfg.GPIO0 != nil {
		p.cfg.GPIO0(false)
	}
	// What the firmware asks of its wires before it is up is not to be trusted.
	if !ok || !p.resync() {
		return ErrSilent
	}
	p.dead = false
	return nil
}

// booted waits until READY has risen and fallen. It is not driven at first and
// may seem low, so that it only counts as fallen without having been seen to
// rise after the time that the firmware takes.
func (p *Port) booted() bool {
	begin := time.Now()
	for rose := false; ; time.Sleep(time.Millisecond) {
		switch took := time.Since(begin); {
		case p.cfg.Ready():
			rose = true
		case rose || took >= bootTime:
			return true
		}
		if time.Since(begin) > firstBoot {
			return false
		}
	}
}
