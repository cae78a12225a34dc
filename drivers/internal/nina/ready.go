package nina

import (
	"runtime"
	"time"
)

// Levels of a pin.
const (
	low  = false
	high = true
)

// How READY is waited for: a few looks, then pauses that grow.
const (
	looks    = 8
	minPause = 20 * time.Microsecond
	maxPause = time.Millisecond
	// With an interrupt the pauses only cover one that got lost.
	maxLost = 10 * time.Millisecond
)

// risen is how soon READY answers to chip select.
const risen = 10 * time.Millisecond

// selected pulls chip select, and reports whether the chip has seen it.
func (p *Port) selected() bool {
	p.cfg.CS(low)
	return p.await(high, risen)
}

// await waits until READY has a level, and reports whether it has.
func (p *Port) await(level bool, d time.Duration) bool {
	for i := 0; i < looks; i++ {
		if p.cfg.Ready() == level {
			return true
		}
		runtime.Gosched()
	}
	deadline := time.Now().Add(d)
	longest := maxPause
	if p.fell != nil && !level {
		longest = maxLost
	}
	for pause := minPause; ; pause = min(2*pause, longest) {
		if p.cfg.Ready() == level {
			return true
		}
		left := time.Until(deadline)
		if left <= 0 {
			return false
		}
		p.pause(min(pause, left), level)
	}
}

// pause passes the time, and ends early when READY falls if that is waited for.
func (p *Port) pause(d time.Duration, level bool) {
	if p.fell == nil || level {
		time.Sleep(d)
		return
	}
	if p.timer == nil {
		p.timer = time.NewTimer(d)
	} else {
		p.timer.Reset(d)
	}
	select {
	case <-p.fell:
		if !p.timer.Stop() {
			select {
			case <-p.timer.C:
			default:
			}
		}
	case <-p.timer.C:
	}
}
