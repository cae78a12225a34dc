package w5500

import (
	"runtime"
	"time"
)

// A pause is what lies between two looks at something that takes a moment.
type pause struct {
	n     int
	start time.Time
}

// more waits, longer each time, and reports whether there is time left.
func (p *pause) more(limit time.Duration) bool {
	if p.n == 0 {
		p.start = time.Now()
	}
	if p.n++; p.n < 8 {
		runtime.Gosched()
		return true
	}
	if time.Since(p.start) > limit {
		return false
	}
	time.Sleep(20 * time.Microsecond << min(p.n-8, 6))
	return true
}
