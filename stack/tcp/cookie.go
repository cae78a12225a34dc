package tcp

import (
	"net/netip"
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A SYN cookie is an ISN that says what SYN-RECEIVED would have to remember: 5 bits of
// time, 3 of an index into cookieMSS, and 24 of a hash of these and the ends, all of it
// hidden by another hash. Window scale and SACK are in the low bits of the timestamp, if
// there is one.

// cookieMSS are the sizes that a cookie can tell.
var cookieMSS = [...]uint16{64, 512, 536, 1024, 1220, 1440, 1460, 8960}

const (
	cookiePeriod = 64 * time.Second
	cookieAge    = 2 // periods that one stays good

	cookieScaleMask = 0xf
	cookieNoScale   = 0xf
	cookieSACK      = 1 << 4
	cookieBits      = 5
)

func cookieTime(now time.Duration) uint32 { return uint32(now/cookiePeriod) & 31 }

// cookieMask hides a cookie.
func (e *Engine) cookieMask(local, remote netip.AddrPort, irs wire.Seq) uint32 {
	return uint32(e.secret.tuple(local, remote, forCookie)) + uint32(irs)
}

// cookie returns a cookie before it is hidden.
func (e *Engine) cookie(local, remote netip.AddrPort, irs wire.Seq, at, index uint32) uint32 {
	head := at<<3 | index
	return head<<24 | uint32(e.secret.tuple(local, remote, forCookieHash|uint64(head)<<40|uint64(irs)))&0xffffff
}

// sendCookie answers a SYN without keeping anything of it.
func (l *Listener) sendCookie(now time.Duration, local, remote netip.AddrPort, in *segment) {
	e := l.e
	mss := defaultMSS(remote.Addr())
	if in.opts.Has&wire.HasMSS != 0 {
		mss = in.opts.MSS
	}
	index := len(cookieMSS) - 1
	for index > 0 && cookieMSS[index] > mss {
		index--
	}
	cookie := e.cookie(local, remote, in.seq, cookieTime(now), uint32(index))
	a := answer{
		Path: Path{Local: local, Remote: remote}, flags: wire.SYN | wire.ACK, ack: in.seq + 1,
		seq: wire.Seq(cookie + e.cookieMask(local, remote, in.seq)),
		has: wire.HasMSS, mss: e.ownMSS(remote.Addr(), l.opt), window: uint16(min(e.cookieWindow(l.opt), 0xffff)),
	}
	if in.opts.Has&wire.HasTimestamps != 0 {
		bits := uint32(cookieNoScale)
		a.has |= wire.HasTimestamps
		if in.opts.Has&wire.HasWindowScale != 0 {
			bits = uint32(in.opts.WindowScale)
			a.has |= wire.HasWindowScale
			a.scale = scaleFor(e.mayReceive(l.opt))
		}
		if in.opts.Has&wire.HasSACKPermitted != 0 {
			bits |= cookieSACK
			a.has |= wire.HasSACKPermitted
		}
		val := tick(now) + e.timestampOffset(local.Addr(), remote.Addr())
		// Not later than the clock, or a later segment would look older.
		if a.tsVal = val&^(1<<cookieBits-1) | bits; int32(a.tsVal-val) > 0 {
			a.tsVal -= 1 << cookieBits
		}
		a.tsEcr = in.opts.TSVal
	}
	l.cookieAt = now
	e.Counters.SyncookiesSent++
	e.reply(a)
}

// isCookie tells whether in acknowledges a cookie of ours, and which size that tells.
func (l *Listener) isCookie(now time.Duration, local, remote netip.AddrPort, in *segment) (mss uint16, ok bool) {
	if l.cookieAt == 0 || now-l.cookieAt > (cookieAge+1)*cookiePeriod {
		return 0, false
	}
	e := l.e
	irs, isn := in.seq-1, in.ack-1
	cookie := uint32(isn) - e.cookieMask(local, remote, irs)
	at, index := cookie>>27, cookie>>24&7
	if (cookieTime(now)-at)&31 > cookieAge || cookie != e.cookie(local, remote, irs, at, index) {
		e.Counters.SyncookiesFailed++
		return 0, false
	}
	return cookieMSS[index], true
}

// takeCookie makes a connection of the ACK of a cookie, and returns false where it is
// none of ours.
func (l *Listener) takeCookie(now time.Duration, local, remote netip.AddrPort, in *segment) bool {
	mss, ok := l.isCookie(now, local, remote, in)
	if !ok {
		return false
	}
	e := l.e
	irs, isn := in.seq-1, in.ack-1
	if l.ready.n >= l.backlog {
		e.Counters.ListenOverflows++
		e.Counters.ListenDrops++
		return true
	}
	// What the SYN had said, as far as it is known.
	syn := segment{seq: irs, window: in.window, flags: wire.SYN}
	syn.opts.Has, syn.opts.MSS = wire.HasMSS, mss
	if in.opts.Has&wire.HasTimestamps != 0 {
		bits := in.opts.TSEcr
		syn.opts.Has |= wire.HasTimestamps
		syn.opts.TSVal = in.opts.TSVal
		if scale := bits & cookieScaleMask; scale != cookieNoScale {
			syn.opts.Has |= wire.HasWindowScale
			syn.opts.WindowScale = uint8(scale)
		}
		if bits&cookieSACK != 0 {
			syn.opts.Has |= wire.HasSACKPermitted
		}
	}
	c := l.make(now, local, remote, &syn)
	if c == nil {
		e.Counters.ListenDrops++
		return true
	}
	e.Counters.SyncookiesRecv++
	c.sndUna, c.sndNxt = isn, isn+1
	c.sndSmall, c.sndWl2 = isn, isn
	c.tsOffset = e.timestampOffset(local.Addr(), remote.Addr())
	c.rcvEdge = c.rcvNxt.Add(min(e.cookieWindow(l.opt), 0xffff))
	c.arrive(now, in)
	return true
}

// cookieWindow is the window that a SYN cookie announces.
func (e *Engine) cookieWindow(o *Options) int {
	if o.RecvBuffer > 0 {
		return min(o.RecvBuffer, e.cfg.MaxRecvBuffer)
	}
	return e.cfg.RecvBuffer
}
