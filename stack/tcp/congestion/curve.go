package congestion

import (
	"math/bits"
	"time"
)

// A curve is W_cubic and W_est of RFC 9438 §4.2 and §4.3, in bytes. C is 0.4.
type curve struct {
	start time.Duration // t_epoch
	k     int64         // K, in beats

	wmax, prior int // W_max, 0 where there is none, and cwnd_prior
	origin      int // where the curve is flat: W_max but for special cases
	west        int // W_est
	westRest    int64
	running     bool // since the last reduction
}

// A beat is the unit of time of the curve: 1/2¹⁴ s.
const beatBits = 14

func beats(t time.Duration) int64 {
	// The curve leaves any window behind long before this.
	t = min(max(t, -256*time.Second), 256*time.Second)
	return int64(t) << beatBits / int64(time.Second)
}

// begin starts the curve at now with a window of cwnd.
func (c *curve) begin(now time.Duration, cwnd, mss int) {
	c.running = true
	c.start = now
	c.west, c.westRest = cwnd, 0
	if c.wmax == 0 {
		// After HyStart++ (§4.10) or a timeout (§4.8).
		c.wmax = cwnd
	}
	if c.prior == 0 {
		c.prior = cwnd
	}
	c.origin, c.k = c.wmax, 0
	if cwnd >= c.wmax {
		c.origin = cwnd
		return
	}
	// K = ∛((W_max - cwnd)/(C·mss)), in beats: under the root 2⁴² of a cubic second.
	d := min(uint64(c.wmax-cwnd), uint64(mss)<<20)
	hi, lo := bits.Mul64(d*5, 1<<(3*beatBits-1))
	q, _ := bits.Div64(hi, lo, uint64(mss))
	c.k = int64(cubeRoot(q))
}

// at returns W_cubic at t after the start.
func (c *curve) at(t time.Duration, mss int) int64 {
	d := beats(t) - c.k
	cube := (d * d >> beatBits) * d >> beatBits
	return int64(c.origin) + cube*int64(mss)*2/5>>beatBits
}

// friendly grows W_est by n bytes delivered (§4.3).
func (c *curve) friendly(n, cwnd, mss int) {
	num, den := int64(alphaNum), int64(alphaDen)
	if c.west >= c.prior {
		num = alphaDen
	}
	sum := int64(n)*int64(mss)*num + c.westRest
	den *= int64(cwnd)
	grow := sum / den
	c.westRest = sum - grow*den
	c.west = min(c.west+int(grow), maxWindow)
}

// cubeRoot returns ∛n, rounded down.
func cubeRoot(n uint64) (root uint64) {
	for shift := 63; shift >= 0; shift -= 3 {
		root <<= 1
		if next := 3*root*(root+1) + 1; n>>shift >= next {
			n -= next << shift
			root++
		}
	}
	return root
}
