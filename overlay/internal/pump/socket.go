package pump

import (
	"io"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// A socket is the state around one descriptor. Its goroutines hold mu only
// between their calls of the device.
type socket struct {
	dev netdev.Netdever
	fd  int
	typ int

	mu     sync.Mutex
	change sync.Cond // any of the fields below
	notify func()
	closed bool

	local, remote netip.AddrPort

	connecting bool
	connected  *error // the outcome, until connect returns it

	rx        ring
	datagrams []datagram
	queued    int // bytes in datagrams
	receiving bool
	recvErr   error

	tx       ring
	sending  bool
	sendErr  error
	finish   bool // shut down for writing once tx is empty
	discard  bool // SO_LINGER 0: Close drops tx
	sendStop time.Time

	conns     []conn
	accepting bool
	acceptErr error
}

type datagram struct {
	data []byte
	from netip.AddrPort
}

type conn struct {
	fd   int
	peer netip.AddrPort
}

func newSocket(dev netdev.Netdever, fd, typ int) *socket {
	s := &socket{dev: dev, fd: fd, typ: typ}
	s.change.L = &s.mu
	return s
}

// changed tells the waiting goroutines, and whoever polls. s.mu is held, and is
// not while notify runs.
func (s *socket) changed() {
	s.change.Broadcast()
	if f := s.notify; f != nil {
		s.mu.Unlock()
		f()
		s.mu.Lock()
	}
}

// bind asks for an ephemeral port by number where the device could not tell
// which one it chose (RFC 6056).
func (s *socket) bind(addr netip.AddrPort) error {
	_, named := netdev.As[netdev.SockNamer](s.dev)
	if addr.Port() != 0 || named {
		err := s.dev.Bind(s.fd, addr)
		if err == nil {
			s.mu.Lock()
			s.local = addr
			s.mu.Unlock()
		}
		return err
	}
	const first, count, tries = 49152, 16384, 32
	var err error
	for range tries {
		try := netip.AddrPortFrom(addr.Addr(), uint16(first+rand.IntN(count)))
		if err = s.dev.Bind(s.fd, try); err == nil {
			s.mu.Lock()
			s.local = try
			s.mu.Unlock()
			return nil
		}
		if err != netdev.ErrAddrInUse {
			break
		}
	}
	return err
}

// name returns the local address; a wildcard is made definite by the peer.
func (s *socket) name() (netip.AddrPort, error) {
	if n, ok := netdev.As[netdev.SockNamer](s.dev); ok {
		return n.GetSockName(s.fd)
	}
	s.mu.Lock()
	local, remote := s.local, s.remote
	s.mu.Unlock()
	if !local.IsValid() {
		local = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	if remote.IsValid() && local.Addr().IsUnspecified() {
		return netip.AddrPortFrom(s.source(remote.Addr()), local.Port()), nil
	}
	return local, nil
}

// source is the address that peer is reached from.
func (s *socket) source(peer netip.Addr) netip.Addr {
	if peer.IsLoopback() {
		return peer
	}
	addr, err := s.dev.Addr()
	if err != nil {
		return netip.IPv4Unspecified()
	}
	return addr
}

// accepted returns the local address of a connection from peer.
func (s *socket) accepted(peer netip.AddrPort) netip.AddrPort {
	s.mu.Lock()
	local := s.local
	s.mu.Unlock()
	if local.Addr().IsUnspecified() {
		return netip.AddrPortFrom(s.source(peer.Addr()), local.Port())
	}
	return local
}

func (s *socket) connect(host string, addr netip.AddrPort) error {
	s.mu.Lock()
	switch {
	case s.connecting:
		s.mu.Unlock()
		return netdev.ErrInProgress
	case s.connected != nil:
		err := *s.connected
		s.connected = nil
		s.mu.Unlock()
		return err
	}
	bound := s.local.IsValid()
	s.mu.Unlock()
	if _, named := netdev.As[netdev.SockNamer](s.dev); !named && !bound {
		// Only then the local port is known. A device that cannot bind a
		// client connects without.
		any := netip.IPv4Unspecified()
		if addr.Addr().Is6() {
			any = netip.IPv6Unspecified()
		}
		s.bind(netip.AddrPortFrom(any, 0))
	}
	if s.typ != netdev.SOCK_STREAM {
		err := s.dev.Connect(s.fd, host, addr)
		if err == nil {
			s.mu.Lock()
			s.remote = addr
			s.mu.Unlock()
		}
		return err
	}
	s.mu.Lock()
	s.connecting = true
	s.mu.Unlock()
	go func() {
		err := s.dev.Connect(s.fd, host, addr)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.connecting, s.connected = false, &err
		if err == nil {
			s.remote = addr
		}
		s.changed()
	}()
	return netdev.ErrInProgress
}

func (s *socket) accept() (conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) > 0 {
		c := s.conns[0]
		s.conns = s.conns[1:]
		s.change.Broadcast()
		return c, nil
	}
	if err := s.acceptErr; err != nil {
		s.acceptErr = nil
		return conn{}, err
	}
	if !s.accepting {
		s.accepting = true
		go s.acceptLoop()
	}
	return conn{}, netdev.ErrWouldBlock
}

func (s *socket) acceptLoop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for len(s.conns) >= acceptAhead && !s.closed {
			s.change.Wait()
		}
		if s.closed {
			return
		}
		s.mu.Unlock()
		fd, peer, err := s.dev.Accept(s.fd)
		s.mu.Lock()
		switch {
		case err != nil:
			s.accepting, s.acceptErr = false, err
			s.changed()
			return
		case s.closed:
			s.dev.Close(fd)
			return
		}
		s.conns = append(s.conns, conn{fd, peer})
		s.changed()
	}
}

