package stack

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/checksum"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
	wiretcp "github.com/netdev-go/netdev/wire/tcp"
	"github.com/netdev-go/netdev/wire/udp"
)

// Forward makes a stack the gateway of its network: it takes packets to any
// unicast address for its own, while ARP answers for its own address alone.
// Connections are [Stack.ListenAny]'s. The functions are called without a lock
// and must not block; a payload is theirs during the call.
type Forward struct {
	// UDP is given each datagram that no socket is there for.
	UDP func(from, to netip.AddrPort, payload []byte)
	// Echo is given each echo request to an address that is not the stack's.
	Echo func(from, to netip.Addr, id, seq uint16, payload []byte)
}

// forwarded is what Forward is to be told, without the lock.
type forwarded struct {
	from, to netip.AddrPort
	echo     bool
	id, seq  uint16
	payload  []byte
	buf      []byte // that payload is in, if it was put together of fragments
}

// tell keeps f until forward. Calls of the device at the same time have one each.
func (s *Stack) tell(f forwarded) *forwarded {
	p := s.told
	if s.told = nil; p == nil {
		p = new(forwarded)
	}
	*p = f
	return p
}

func (s *Stack) forward(f *forwarded) {
	if f.echo {
		s.config.Forward.Echo(f.from.Addr(), f.to.Addr(), f.id, f.seq, f.payload)
	} else {
		s.config.Forward.UDP(f.from, f.to, f.payload)
	}
	s.lock()
	if f.buf != nil {
		s.whole = f.buf
	}
	*f = forwarded{}
	s.told = f
	s.mu.Unlock()
}

// ListenAny returns a listener on every address and port that nobody else
// listens on. Its connections are accepted before they are answered.
func (s *Stack) ListenAny(backlog int) (sockfd int, err error) {
	s.lock()
	defer s.mu.Unlock()
	if s.stopped {
		return -1, netdev.ErrNetDown
	}
	if s.streams == nil {
		return -1, netdev.ErrProtocolNotSupported
	}
	k := &socket{stype: netdev.SOCK_STREAM, protocol: netdev.IPPROTO_TCP, flags: anywhere}
	k.local = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	if err := s.table.add(k); err != nil {
		return -1, err
	}
	if err := s.streams.listen(k, backlog, tcp.Options{Deferred: true}); err != nil {
		s.table.remove(k)
		return -1, err
	}
	return k.fd, nil
}

// AcceptAny waits for a connection request, and returns a descriptor for it, who
// sent it and whom it is meant for. It is to be given to Answer, Refuse or Reset.
func (s *Stack) AcceptAny(sockfd int, deadline time.Time) (fd int, from, to netip.AddrPort, err error) {
	s.lock()
	fd, conn := -1, (*tcp.Conn)(nil)
	k, err := s.use(sockfd)
	if err == nil && !k.has(anywhere) {
		err = netdev.ErrInvalid
	}
	if err == nil && s.expired(deadline) {
		err = netdev.ErrTimeout
	}
	if err == nil {
		fd, conn, err = s.streams.accept(k, deadline)
	}
	if err == nil {
		from, to = conn.Remote, conn.Local
		s.table.get(fd).set(unanswered, true)
	}
	s.flush()
	return fd, from, to, err
}

// request returns the socket of a connection that AcceptAny returned.
func (s *Stack) request(fd int) (*socket, error) {
	k, err := s.use(fd)
	if err == nil && !k.has(unanswered) {
		err = netdev.ErrInvalid
	}
	return k, err
}

// Answer establishes a connection that AcceptAny returned. It can be used as any
// other from then on.
func (s *Stack) Answer(fd int) error {
	s.lock()
	k, err := s.request(fd)
	if err == nil {
		k.flags &^= unanswered
		k.conn.Open(s.now())
	}
	s.flush()
	return err
}

// Refuse tells the peer why there is no connection, and closes fd. ErrHostUnreachable
// and ErrNetUnreachable are ICMP messages, everything else is a reset.
func (s *Stack) Refuse(fd int, cause error) error {
	s.lock()
	k, err := s.request(fd)
	if err == nil {
		now := s.now()
		code, silent := unreachableCode(cause)
		if silent {
			s.refuseByICMP(now, k.conn, code)
		}
		k.conn.Refuse(now, silent)
		k.conn = nil
		s.drop(k)
	}
	s.flush()
	return err
}

