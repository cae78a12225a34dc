package dhcp

import (
	"time"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

const (
	// minLease is the shortest lease that is of any use.
	minLease = 2 * time.Second
	// minTerm keeps a client from renewing all the time, whatever the server says.
	minTerm = time.Second
	// infinite stands for a lease without end.
	infinite time.Duration = 0
)

// terms are the times of a lease, all 0 without an end.
type terms struct{ t1, t2, end time.Duration }

// next returns the time to do something about a lease in use.
func (t terms) next() time.Duration { return min(t.t1, t.end) }

// leaseTime returns how long the lease in m is, and false for none or a useless one.
func leaseTime(m dhcpv4.Message) (d time.Duration, ok bool) {
	s, ok := m.LeaseTime()
	if s == dhcpv4.Infinite {
		return infinite, ok
	}
	d = seconds(s)
	return d, ok && d >= minLease
}

// terms returns the times of a lease of that length, which counts from when it was
// asked for (RFC 2131 §4.4.1).
func (c *Client) terms(now, length time.Duration, m dhcpv4.Message) terms {
	if length == infinite {
		return terms{}
	}
	t1, ok1 := m.RenewalTime()
	t2, ok2 := m.RebindingTime()
	d1, d2 := seconds(t1), seconds(t2)
	// RFC 2131 §4.4.5: the usual times, with some fuzz, where the server has none or
	// they make no sense.
	if !ok2 || d2 >= length || d2 < minTerm {
		d2 = length - length/8 - c.jitter(length/64)
	}
	if !ok1 || d1 > d2 {
		d1 = min(length/2-c.jitter(length/64), d2)
	}
	t := terms{end: c.asked + length}
	t.t1 = min(max(c.asked+d1, now+minTerm), t.end)
	t.t2 = min(max(c.asked+d2, t.t1), t.end)
	return t
}

func seconds(n uint32) time.Duration { return time.Duration(n) * time.Second }
