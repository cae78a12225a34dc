// Package ratelimit bounds how often something is done, such as sending ICMP
// errors (RFC 1812 §4.3.2.8) or challenge ACKs (RFC 5961 §7).
package ratelimit

import "time"

// Bucket is a token bucket: it holds at most Burst tokens, gets Rate of them a
// second, and begins full. With a Rate of 0, Burst is all there is. Rate and Burst
// are to be set before it is used. It is not safe for concurrent use.
type Bucket struct {
	Rate, Burst int
	// Denied counts how often Allow said no.
	Denied uint

	// When the bucket will be full again. As the virtual scheduling of ITU-T I.371
	// it takes no more than this to know how many tokens there are.
	full time.Duration
	used int // without a Rate
}

// Allow takes a token, and tells whether there was one.
func (b *Bucket) Allow(now time.Duration) bool {
	if b.take(now) {
		return true
	}
	b.Denied++
	return false
}

func (b *Bucket) take(now time.Duration) bool {
	if b.Rate <= 0 {
		if b.used >= b.Burst {
			return false
		}
		b.used++
		return true
	}
	refill := time.Second / time.Duration(b.Rate)
	full := max(b.full, now) + refill
	if full-now > time.Duration(b.Burst)*refill {
		return false
	}
	b.full = full
	return true
}
