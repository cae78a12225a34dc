//go:build !tinygo

package gonet

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// A socket becomes a connection, a listener or a datagram socket of Go's net.
type socket struct {
	domain, stype int
	done          chan struct{} // closed when the socket ends
	reading       turn
	writing       turn

	mu         sync.Mutex
	err        error // why it ended: ErrClosed or ErrNetDown
	bound      bool
	listening  bool
	connecting bool
	tcp        *net.TCPConn
	ln         *net.TCPListener
	udp        *net.UDPConn
	peer       netip.AddrPort // of udp
	options    options
	shutRead   bool
	shutWrite  bool
	broken     error // what ended the connection, which the system tells only once
}

func newSocket(domain, stype int) *socket {
	return &socket{
		domain: domain, stype: stype,
		done:    make(chan struct{}),
		reading: make(turn, 1), writing: make(turn, 1),
	}
}

// end closes what the socket has become. Calls in flight return err.
func (s *socket) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return
	}
	s.err = err
	close(s.done)
	if c := s.closer(); c != nil {
		c.Close()
	}
}

func (s *socket) closer() io.Closer {
	switch {
	case s.tcp != nil:
		return s.tcp
	case s.ln != nil:
		return s.ln
	case s.udp != nil:
		return s.udp
	}
	return nil
}

// ended is why the socket ended, or nil.
func (s *socket) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// failed is the error of a call in flight: that of the socket's end where it
// has ended.
func (s *socket) failed(err error) error {
	if ended := s.ended(); ended != nil {
		return ended
	}
	return toError(err)
}

// network returns the name that Go's net has for the socket. One of IPv6 also
// speaks IPv4, unless it is told not to.
func (s *socket) network() string {
	name := "tcp"
	if s.stype == netdev.SOCK_DGRAM {
		name = "udp"
	}
	if s.domain == netdev.AF_INET {
		return name + "4"
	}
	if s.options.v6only {
		return name + "6"
	}
	return name
}

// fit returns addr as the socket's family has it. One that is not valid is the
// wildcard.
func (s *socket) fit(addr netip.AddrPort) (netip.AddrPort, error) {
	ip := addr.Addr().Unmap()
	if s.domain == netdev.AF_INET && ip.Is6() || s.domain == netdev.AF_INET6 && ip.Is4() && s.options.v6only {
		return addr, netdev.ErrFamilyNotSupported
	}
	if !ip.IsValid() {
		ip = netip.IPv4Unspecified()
		if s.domain == netdev.AF_INET6 {
			ip = netip.IPv6Unspecified()
		}
	}
	return netip.AddrPortFrom(ip, addr.Port()), nil
}

// A turn makes calls on one direction of a connection come one after the other.
// A connection of Go's net has one deadline for all of them, and the contract
// one for each.
type turn chan struct{}

func (t turn) take(s *socket, deadline time.Time) error {
	if !deadline.IsZero() && time.Until(deadline) <= 0 {
		return netdev.ErrTimeout
	}
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	var expired <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-expired:
		return netdev.ErrTimeout
	case <-s.done:
		return s.ended()
	}
}

func (t turn) pass() { <-t }
