package rtl8720dn

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// What lwIP has been compiled with.
const (
	maxSockets = 10 // MEMP_NUM_NETCONN
	tcpMSS     = 1436
	tcpBuffer  = 5744 // TCP_SND_BUF, TCP_WND
	acceptMbox = 6    // connections that wait for accept, at most
	udpBuffer  = 8832 // six datagrams that wait to be received
)

// lwip is the state of the sockets, of the server task alone.
type lwip struct {
	netifs  [2]netif
	dns     [2]netip.Addr
	sockets [maxSockets]*socket
	errno   int32 // of the last call that failed

	// junk is what memory that nobody has written to begins with: what was there
	// before.
	junk byte

	// freed is how long the data of the last call with some was, as it stands in
	// memory that the next one gets.
	freed int

	received []byte // room for what is received
}

// A socket is one of lwIP's, on a descriptor of the Network.
type socket struct {
	fd         int
	stype      int
	nonblock   bool
	connecting bool           // to peer, without waiting
	to         netip.AddrPort // whom it is connecting to
	connected  bool
	listening  bool
	err        int32         // what SO_ERROR tells first: of the last call
	last       int32         // what has become of the connection, as lwIP's last_err
	recvTime   time.Duration // SO_RCVTIMEO; 0 is without end
	sendTime   time.Duration // SO_SNDTIMEO
}

// fail makes a call return -1. k may be nil.
func (s *session) fail(k *socket, errno int32) int32 {
	s.lwip.errno = errno
	if k != nil {
		k.err = errno
	}
	return -1
}

// done makes a call return n. errno stays what it was, as in lwIP.
func done(k *socket, n int) int32 {
	k.err = 0
	return int32(n)
}

// socket returns the socket of that number, or nil and errno set.
func (s *session) socket(n int32) *socket {
	if n < 0 || n >= maxSockets || s.lwip.sockets[n] == nil {
		s.fail(nil, eBadF)
		return nil
	}
	return s.lwip.sockets[n]
}

// add gives a descriptor of the Network the lowest free number, or -1.
func (s *session) add(fd, stype int) int32 {
	for i, k := range s.lwip.sockets {
		if k == nil {
			if !s.keep(fd) {
				return -1
			}
			s.lwip.sockets[i] = &socket{fd: fd, stype: stype}
			s.limit(fd, stype)
			return int32(i)
		}
	}
	s.network.Close(fd)
	return s.fail(nil, eNFile)
}

// limit gives a socket the buffers of lwIP.
func (s *session) limit(fd, stype int) {
	switch stype {
	case netdev.SOCK_DGRAM:
		s.network.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, udpBuffer)
	case netdev.SOCK_STREAM:
		s.network.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_MAXSEG, tcpMSS)
		s.network.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_SNDBUF, tcpBuffer)
		s.network.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, tcpBuffer)
	}
}

// open is socket(): on the wire its numbers are those of the contract.
func (s *session) open(domain, stype, protocol int32) int32 {
	if domain != netdev.AF_INET {
		return s.fail(nil, eProtoNoSupp)
	}
	if s.full() {
		return s.fail(nil, eNFile)
	}
	fd, err := s.network.Socket(netdev.AF_INET, int(stype), int(protocol))
	if err != nil {
		return s.fail(nil, errnoOf(err))
	}
	return s.add(fd, int(stype))
}

func (s *session) full() bool {
	for _, k := range s.lwip.sockets {
		if k == nil {
			return false
		}
	}
	return true
}

func (s *session) close(n int32) int32 {
	k := s.socket(n)
	if k == nil {
		return -1
	}
	s.lwip.sockets[n] = nil
	s.release(k.fd)
	return 0
}

// A sockaddr is length, family, port and address, the last two in network order,
// and eight zeros.
const sockaddrSize = 16

func parseSockaddr(b []byte) (netip.AddrPort, bool) {
	if len(b) < 8 || b[1] != netdev.AF_INET {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), binary.BigEndian.Uint16(b[2:])), true
}

func sockaddr(a netip.AddrPort) (b [sockaddrSize]byte) {
	b[0], b[1] = sockaddrSize, netdev.AF_INET
	binary.BigEndian.PutUint16(b[2:], a.Port())
	if addr := a.Addr().Unmap(); addr.Is4() {
		ip := addr.As4()
		copy(b[4:], ip[:])
	}
	return b
}

// deadline is when a call that waits for as long as d gives up.
func deadline(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}
