package ether

import (
	"fmt"
	"time"
)

// Impairment is what one direction of a link does to its frames. Probabilities
// are 0 to 1 and per frame. The zero value does nothing.
//
// A frame meets the faults in this order: MTU, loss, corruption, rate and its
// queue, delay and jitter, reordering, duplication.
type Impairment struct {
	// Loss is how likely a frame is lost, each on its own.
	Loss float64

	// Burst loses frames in runs, beside Loss.
	Burst Burst

	// Delay is what a frame takes from one end to the other.
	Delay time.Duration

	// Jitter spreads Delay evenly by up to as much to either side. It does not
	// reorder: a frame that would overtake arrives with the one before it.
	Jitter time.Duration

	// Rate is in bits per second of frame, without preamble, FCS and gap. Zero
	// is without limit.
	Rate int64

	// Limit is how many bytes of frames wait for Rate; a frame beyond is
	// dropped. Zero is DefaultLimit.
	Limit int

	// Reorder is how likely a frame is held back by ReorderBy more, so that
	// those after it overtake it.
	Reorder float64

	// ReorderBy is zero for DefaultReorderBy.
	ReorderBy time.Duration

	// Duplicate is how likely a frame arrives twice.
	Duplicate float64

	// Corrupt is how likely one bit of a frame, at any place in it, is
	// flipped, and no FCS tells.
	Corrupt float64

	// MTU drops frames with a longer payload, silently. Zero is without limit.
	MTU int
}

// Burst is the Gilbert-Elliott model: a link is well or ill, changes between
// the two by chance at each frame, and loses frames while it is ill.
type Burst struct {
	Enter float64 // how likely it falls ill; zero turns burst loss off
	Leave float64 // how likely it recovers; a mean run is 1/Leave frames
	Loss  float64 // how likely a frame is lost meanwhile; zero is each
}

// Defaults of Impairment, and the bound of a direction's frames under way,
// whatever its delay and limit: what comes on top counts as QueueFull.
const (
	DefaultLimit     = 64 << 10
	DefaultReorderBy = 10 * time.Millisecond
	MaxInFlight      = 16 << 20
)

// Validate returns an error that names the first field out of its range.
func (i *Impairment) Validate() error {
	for _, p := range []struct {
		key   string
		value float64
	}{
		{"loss", i.Loss}, {"burst", i.Burst.Enter}, {"burst", i.Burst.Leave}, {"burst", i.Burst.Loss},
		{"reorder", i.Reorder}, {"duplicate", i.Duplicate}, {"corrupt", i.Corrupt},
	} {
		if !(p.value >= 0 && p.value <= 1) {
			return fmt.Errorf("%s: %v%% is no probability, want 0%% to 100%%", p.key, 100*p.value)
		}
	}
	if i.Burst.Enter > 0 && i.Burst.Leave == 0 {
		return fmt.Errorf("burst: never ends, want a probability to leave it, as in \"1%% 25%%\"")
	}
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"delay", i.Delay}, {"jitter", i.Jitter}, {"reorder", i.ReorderBy}} {
		if d.value < 0 || d.value > maxDelay {
			return fmt.Errorf("%s: %v, want 0s to %v", d.key, d.value, maxDelay)
		}
	}
	switch {
	case i.Rate < 0:
		return fmt.Errorf("rate: %d bit/s", i.Rate)
	case i.Limit < 0 || i.Limit > MaxInFlight:
		return fmt.Errorf("limit: %d bytes, want at most %d", i.Limit, MaxInFlight)
	case i.MTU != 0 && (i.MTU < minMTU || i.MTU > maxMTU):
		return fmt.Errorf("mtu: %d, want %d to %d", i.MTU, minMTU, maxMTU)
	}
	return nil
}

// maxDelay keeps sums of delays far from overflow.
const maxDelay = time.Hour

func (i *Impairment) limit() int {
	if i.Limit == 0 {
		return DefaultLimit
	}
	return i.Limit
}

func (i *Impairment) reorderBy() time.Duration {
	if i.ReorderBy == 0 {
		return DefaultReorderBy
	}
	return i.ReorderBy
}

// onWire is how long n bytes take at Rate.
func (i *Impairment) onWire(n int) time.Duration {
	if i.Rate == 0 {
		return 0
	}
	return time.Duration(float64(8*n) / float64(i.Rate) * float64(time.Second))
}
