package stack

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
)

// Listen makes a stream socket a listener. One that was not bound gets a port of
// its own. On a listener it changes the backlog.
func (s *Stack) Listen(sockfd, backlog int) error {
	s.lock()
	defer s.mu.Unlock()
	k, err := s.use(sockfd)
	switch {
	case err != nil:
		return err
	case !k.isStream():
		return netdev.ErrNotSupported
	case k.conn != nil:
		return netdev.ErrInvalid
	case k.listener != nil:
		k.listener.SetBacklog(max(backlog, 1))
		return nil
	}
	if !k.has(bound) {
		if err := s.bind(k, netip.AddrPortFrom(netip.IPv4Unspecified(), 0)); err != nil {
			return err
		}
	}
	// Sharing a port ends with the first listener, whose address another's may contain.
	if s.tcp.taken(k, k.local) {
		return netdev.ErrAddrInUse
	}
	return s.streams.listen(k, backlog, k.streamOptions())
}

func (t transport) listen(k *socket, backlog int, o tcp.Options) error {
	s := t.s
	l, err := s.engine.Listen(k.local, max(backlog, 1), o)
	if err != nil {
		return err
	}
	l.Owner = int32(k.slot())
	k.listener = l
	return nil
}

// Accept returns the next connection that is still alive. If the stack has no
// descriptors left it returns ErrNoMoreSockets, and the connection stays in the
// backlog.
func (s *Stack) Accept(sockfd int) (int, netip.AddrPort, error) {
	s.lock()
	k, err := s.use(sockfd)
	fd, conn := -1, (*tcp.Conn)(nil)
	if err == nil && !k.isStream() {
		err = netdev.ErrNotSupported
	}
	if err == nil {
		fd, conn, err = s.streams.accept(k, time.Time{})
	}
	var from netip.AddrPort
	if err == nil {
		from = conn.Remote
	}
	s.flush()
	return fd, from, err
}

// accept waits for a connection, and gives it a socket.
func (t transport) accept(k *socket, deadline time.Time) (int, *tcp.Conn, error) {
	s := t.s
	if k.listener == nil {
		return -1, nil, netdev.ErrInvalid
	}
	a := s.attempt(k, readable, 0, deadline)
	defer a.end()
	for {
		if k.listener.Ready() {
			if s.table.full() {
				return -1, nil, netdev.ErrNoMoreSockets
			}
			if conn := k.listener.Accept(s.now()); conn != nil {
				n := &socket{stype: netdev.SOCK_STREAM, protocol: netdev.IPPROTO_TCP, conn: conn, flags: connected}
				if err := s.table.add(n); err != nil {
					conn.Abort(s.now())
					return -1, nil, err
				}
				conn.Owner = int32(n.slot())
				return n.fd, conn, nil
			}
		}
		if err := a.wait(); err != nil {
			return -1, nil, err
		}
	}
}
