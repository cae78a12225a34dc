package tcp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/checksum"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

const (
	leastMTU  = 552 // what discovery goes down to; below it packets are fragmented
	leastMTU6 = 1280
)

// defaultMSS is what a peer takes that does not say (RFC 9293 §3.7.1).
func defaultMSS(a netip.Addr) uint16 {
	if a.Is4() {
		return 536
	}
	return 1220
}

// headers is the length of an IP header without options and a TCP header without
// options.
func headers(a netip.Addr) int {
	if a.Is4() {
		return 20 + wire.HeaderLen
	}
	return 40 + wire.HeaderLen
}

// setPath finds out what the path takes, and what of the checksum stays the same.
func (c *Conn) setPath() {
	c.pathMTU = uint16(min(c.e.cfg.MTU(c.Remote.Addr()), 0xffff))
	c.pseudo = checksum.Pseudo(c.Local.Addr(), c.Remote.Addr(), wire.Protocol, 0)
	c.peerMSS = defaultMSS(c.Remote.Addr())
	c.setMSS()
}

// ownMSS is the MSS to announce: it is about what we receive, so that nothing the path
// says later changes it.
func (e *Engine) ownMSS(remote netip.Addr, o *Options) uint16 {
	mss := min(e.cfg.MTU(remote), 0xffff) - headers(remote)
	if o.MaxSeg > 0 {
		mss = min(mss, int(o.MaxSeg))
	}
	// A small buffer is used best by segments that divide it, and by two at least, for
	// a lone one is acknowledged late.
	if buffer := e.mayReceive(o); buffer < fewSegments*mss {
		segments := max(2, (buffer+mss-1)/mss)
		mss = min(mss, max(buffer/segments, 256))
	}
	return uint16(max(mss, 64))
}

func (c *Conn) advertisedMSS() uint16 { return c.e.ownMSS(c.Remote.Addr(), c.opt) }

// leastMSS is below anything sensible, but an attacker's offer of 1 is not.
const leastMSS = 48

// setMSS works out how much data goes into a segment.
func (c *Conn) setMSS() {
	mss := min(int(c.peerMSS), int(c.pathMTU)-headers(c.Remote.Addr()))
	if c.opt.MaxSeg > 0 {
		mss = min(mss, int(c.opt.MaxSeg))
	}
	if c.is(blackhole) {
		mss = min(mss, int(defaultMSS(c.Remote.Addr())))
	}
	if c.is(useTimestamps) {
		mss -= timestampsLen
	}
	// For the reason of ownMSS: a small buffer for sending is two segments.
	if most := c.e.mayQueue(c.opt); most < 2*mss {
		mss = most / 2
	}
	c.mss = uint16(max(mss, leastMSS))
	if c.sends() {
		c.tx.congested.SetMSS(int(c.mss))
	}
}

// suspectBlackhole takes to small segments where large ones seem to vanish without a
// word (RFC 4821 §7.7 in little).
func (c *Conn) suspectBlackhole() {
	if c.retries == 4 && !c.is(blackhole) && c.state.synchronized() {
		c.flags |= blackhole
		c.setMSS()
	}
}

// Unreachable takes an ICMP error that came for a segment of ours from local to
// remote with sequence number seq. One that fits nothing under way is ignored (RFC
// 5927). A hard err ends an attempt to connect; everything else is remembered as the
// reason should the connection time out. For "fragmentation needed" err is
// ErrMessageTooLong and mtu what the router said, 0 if it did not.
func (e *Engine) Unreachable(now time.Duration, local, remote netip.AddrPort, seq uint32, err error, hard bool, mtu int) {
	c := e.table.find(local.Addr(), remote.Addr(), local.Port(), remote.Port())
	if c == nil || c.state == StateClosed || c.state == StateTimeWait {
		return
	}
	s := wire.Seq(seq)
	if s.Less(c.sndUna) || !s.Less(c.sndNxt) {
		return
	}
	switch {
	case err == netdev.ErrMessageTooLong:
		c.shrinkPath(now, mtu)
	case hard && (c.state == StateSynSent || c.state == StateSynReceived):
		c.finish(err)
	default:
		c.err = err
	}
}

// shrinkPath is RFC 1191 §6.
func (c *Conn) shrinkPath(now time.Duration, mtu int) {
	least := leastMTU
	if !c.Remote.Addr().Is4() {
		least = leastMTU6
	}
	if mtu <= 0 {
		mtu = lowerPlateau(int(c.pathMTU))
	}
	if mtu < least {
		mtu = least
		c.MayFragment = true
	}
	if mtu >= int(c.pathMTU) {
		return
	}
	c.e.Counters.PMTUReduced++
	c.pathMTU = uint16(mtu)
	c.setMSS()
	if c.state.synchronized() && !c.tx.flight.Empty() {
		// All that is under way was too large; congestion has nothing to do with it.
		observer := c.tx.flight.Observer
		c.tx.flight.Observer = nil
		c.tx.flight.Timeout(now)
		c.tx.flight.Observer = observer
		c.output()
	}
}

// plateaus are the MTUs that there are (RFC 1191 §7).
var plateaus = [...]int{32000, 17914, 8166, 4352, 2002, 1492, 1006, leastMTU}

func lowerPlateau(mtu int) int {
	for _, p := range plateaus {
		if p < mtu {
			return p
		}
	}
	return leastMTU
}
