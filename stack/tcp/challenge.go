package tcp

import "time"

// challenges limits the ACKs that answer what an attacker may have sent (RFC 5961 §7),
// so many in a second over all connections.
type challenges struct {
	second time.Duration
	left   int
}

// take tells whether one more may go out. most is displaced at random, so that nobody
// can count by them what others receive.
func (ch *challenges) take(now time.Duration, most int, rand func() uint64) bool {
	if ch.second == 0 || now >= ch.second+time.Second {
		ch.second = now
		ch.left = most/2 + int(rand()%uint64(most)) + 1
	}
	if ch.left == 0 {
		return false
	}
	ch.left--
	return true
}

// challengeACK answers a segment that only a peer who knows the acknowledged number
// may follow up.
func (c *Conn) challengeACK(now time.Duration) {
	if !c.e.challenge.take(now, c.e.cfg.Challenges, c.e.cfg.Rand) {
		c.e.Counters.ACKSkipped++
		return
	}
	c.e.Counters.TCPChallengeACK++
	c.ackNow()
}
