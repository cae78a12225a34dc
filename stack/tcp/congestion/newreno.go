package congestion

import "time"

// NewReno is the congestion control of RFC 5681, counting bytes as RFC 3465 does.
var NewReno Algorithm = newRenoAlgorithm{}

type newRenoAlgorithm struct{}

func (newRenoAlgorithm) Name() string    { return reno }
func (newRenoAlgorithm) New() Controller { return new(newReno) }

func (a newRenoAlgorithm) Renew(c Controller) Controller {
	if old, ok := c.(*newReno); ok {
		*old = newReno{}
		return old
	}
	return a.New()
}

type newReno struct {
	window
	undo struct{ cwnd, ssthresh int } // before the newest reduction, 0 for none
}

func (c *newReno) OnAck(a *Ack) {
	c.listen(a)
	if !c.mayGrow(a) {
		return
	}
	rest := c.slowStart(a)
	if rest == 0 {
		return
	}
	// RFC 3465 §2.1: a segment for each window of data.
	c.credit += rest
	if c.credit >= c.cwnd {
		c.credit -= c.cwnd
		c.cwnd = min(c.cwnd+c.mss, maxWindow)
		c.credit = min(c.credit, c.cwnd)
	}
}

func (c *newReno) OnCongestion(now time.Duration, inFlight int) {
	c.save()
	c.episode = true
	c.ssthresh = c.reduced(inFlight, 1, 2)
	c.cwnd = c.ssthresh
	c.credit = 0
}

func (c *newReno) OnTimeout(now time.Duration, inFlight int) {
	if c.beginTimeout() {
		c.save()
		if !c.episode {
			c.ssthresh = c.reduced(inFlight, 1, 2)
		}
	}
	c.cwnd = c.mss
	c.credit = 0
}

func (c *newReno) OnIdle(now, idle, rto time.Duration) { c.restart(idle, rto) }

func (c *newReno) save() { c.undo.cwnd, c.undo.ssthresh = c.cwnd, c.ssthresh }

func (c *newReno) Undo() {
	if c.undo.cwnd > c.cwnd {
		c.cwnd = c.undo.cwnd
	}
	if c.undo.cwnd > 0 {
		c.ssthresh = max(c.ssthresh, c.undo.ssthresh)
	}
	c.undo.cwnd = 0
}
