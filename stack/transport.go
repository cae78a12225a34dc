package stack

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/internal/icmp"
	"github.com/netdev-go/netdev/stack/tcp"
)

// transport is the part TCP.
type transport struct{ s *Stack }

func (t transport) input(now time.Duration, src, dst netip.Addr, segment []byte) bool {
	return t.s.engine.Input(now, src, dst, segment)
}

func (t transport) owes() bool { return t.s.engine.Owes() }

func (t transport) output(long bool) {
	if t.s.engine.Pending() {
		t.s.outputTCP(t.s.now(), long)
	}
}

// settle tells who waits what has become ready.
func (t transport) settle() {
	for {
		c, l := t.s.engine.Woken()
		if c == nil && l == nil {
			return
		}
		t.s.woken(c, l)
	}
}

func (t transport) deadline() time.Duration { return t.s.engine.Deadline() }

func (t transport) advance(now time.Duration) {
	if e := t.s.engine; due(e.Deadline(), now) {
		e.Advance(now)
	}
}

func (t transport) counters() tcp.Counters { return t.s.engine.Counters }

// unreachable tells a connection of an ICMP error about its segment, whose first 8
// bytes b has.
func (t transport) unreachable(now time.Duration, f icmp.Fault, src, dst netip.Addr, b []byte) {
	s := t.s
	local, remote := quotedPorts(src, dst, b)
	seq := uint32(b[4])<<24 | uint32(b[5])<<16 | uint32(b[6])<<8 | uint32(b[7])
	believed := s.engine.Counters.PMTUReduced
	// Like Linux, and for the sake of who has another address to try: an attempt to
	// connect ends with any word that there is no way (RFC 5461 §3).
	hard := f.Hard || isNoWay(f.Err)
	s.engine.Unreachable(now, local, remote, seq, f.Err, hard, f.MTU)
	if f.MTU != 0 && s.engine.Counters.PMTUReduced != believed {
		s.eth.paths.Reduce(now, dst, f.MTU, s.eth.mtu)
	}
}

func (t transport) connect(ctx context.Context, k *socket, peer netip.AddrPort) error {
	return t.s.connectStream(ctx, k, peer)
}

func (t transport) send(k *socket, buf []byte) (int, error) { return t.s.sendStream(k, buf) }

func (t transport) recv(k *socket, buf []byte, flags int) (int, error) {
	return t.s.recvStream(k, buf, flags)
}

func (t transport) ready(k *socket) netdev.PollEvents { return k.streamReady() }

func (t transport) shutdown(now time.Duration, c *tcp.Conn, how int) {
	if how != netdev.SHUT_WR {
		c.CloseRead(now)
	}
	if how != netdev.SHUT_RD {
		c.CloseWrite(now)
	}
}

// detach takes its connection or its listener from a socket.
func (t transport) detach(now time.Duration, k *socket, state uint16) {
	switch {
	case k.listener != nil:
		k.listener.Close(now)
	case k.conn != nil && k.has(unanswered):
		k.conn.Refuse(now, false)
	case k.conn != nil && state == down:
		k.conn.Abort(now)
	case k.conn != nil:
		k.conn.Close(now)
	}
}

func (t transport) setOption(k *socket, opt int, value any) error {
	return t.s.setTCPOption(k, opt, value)
}

func (t transport) option(k *socket, opt int) any { return k.getTCPOption(t.s, opt) }

func (t transport) setOptions(k *socket, o tcp.Options) { t.s.setStreamOptions(k, o) }
