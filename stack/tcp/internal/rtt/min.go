package rtt

import "time"

// half is how long a half of the window of the least round-trip time is.
const half = 5 * time.Second

// A windowedMin is the least of two halves of a window that moves on by one at a
// time. The values are in units, plus one so that 0 is none.
type windowedMin struct {
	older, newer uint32
	start        time.Duration // of the newer half
}

const unit = 64 * time.Nanosecond

func (m *windowedMin) add(now, rtt time.Duration) {
	v := uint32(min(rtt/unit, 1<<32-3)) + 1
	switch age := now - m.start; {
	case m.newer == 0 || age >= 2*half:
		m.older, m.newer, m.start = v, v, now
		return
	case age >= half:
		m.older, m.newer, m.start = m.newer, v, now
		return
	}
	m.newer = min(m.newer, v)
}

func (m *windowedMin) get() time.Duration {
	v := min(m.older, m.newer)
	if v == 0 {
		return 0
	}
	return max(1, time.Duration(v-1)*unit)
}
