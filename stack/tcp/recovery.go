package tcp

import "time"

// startRecovery reduces the window, once for each episode, and lets PRR pace it out.
func (c *Conn) startRecovery(now time.Duration, inFlight int) {
	c.e.Counters.FastRecovery++
	c.congested.OnCongestion(now, inFlight)
	if !c.flight.Recovering() {
		c.congested.OnRecovered(now) // a tail loss probe has repaired it already
		return
	}
	c.flags |= recovering
	c.prr.start(inFlight)
}

// detectLoss looks for losses that time alone reveals.
func (c *Conn) detectLoss(now time.Duration) {
	was, before := c.flight.Recovering(), c.flight.Outstanding()
	lost, again := c.flight.DetectLoss(now, c.rtt.SRTT(), c.rtt.MinRTT())
	if lost > 0 && !was {
		c.startRecovery(now, before)
	}
	if lost > 0 && c.is(recovering) {
		c.prr.acked(0, c.flight.Pipe(), c.congested.Window(), int(c.mss), false, false)
	}
	c.armLoss(now, again)
}

// rto returns the timeout of retransmission.
func (c *Conn) rto() time.Duration { return c.rtt.RTO(c.e.cfg.MinRTO, c.e.cfg.MaxRTO) }

// armLoss sets the timer for what is under way. again is when RACK wants to look.
func (c *Conn) armLoss(now, again time.Duration) {
	if c.flight.Empty() {
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
	if c.is(useSACK) && c.sndWnd > 0 && !c.flight.Recovering() && !c.flight.Probing() && c.flight.Sacked() == 0 {
		if srtt := c.rtt.SRTT(); srtt > 0 {
			if probe := now + c.flight.PTO(srtt, c.e.cfg.MinRTO); probe < at {
				c.lossAt, c.loss = probe, lossTLP
			}
		}
	}
}

// expireRTO is RFC 6298 §5.4 to §5.6.
func (c *Conn) expireRTO(now time.Duration) {
	if c.flight.Empty() {
		return
	}
	if c.sndWnd == 0 && c.heardAt > c.progressAt {
		// The peer has closed its window over what is under way, and answers.
		c.progressAt = c.heardAt
	} else if now-c.progressAt >= c.timeout() {
		c.giveUp()
		return
	}
	c.e.Counters.Timeouts++
	before := c.flight.Outstanding()
	c.flight.Timeout(now)
	c.rtt.Backoff()
	c.flags &^= recovering | sendTLP
	if c.sndWnd > 0 {
		c.congested.OnTimeout(now, before)
	}
	if c.retries < 255 {
		c.retries++
	}
	c.suspectBlackhole()
	c.sentAt = now
	c.armLoss(now, 0)
	c.output()
}
