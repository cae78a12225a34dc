package rtl8720dn

import (
	"net/netip"

	"github.com/netdev-go/netdev"
)

func (s *session) bind(n int32, name []byte) int32 {
	k := s.socket(n)
	if k == nil {
		return -1
	}
	addr, ok := parseSockaddr(name)
	if !ok {
		return s.fail(k, eInval)
	}
	if err := s.network.Bind(k.fd, addr); err != nil {
		return s.fail(k, errnoOf(err))
	}
	return done(k, 0)
}

func (s *session) listen(n, backlog int32) int32 {
	k := s.socket(n)
	switch {
	case k == nil:
		return -1
	case k.stype != netdev.SOCK_STREAM:
		return s.fail(k, eOpNotSupp)
	}
	if err := s.network.Listen(k.fd, min(max(int(backlog), 1), acceptMbox)); err != nil {
		return s.fail(k, errnoOf(err))
	}
	k.listening = true
	return done(k, 0)
}

// accept waits for a peer, and holds the chip.
func (s *session) accept(n int32) int32 {
	k := s.socket(n)
	switch {
	case k == nil:
		return -1
	case !k.listening:
		return s.fail(k, eInval)
	case s.full():
		return s.fail(k, eNFile)
	}
	if s.network.SetNonblock(k.fd, k.nonblock) != nil {
		return s.fail(k, eBadF)
	}
	fd, _, err := s.network.Accept(k.fd)
	if err != nil {
		return s.fail(k, errnoOf(err))
	}
	child := s.add(fd, netdev.SOCK_STREAM)
	if child >= 0 {
		s.lwip.sockets[child].connected = true
		k.err = 0
	}
	return child
}

// connect waits for the peer, unless the socket does not block.
func (s *session) connect(n int32, name []byte) int32 {
	k := s.socket(n)
	if k == nil {
		return -1
	}
	to, ok := parseSockaddr(name)
	switch {
	case !ok:
		return s.fail(k, eInval)
	case k.stype != netdev.SOCK_STREAM:
		if err := s.network.Connect(k.fd, "", to); err != nil {
			return s.fail(k, errnoOf(err))
		}
		return done(k, 0)
	case s.connectDone(k):
		return s.fail(k, eIsConn)
	case k.connecting:
		return s.fail(k, eAlready)
	case k.last != 0:
		return s.fail(k, eNotConn) // lwIP has no connection any more
	case !to.Addr().IsValid() || to.Port() == 0:
		return s.fail(k, eHostUnreach)
	}
	if s.network.SetNonblock(k.fd, k.nonblock) != nil {
		return s.fail(k, eBadF)
	}
	switch err := s.network.ConnectContext(s.ctx, k.fd, "", to); err {
	case nil:
		k.connected = true
		return done(k, 0)
	case netdev.ErrInProgress:
		k.connecting, k.to, k.last = true, to, eInProgress
		return s.fail(k, eInProgress)
	default:
		k.last = errnoOf(err)
		return s.fail(k, k.last)
	}
}

// connectDone reports whether k is connected, after it has asked what has become of
// an attempt that nobody waits for.
func (s *session) connectDone(k *socket) bool {
	if k.connecting {
		events, err := s.network.Poll(k.fd)
		if err == nil && events&(netdev.PollOut|netdev.PollErr|netdev.PollHup) != 0 {
			err = s.network.Connect(k.fd, "", k.to)
			if err != netdev.ErrInProgress {
				k.connecting = false
				k.connected = err == nil
				if k.last = 0; err != nil {
					k.last = errnoOf(err)
				}
			}
		}
	}
	return k.connected
}

func (s *session) shutdown(n, how int32) int32 {
	k := s.socket(n)
	switch {
	case k == nil:
		return -1
	case k.stype != netdev.SOCK_STREAM:
		return s.fail(k, eOpNotSupp)
	case how < netdev.SHUT_RD || how > netdev.SHUT_RDWR:
		return s.fail(k, eInval)
	}
	if err := s.network.Shutdown(k.fd, int(how)); err != nil {
		return s.fail(k, errnoOf(err))
	}
	return done(k, 0)
}

// name is of a firmware that passes lwIP a length which nobody has set: lwIP copies
// as much of the address as that says.
func (s *session) name(n int32, of func(fd int) (netip.AddrPort, error)) (b [sockaddrSize]byte, r int32) {
	k := s.socket(n)
	if k == nil {
		return b, -1
	}
	addr, err := of(k.fd)
	if err != nil {
		return b, s.fail(k, errnoOf(err))
	}
	name := sockaddr(addr)
	switch s.chip.config.Names {
	case NamesHeap:
		copy(b[:min(s.lwip.freed, len(b))], name[:])
	case NamesTrue:
		b = name
	case NamesByLot:
		if s.lot.IntN(2) == 0 {
			b = name
		}
	}
	return b, done(k, 0)
}