// refuseByICMP sends the error about the SYN, as far as errors quote one.
func (s *Stack) refuseByICMP(now time.Duration, c *tcp.Conn, code uint8) {
	var quote [ipv4.HeaderLen + 8]byte
	ip := ipv4.Header{TotalLen: ipv4.HeaderLen + wiretcp.HeaderLen, TTL: 1, Protocol: wiretcp.Protocol, Src: c.Remote.Addr(), Dst: c.Local.Addr()}
	b := quote[ip.Emit(quote[:]):]
	binary.BigEndian.PutUint16(b, c.Remote.Port())
	binary.BigEndian.PutUint16(b[2:], c.Local.Port())
	binary.BigEndian.PutUint32(b[4:], c.PeerISN())
	s.sendErrorAbout(now, ipv4.Packet(quote[:]), s.eth.addr, icmpv4.Unreachable(code))
}

// unreachableCode returns how a router says cause, and false if it is for the host
// itself to say.
func unreachableCode(cause error) (code uint8, ok bool) {
	switch {
	case errors.Is(cause, netdev.ErrHostUnreachable):
		return icmpv4.CodeHostUnreachable, true
	case errors.Is(cause, netdev.ErrNetUnreachable):
		return icmpv4.CodeNetUnreachable, true
	}
	return icmpv4.CodePortUnreachable, false
}

// Reset closes fd, a connection with a reset if it still is one.
func (s *Stack) Reset(fd int) error {
	s.lock()
	k := s.table.get(fd)
	if k == nil {
		s.mu.Unlock()
		return netdev.ErrInvalidSocketFd
	}
	if k.conn != nil {
		k.conn.Abort(s.now())
		k.conn = nil
	}
	s.drop(k)
	s.flush()
	return nil
}

// SendUDPFrom sends a datagram in the name of from. It is ErrWouldBlock where the
// ring has no room for it, as a router drops what it cannot forward.
func (s *Stack) SendUDPFrom(from, to netip.AddrPort, payload []byte) error {
	if !from.Addr().Is4() || !to.Addr().Is4() {
		return netdev.ErrFamilyNotSupported
	}
	s.lock()
	h, err := s.route(to.Addr(), netip.Addr{})
	if err == nil {
		h.src = from.Addr()
		err = s.sendUDP(s.now(), &h, from.Port(), to, defaultTTL, 0, payload)
	}
	s.flush()
	return err
}

// SendEchoReply answers an echo request that Forward was given, in the name of
// from.
func (s *Stack) SendEchoReply(from, to netip.Addr, id, seq uint16, payload []byte) error {
	if !from.Is4() || !to.Is4() {
		return netdev.ErrFamilyNotSupported
	}
	s.lock()
	err := s.sendEchoReply(s.now(), from, to, id, seq, 0, payload)
	s.flush()
	return err
}

// SendUnreachable tells the sender of a datagram that Forward was given why it
// does not arrive: ErrHostUnreachable, ErrNetUnreachable, and by default that
// nobody is at the port.
func (s *Stack) SendUnreachable(from, to netip.AddrPort, payload []byte, cause error) error {
	var header [udp.HeaderLen]byte
	u := udp.Header{SrcPort: from.Port(), DstPort: to.Port(), Length: uint16(udp.HeaderLen + len(payload))}
	u.Emit(header[:])
	return s.sendUnreachable(from.Addr(), to.Addr(), udp.Protocol, header, payload, cause)
}

// SendEchoUnreachable is SendUnreachable for an echo request that Forward was
// given. The cause by default is that the host cannot be reached.
func (s *Stack) SendEchoUnreachable(from, to netip.Addr, id, seq uint16, payload []byte, cause error) error {
	if _, ok := unreachableCode(cause); !ok {
		cause = netdev.ErrHostUnreachable // hosts have no ports for echo
	}
	var header [icmpv4.HeaderLen]byte
	h := icmpv4.Echo(id, seq)
	h.Emit(header[:])
	icmpv4.Message(header[:]).FillChecksumParts(checksum.Of(payload))
	return s.sendUnreachable(from, to, icmpv4.Protocol, header, payload, cause)
}

// sendUnreachable quotes a packet that is gone, but for its payload.
func (s *Stack) sendUnreachable(from, to netip.Addr, protocol uint8, header [8]byte, payload []byte, cause error) error {
	if !from.Is4() || !to.Is4() {
		return netdev.ErrFamilyNotSupported
	}
	if len(payload) > ipv4.MaxLen-ipv4.HeaderLen-len(header) {
		return netdev.ErrMessageTooLong
	}
	var quote [icmpv4.MaxQuoteLen]byte
	ip := ipv4.Header{TotalLen: ipv4.HeaderLen + len(header) + len(payload), TTL: 1, Protocol: protocol, Src: from, Dst: to}
	n := ip.Emit(quote[:])
	n += copy(quote[n:], header[:])
	n += copy(quote[n:], payload)
	code, byRouter := unreachableCode(cause)
	s.lock()
	source := to
	if byRouter {
		source = s.eth.addr // of a router on the way
	}
	s.sendErrorAbout(s.now(), ipv4.Packet(quote[:n]), source, icmpv4.Unreachable(code))
	s.flush()
	return nil
}