func (s *socket) poll() netdev.PollEvents {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ev netdev.PollEvents
	if len(s.conns) > 0 || s.acceptErr != nil || s.rx.n > 0 || len(s.datagrams) > 0 || s.recvErr != nil {
		ev |= netdev.PollIn
	}
	if !s.connecting && (s.tx.n < streamBuffer || s.sendErr != nil) {
		ev |= netdev.PollOut
	}
	if s.sendErr != nil || s.recvErr != nil && s.recvErr != io.EOF {
		ev |= netdev.PollErr
	}
	return ev
}

func (s *socket) shutdown(how int) error {
	d, ok := netdev.As[netdev.Shutdowner](s.dev)
	if !ok {
		return netdev.ErrNotSupported
	}
	if how == netdev.SHUT_RD || how == netdev.SHUT_RDWR {
		if err := d.Shutdown(s.fd, netdev.SHUT_RD); err != nil {
			return err
		}
		s.mu.Lock()
		s.recvErr = io.EOF
		s.changed()
		s.mu.Unlock()
		if how == netdev.SHUT_RD {
			return nil
		}
	}
	s.mu.Lock()
	if s.tx.n > 0 {
		s.finish = true // sendLoop does it after the last byte
		s.mu.Unlock()
		return nil
	}
	s.mu.Unlock()
	return d.Shutdown(s.fd, netdev.SHUT_WR)
}

// close closes the device's socket when all that send took is sent.
func (s *socket) close() error {
	s.mu.Lock()
	s.closed = true
	s.sendStop = time.Now().Add(flushLimit)
	s.changed()
	for _, c := range s.conns {
		s.dev.Close(c.fd)
	}
	s.conns = nil
	if s.discard {
		s.tx.n = 0
	}
	if s.sending {
		// sendLoop closes the socket when it ends, in any case.
		timer := time.AfterFunc(flushWait, s.change.Broadcast)
		defer timer.Stop()
		until := time.Now().Add(flushWait)
		for s.sending && time.Now().Before(until) {
			s.change.Wait()
		}
		s.mu.Unlock()
		return nil
	}
	s.mu.Unlock()
	return s.dev.Close(s.fd)
}
