package tcp

import "time"

// startRecovery reduces the window, once for each episode, and lets PRR pace it out.
func (c *Conn) startRecovery(now time.Duration, inFlight int) {
	c.e.Counters.FastRecovery++
	c.tx.congested.OnCongestion(now, inFlight)
	if !c.tx.flight.Recovering() {
		c.tx.congested.OnRecovered(now) // a tail loss probe has repaired it already
		return
	}
	c.flags |= recovering
	c.tx.prr.start(inFlight)
}

// detectLoss looks for losses that time alone reveals.
func (c *Conn) detectLoss(now time.Duration) {
	was, before := c.tx.flight.Recovering(), c.tx.flight.Outstanding()
	lost, again := c.tx.flight.DetectLoss(now, c.rtt.SRTT(), c.rtt.MinRTT())
	if lost > 0 && !was {
		c.startRecovery(now, before)
	}
	if lost > 0 && c.is(recovering) {
		c.tx.prr.acked(0, c.tx.flight.Pipe(), c.tx.congested.Window(), int(c.mss), false, false)
	}
	c.armLoss(now, again)
}

// rto returns the timeout of retransmission.
func (c *Conn) rto() time.Duration { return c.rtt.RTO(c.e.cfg.MinRTO, c.e.cfg.MaxRTO) }

// armLoss sets the timer for what is under way. again is when RACK wants to look.
func (c *Conn) armLoss(now, again time.Duration) {
	if c.tx.flight.Empty() {
		if c.loss != lossPersist {
			c.lossAt, c.loss = 0, lossNone
		}
		return
	}
	at := max(c.sentAt+c.rto(), now)
	if end := c.progressAt + c.timeout(); at > end {
		at = max(end, now)
	}
	c.lossAt, c.loss = at, lossRTO
	if again != 0 {
		if again < at {
			c.lossAt, c.loss = again, lossReorder
		}
		return
	}
	if c.mayProbe() {
		if srtt := c.rtt.SRTT(); srtt > 0 {
			if probe := now + c.tx.flight.PTO(srtt, c.e.cfg.MinRTO); probe < at {
				c.lossAt, c.loss = probe, lossTLP
			}
		}
	}
}

// mayProbe tells whether a tail loss probe is what to do next about what is under way.
func (c *Conn) mayProbe() bool {
	f := &c.tx.flight
	return c.is(useSACK) && c.sndWnd > 0 && !f.Recovering() && !f.Probing() && f.Sacked() == 0
}

// expireRTO is RFC 6298 §5.4 to §5.6.
func (c *Conn) expireRTO(now time.Duration) {
	if c.tx.flight.Empty() {
		return
	}
	if c.sndWnd == 0 && c.heardAt > c.progressAt && !c.is(isOrphan) {
		// The peer has closed its window over what is under way, and answers.
		c.progressAt = c.heardAt
	} else if now-c.progressAt >= c.timeout() {
		c.giveUp()
		return
	}
	c.e.Counters.Timeouts++
	before := c.tx.flight.Outstanding()
	c.tx.flight.Timeout(now)
	c.rtt.Backoff()
	c.flags &^= recovering | sendTLP
	if c.sndWnd > 0 {
		c.tx.congested.OnTimeout(now, before)
	}
	if c.retries < 255 {
		c.retries++
	}
	c.suspectBlackhole()
	c.sentAt = now
	c.armLoss(now, 0)
	c.output()
}
