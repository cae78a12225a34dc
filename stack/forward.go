package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
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

func (s *Stack) forward(f *forwarded) {
	if f.echo {
		s.config.Forward.Echo(f.from.Addr(), f.to.Addr(), f.id, f.seq, f.payload)
	} else {
		s.config.Forward.UDP(f.from, f.to, f.payload)
	}
	if f.buf != nil {
		s.mu.Lock()
		s.whole = f.buf
		s.mu.Unlock()
	}
}

// ListenAny returns a listener on every address and port that nobody else
// listens on. Its connections are accepted before they are answered.
func (s *Stack) ListenAny(backlog int) (sockfd int, err error) { return -1, netdev.ErrNotSupported }

// AcceptAny waits for a connection request, and returns a descriptor for it, who
// sent it and whom it is meant for. It is to be given to Answer, Refuse or Reset.
func (s *Stack) AcceptAny(sockfd int, deadline time.Time) (fd int, from, to netip.AddrPort, err error) {
	return -1, netip.AddrPort{}, netip.AddrPort{}, netdev.ErrNotSupported
}

// Answer establishes a connection that AcceptAny returned. It can be used as any
// other from then on.
func (s *Stack) Answer(fd int) error { return netdev.ErrNotSupported }

// Refuse tells the peer why there is no connection, and closes fd. ErrConnRefused
// is a reset, ErrHostUnreachable and ErrNetUnreachable are ICMP messages.
func (s *Stack) Refuse(fd int, cause error) error { return netdev.ErrNotSupported }

// Reset resets a connection and closes fd.
func (s *Stack) Reset(fd int) error { return netdev.ErrNotSupported }

// SendUDPFrom sends a datagram in the name of from.
func (s *Stack) SendUDPFrom(from, to netip.AddrPort, payload []byte) error {
	return netdev.ErrNotSupported
}

// SendEchoReply answers an echo request that Forward was given, in the name of
// from.
func (s *Stack) SendEchoReply(from, to netip.Addr, id, seq uint16, payload []byte) error {
	return netdev.ErrNotSupported
}

// SendUnreachable tells the sender of a datagram that Forward was given why it
// does not arrive: ErrConnRefused, ErrHostUnreachable or ErrNetUnreachable.
func (s *Stack) SendUnreachable(from, to netip.AddrPort, payload []byte, cause error) error {
	return netdev.ErrNotSupported
}
