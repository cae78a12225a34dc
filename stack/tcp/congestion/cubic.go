package congestion

import "time"

// Cubic is the congestion control of RFC 9438.
var Cubic Algorithm = cubicAlgorithm{}

type cubicAlgorithm struct{}

func (cubicAlgorithm) Name() string    { return "cubic" }
func (cubicAlgorithm) New() Controller { return new(cubic) }

func (a cubicAlgorithm) Renew(c Controller) Controller {
	if old, ok := c.(*cubic); ok {
		*old = cubic{}
		return old
	}
	return a.New()
}

// The factors of RFC 9438 §4.6, §4.7 and §4.3: β, (1+β)/2 and α = 3(1-β)/(1+β).
const (
	betaNum, betaDen               = 7, 10
	convergenceNum, convergenceDen = 17, 20
	alphaNum, alphaDen             = 9, 17
)

type cubic struct {
	window
	curve
	last time.Duration // the acknowledgement before

	undo struct {
		curve
		cwnd, ssthresh int // 0 for none
	}
}

func (c *cubic) OnAck(a *Ack) {
	c.listen(a)
	away := a.Now - c.last
	c.last = a.Now
	if !c.mayGrow(a) {
		// RFC 9438 §4.2: the curve stands still meanwhile.
		c.start += away
		return
	}
	if rest := c.slowStart(a); rest > 0 {
		c.avoid(a, rest)
	}
}

// avoid is congestion avoidance, for n bytes delivered.
func (c *cubic) avoid(a *Ack, n int) {
	if !c.running {
		c.begin(a.Now, c.cwnd, c.mss)
		c.credit = 0
	}
	c.friendly(n, c.cwnd, c.mss)
	t := a.Now - c.start
	if c.at(t, c.mss) < int64(c.west) {
		// RFC 9438 §4.3.
		c.cwnd = min(max(c.cwnd, c.west), maxWindow)
		return
	}
	target := int(min(max(c.at(t+a.SRTT, c.mss), int64(c.cwnd)), int64(c.cwnd)*3/2, maxWindow))
	sum := int64(target-c.cwnd)*int64(n) + int64(c.credit)
	grow := sum / int64(c.cwnd)
	c.credit = int(sum - grow*int64(c.cwnd))
	c.cwnd = min(c.cwnd+int(grow), target)
}

func (c *cubic) OnCongestion(now time.Duration, inFlight int) {
	c.save()
	c.episode = true
	// RFC 9438 §4.7: who had less than before leaves room for others.
	if c.prior = c.cwnd; c.cwnd < c.wmax {
		c.wmax = scale(c.cwnd, convergenceNum, convergenceDen)
	} else {
		c.wmax = c.cwnd
	}
	c.ssthresh = c.reduced(inFlight, betaNum, betaDen)
	c.cwnd = c.ssthresh
	c.running = false
}

func (c *cubic) OnTimeout(now time.Duration, inFlight int) {
	if c.beginTimeout() {
		c.save()
		if !c.episode {
			c.prior = c.cwnd
			c.ssthresh = c.reduced(inFlight, betaNum, betaDen)
		}
	}
	// RFC 9438 §4.8: the next curve begins where slow start ends.
	c.wmax = 0
	c.cwnd = c.mss
	c.running = false
}

func (c *cubic) OnIdle(now, idle, rto time.Duration) {
	c.start += now - c.last
	c.last = now
	if c.restart(idle, rto) {
		c.running = false
	}
}

func (c *cubic) save() {
	c.undo.curve = c.curve
	c.undo.cwnd, c.undo.ssthresh = c.cwnd, c.ssthresh
}

// Undo is RFC 9438 §4.9.2.
func (c *cubic) Undo() {
	if c.undo.cwnd > c.cwnd {
		c.cwnd, c.curve = c.undo.cwnd, c.undo.curve
	}
	if c.undo.cwnd > 0 {
		c.ssthresh = max(c.ssthresh, c.undo.ssthresh)
	}
	c.undo.cwnd = 0
}
