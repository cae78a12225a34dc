package rtl8720dn

import (
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Flags of lwIP.
const (
	msgPeek     = 0x01
	msgDontWait = 0x08
)

// write hands data to the Network. A socket that blocks holds the chip until all is
// taken.
func (s *session) write(n int32, b []byte, flags int32, to netip.AddrPort) int32 {
	k := s.socket(n)
	if k == nil {
		return -1
	}
	if k.stype == netdev.SOCK_STREAM {
		to = netip.AddrPort{}
		if !s.connectDone(k) {
			if k.connecting {
				return s.fail(k, eInProgress)
			}
			return s.fail(k, eNotConn)
		}
		if k.last != 0 {
			return s.fail(k, k.last)
		}
	}
	f := 0
	if k.nonblock || flags&msgDontWait != 0 {
		f = netdev.MSG_DONTWAIT
	}
	m, err := s.network.SendTo(k.fd, b, f, to, deadline(k.sendTime))
	switch {
	case m > 0 || err == nil:
		return done(k, m)
	case k.stype == netdev.SOCK_STREAM && !errors.Is(err, netdev.ErrWouldBlock) && !errors.Is(err, netdev.ErrTimeout):
		k.last = errnoOf(err)
	}
	return s.fail(k, errnoOf(err))
}

// read returns what has arrived and who has sent it, or nothing and -1, or 0 after
// the peer's FIN, with which lwIP sets errno too. The bytes are good until the next
// read.
func (s *session) read(n int32, size int, flags int32) (b []byte, from netip.AddrPort, r int32) {
	k := s.socket(n)
	if k == nil {
		return nil, from, -1
	}
	return s.readUntil(k, size, flags, deadline(k.recvTime))
}

func (s *session) readUntil(k *socket, size int, flags int32, until time.Time) (b []byte, from netip.AddrPort, r int32) {
	if k.stype == netdev.SOCK_STREAM {
		switch connected := s.connectDone(k); {
		case k.connecting:
			return nil, from, s.fail(k, eAgain)
		case !connected:
			return nil, from, s.fail(k, eNotConn)
		case k.last != 0:
			return nil, from, s.fail(k, k.last)
		}
	}
	f := 0
	if k.nonblock || flags&msgDontWait != 0 {
		f |= netdev.MSG_DONTWAIT
	}
	if flags&msgPeek != 0 {
		f |= netdev.MSG_PEEK
	}
	if size > cap(s.lwip.received) {
		s.lwip.received = make([]byte, size)
	}
	b = s.lwip.received[:size]
	m, from, err := s.network.RecvFrom(k.fd, b, f, until)
	switch {
	case m > 0 || err == nil:
		if k.stype == netdev.SOCK_STREAM {
			from, _ = s.network.GetPeerName(k.fd)
		}
		if m > 0 {
			s.lwip.junk = b[0]
		}
		return b[:m], from, done(k, m)
	case errors.Is(err, io.EOF):
		s.fail(k, eNotConn)
		return nil, from, 0
	case k.stype == netdev.SOCK_STREAM && !errors.Is(err, netdev.ErrWouldBlock) && !errors.Is(err, netdev.ErrTimeout):
		k.last = errnoOf(err)
	}
	return nil, from, s.fail(k, errnoOf(err))
}

// The times of available.
const (
	availableTries = 20
	availableWait  = 20 * time.Millisecond
)

// available looks for a byte up to twenty times, waits as long for one each time,
// and as long again after each look.
func (s *session) available(n int32) int32 {
	k := s.socket(n)
	if k == nil {
		s.sleep(availableTries * availableWait)
		return -1
	}
	r := int32(-1)
	for try := 0; try < availableTries && r < 0; try++ {
		_, _, r = s.readUntil(k, 1, msgPeek, time.Now().Add(availableWait))
		if !s.sleep(availableWait) {
			break
		}
	}
	return r
}
