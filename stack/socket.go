package stack

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

// What became of a socket.
const (
	open   uint16 = 0
	down   uint16 = 1 << 14 // the network went away; the descriptor is still to be closed
	closed uint16 = 1 << 15
	states        = down | closed // among a socket's flags
)

// Flags of a socket.
const (
	nonblock   uint16 = 1 << iota
	bound             // has a local port of its own
	reuseAddr         // SO_REUSEADDR
	reusePort         // SO_REUSEPORT
	shutRead          // by Shutdown
	shutWrite         // by Shutdown
	sending           // a Send on a stream is halfway through
	announce          // stands in the list of those to be announced
	starved           // waits for room in the ring
	connected         // Connect has told its outcome
	errorTold         // SO_ERROR has told what ended the connection
	anywhere          // ListenAny's
	unanswered        // AcceptAny's
	toldOfData        // woken for a datagram, and has not taken any since
)

// A socket is what a descriptor stands for. One struct does for all types, with
// what only some of them need behind a pointer.
type socket struct {
	fd       int
	flags    uint16 // and its state
	stype    uint8
	protocol uint8

	local netip.AddrPort // as far as it is known; of a stream that has conn it is that one's

	next    *socket // in its ports' chain, or among the raw ones
	waiters *waiter
	notify  func()
	queued  *socket // next to be announced

	conn     *tcp.Conn
	listener *tcp.Listener
	options  *tcp.Options // of a stream that has no conn
	dgram    *dgram       // of a datagram or raw socket
}

func (k *socket) slot() int            { return k.fd & slotMask }
func (k *socket) state() uint16        { return k.flags & states }
func (k *socket) has(flag uint16) bool { return k.flags&flag != 0 }
func (k *socket) isStream() bool       { return k.stype == netdev.SOCK_STREAM }
func (k *socket) set(f uint16, on bool) {
	if k.flags &^= f; on {
		k.flags |= f
	}
}

// ended is what a call in flight returns once the socket is no longer open.
func (k *socket) ended() error {
	switch k.state() {
	case down:
		return netdev.ErrNetDown
	case closed:
		return netdev.ErrClosed
	}
	return nil
}

// use returns the socket of a descriptor.
func (s *Stack) use(fd int) (*socket, error) {
	k := s.table.get(fd)
	switch {
	case k == nil:
		return nil, netdev.ErrInvalidSocketFd
	case k.state() == down:
		return nil, netdev.ErrNetDown
	}
	return k, nil
}

// Socket returns a new descriptor: a TCP stream, a UDP socket, or a raw one that
// hears an IPv4 protocol. IPv6 is ErrFamilyNotSupported.
func (s *Stack) Socket(domain, stype, protocol int) (int, error) {
	if domain != netdev.AF_INET {
		return -1, netdev.ErrFamilyNotSupported
	}
	switch {
	case stype == netdev.SOCK_STREAM && s.streams != nil && (protocol == 0 || protocol == netdev.IPPROTO_TCP):
		protocol = netdev.IPPROTO_TCP
	case stype == netdev.SOCK_DGRAM && (protocol == 0 || protocol == netdev.IPPROTO_UDP):
		protocol = netdev.IPPROTO_UDP
	case stype == netdev.SOCK_RAW && protocol > 0 && protocol < 0xFF && protocol != netdev.IPPROTO_TLS:
	default:
		return -1, netdev.ErrProtocolNotSupported
	}
	k := &socket{stype: uint8(stype), protocol: uint8(protocol)}
	if stype != netdev.SOCK_STREAM {
		k.dgram = newDgram(s.config.RecvBuffer)
	}
	s.lock()
	defer s.mu.Unlock()
	if s.stopped {
		return -1, netdev.ErrNetDown
	}
	if err := s.table.add(k); err != nil {
		return -1, err
	}
	if stype == netdev.SOCK_RAW {
		k.next, s.raw = s.raw, k
	}
	return k.fd, nil
}

// Close gives the descriptor back. Data that Send has taken is still delivered.
func (s *Stack) Close(sockfd int) error {
	s.lock()
	k := s.table.get(sockfd)
	if k == nil {
		s.mu.Unlock()
		return netdev.ErrInvalidSocketFd
	}
	s.drop(k)
	s.flush()
	return nil
}

// drop closes a socket.
func (s *Stack) drop(k *socket) {
	s.detach(k, closed)
	s.table.remove(k)
}

// detach takes everything from a socket but its number, and wakes all calls.
func (s *Stack) detach(k *socket, state uint16) {
	if k.state() == open {
		now := s.now()
		if k.isStream() {
			s.streams.detach(now, k, state)
		}
		if k.dgram != nil {
			s.releaseDgram(k)
		}
		s.unbind(k)
	}
	k.conn, k.listener = nil, nil
	k.flags = k.flags&^states | state
	s.wake(k, readable|writable|turn)
}
