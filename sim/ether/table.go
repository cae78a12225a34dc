package ether

import "time"

// A table knows behind which port a station is. It is the switch's, which
// locks it.
type table struct {
	max     int
	age     time.Duration
	entries map[[6]byte]station
	swept   time.Time
}

type station struct {
	port *port
	seen time.Time
}

// learn notes that mac sent from p. Without room it forgets those that aged,
// and if there are none, it tells that it did not learn.
func (t *table) learn(mac [6]byte, p *port, now time.Time) bool {
	if mac[0]&1 != 0 {
		return true // a group sends nothing
	}
	if _, known := t.entries[mac]; !known && len(t.entries) >= t.max && !t.sweep(now) {
		return false
	}
	t.entries[mac] = station{p, now}
	return true
}

// sweepEvery keeps a flood of addresses from sweeping at each frame.
const sweepEvery = time.Second

// sweep makes room, and tells whether it did.
func (t *table) sweep(now time.Time) bool {
	if now.Sub(t.swept) < sweepEvery {
		return false
	}
	t.swept = now
	for mac, s := range t.entries {
		if now.Sub(s.seen) > t.age {
			delete(t.entries, mac)
		}
	}
	return len(t.entries) < t.max
}

// lookup returns nil for a group, and for a station that is not known.
func (t *table) lookup(mac [6]byte, now time.Time) *port {
	if mac[0]&1 != 0 {
		return nil
	}
	if s, ok := t.entries[mac]; ok && now.Sub(s.seen) <= t.age {
		return s.port
	}
	return nil
}

func (t *table) forget(p *port) {
	for mac, s := range t.entries {
		if s.port == p {
			delete(t.entries, mac)
		}
	}
}
