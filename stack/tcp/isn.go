package tcp

import (
	"net/netip"
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// What an end's hash is for; each use has its own.
const (
	forISN uint64 = iota << 32
	forTimestamp
	forCookie
	forCookieHash
)

// isn returns the initial sequence number of RFC 6528: a clock that ticks every 4 µs,
// displaced by a hash of the two ends.
func (e *Engine) isn(now time.Duration, local, remote netip.AddrPort) wire.Seq {
	return wire.Seq(uint32(now/(4*time.Microsecond)) + uint32(e.secret.tuple(local, remote, forISN)))
}

// timestampTick is the period of the timestamp clock. RFC 7323 §5.4 wants 1 ms to 1 s.
const timestampTick = time.Millisecond

// timestampOffset displaces the timestamp clock. It is the same for all connections
// between two addresses, so that a new one shows later times than one in TIME-WAIT.
func (e *Engine) timestampOffset(local, remote netip.Addr) uint32 {
	return uint32(e.secret.tuple(netip.AddrPortFrom(local, 0), netip.AddrPortFrom(remote, 0), forTimestamp))
}

func tick(now time.Duration) uint32 { return uint32(now / timestampTick) }
