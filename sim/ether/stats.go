package ether

import "sync/atomic"

// Stats counts what one direction of a link did. Once no frame is under way,
// Frames and Duplicated together are Delivered and Dropped together.
type Stats struct {
	Frames    uint64 // sent
	Bytes     uint64 // of those
	Delivered uint64 // duplicates included

	// Drops.
	Lost        uint64 // by Loss
	BurstLost   uint64 // by Burst
	TooLong     uint64 // for the MTU, the direction's or the receiver's
	QueueFull   uint64 // beyond Limit or MaxInFlight
	ReceiveFull uint64 // the receiver's queue was full
	Unplugged   uint64 // the receiver was closed
	Refused     uint64 // the receiver returned an error, or no frame was it at all

	// Other faults.
	Corrupted  uint64
	Duplicated uint64
	Reordered  uint64
}

// Dropped is the sum of all drops.
func (s Stats) Dropped() uint64 {
	return s.Lost + s.BurstLost + s.TooLong + s.QueueFull + s.ReceiveFull + s.Unplugged + s.Refused
}

// counters are Stats while they are counted.
type counters struct {
	frames, bytes, delivered atomic.Uint64
	faults                   [10]atomic.Uint64 // by the bit of fault
}

func (c *counters) count(f fault) {
	for i := range c.faults {
		if f&(1<<i) != 0 {
			c.faults[i].Add(1)
		}
	}
}

// takeBack makes a frame that counted as delivered a dropped one.
func (c *counters) takeBack(f fault) {
	c.delivered.Add(^uint64(0))
	c.count(f)
}

func (c *counters) addTo(s *Stats) {
	s.Frames += c.frames.Load()
	s.Bytes += c.bytes.Load()
	s.Delivered += c.delivered.Load()
	for i, to := range []*uint64{
		&s.Lost, &s.BurstLost, &s.TooLong, &s.QueueFull, &s.ReceiveFull, &s.Unplugged, &s.Refused,
		&s.Corrupted, &s.Duplicated, &s.Reordered,
	} {
		*to += c.faults[i].Load()
	}
}
