package congestion

import "time"

// NewReno is the congestion control of RFC 5681, counting bytes as RFC 3465 does.
var NewReno Algorithm = newRenoAlgorithm{}

type newRenoAlgorithm struct{}

func (newRenoAlgorithm) Name() string    { return "newreno" }
func (newRenoAlgorithm) New() Controller { return new(newReno) }

type newReno struct {
	mss, window, threshold int
}

func (c *newReno) Init(mss, window int)                         { c.mss, c.window, c.threshold = mss, window, 1<<31-1 }
func (c *newReno) OnAck(a *Ack)                                 {}
func (c *newReno) OnCongestion(now time.Duration, inFlight int) {}
func (c *newReno) OnTimeout(now time.Duration, inFlight int)    {}
func (c *newReno) OnRecovered(now time.Duration)                {}
func (c *newReno) Undo()                                        {}
func (c *newReno) OnIdle(now, idle, rto time.Duration)          {}
func (c *newReno) SetMSS(mss int)                               { c.mss = mss }
func (c *newReno) Window() int                                  { return c.window }
func (c *newReno) Threshold() int                               { return c.threshold }
func (c *newReno) PacingRate() uint64                           { return 0 }
