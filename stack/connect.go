package stack

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/internal/port"
	"github.com/netdev-go/netdev/stack/tcp"
)

// errCancelled is for inside: the context of the call is done.
var errCancelled = errors.New("context done")

// Connect connects a stream, or sets the peer of a datagram socket, which may be
// done again. A name is resolved even in non-blocking mode, and that waits.
func (s *Stack) Connect(sockfd int, host string, ip netip.AddrPort) error {
	return s.ConnectContext(context.Background(), sockfd, host, ip)
}

// ConnectContext is Connect with an end.
func (s *Stack) ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.lock()
	k, err := s.use(sockfd)
	if err == nil && !ip.Addr().IsValid() {
		ip, err = s.resolveFor(ctx, k, host, ip.Port())
	}
	if err == nil {
		ip, err = checkAddr(ip)
	}
	if err != nil {
		s.mu.Unlock()
		return err
	}
	if ip.Addr().IsUnspecified() {
		ip = netip.AddrPortFrom(loopback, ip.Port())
	}
	if k.isStream() {
		err = s.streams.connect(ctx, k, ip)
	} else {
		err = s.connectDatagram(k, ip)
	}
	s.flush()
	return err
}

// resolveFor resolves host for a socket, and ends with it. It gives the lock up
// while it waits.
func (s *Stack) resolveFor(ctx context.Context, k *socket, host string, port uint16) (netip.AddrPort, error) {
	if host == "" {
		return netip.AddrPort{}, netdev.ErrDestAddrRequired
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// A name is a wait for what the socket never becomes ready for.
	w := s.takeWaiter(turn)
	w.cancel = cancel
	k.enqueue(w)
	s.mu.Unlock()
	addrs, err := s.LookupNetIP(ctx, "ip4", host)
	s.lock()
	k.dequeue(w)
	w.cancel = nil
	s.giveWaiter(w)
	if ended := k.ended(); ended != nil {
		return netip.AddrPort{}, ended
	}
	if err != nil {
		return netip.AddrPort{}, err
	}
	return netip.AddrPortFrom(addrs[0], port), nil
}

func (s *Stack) connectDatagram(k *socket, peer netip.AddrPort) error {
	h, err := s.routeFor(k, peer.Addr())
	if err != nil {
		return err
	}
	if !h.local && s.eth.isBroadcast(peer.Addr()) && k.dgram.noBroadcast {
		return netdev.ErrAccess
	}
	if err := s.autobind(k); err != nil {
		return err
	}
	// As on Linux the way there decides which address the socket has from now on.
	if k.local.Addr().IsUnspecified() || !k.local.IsValid() {
		k.local = netip.AddrPortFrom(h.src, k.local.Port())
	}
	k.dgram.remote = peer
	k.dgram.err = nil
	s.dropStrangers(k)
	return nil
}

// connectStream begins to connect, or goes on, and waits for the outcome.
func (s *Stack) connectStream(ctx context.Context, k *socket, peer netip.AddrPort) error {
	if k.listener != nil {
		return netdev.ErrIsConnected
	}
	if k.has(connected) {
		return netdev.ErrIsConnected
	}
	a := s.attempt(k, writable, 0, time.Time{})
	a.ctx = ctx
	defer a.end()
	if k.conn == nil {
		if err := s.dial(k, peer); err != nil {
			return err
		}
	}
	if ctx.Done() != nil && !a.nonblock {
		defer context.AfterFunc(ctx, func() {
			s.lock()
			k.rouse(writable)
			s.mu.Unlock()
		})()
	}
	for {
		if k.conn == nil {
			return netdev.ErrConnAborted // another call has told the outcome
		}
		if done, err := s.outcome(k); done {
			return err
		}
		switch err := a.wait(); err {
		case nil:
		case netdev.ErrWouldBlock:
			return netdev.ErrInProgress
		case errCancelled:
			s.abandon(k)
			return ctx.Err()
		default:
			return err
		}
	}
}

// dial begins a connection.
func (s *Stack) dial(k *socket, peer netip.AddrPort) error {
	dst := peer.Addr()
	if dst.IsMulticast() || s.eth.isBroadcast(dst) {
		return netdev.ErrNetUnreachable
	}
	if peer.Port() == 0 {
		return netdev.ErrConnRefused
	}
	h, err := s.routeFor(k, dst)
	if err != nil {
		return err
	}
	o := tcp.Options{}
	if k.options != nil {
		o = *k.options
	}
	now := s.now()
	conn, err := s.dialFrom(now, k, h.src, peer, o)
	if err != nil {
		return err
	}
	conn.Owner = int32(k.slot())
	k.conn = conn
	k.options = nil
	k.flags &^= errorTold
	return nil
}

func (s *Stack) dialFrom(now time.Duration, k *socket, src netip.Addr, peer netip.AddrPort, o tcp.Options) (*tcp.Conn, error) {
	if k.has(bound) {
		return s.engine.Dial(now, netip.AddrPortFrom(src, k.local.Port()), peer, o)
	}
	// The allocator knows of ports that sockets are bound to, the engine of those
	// that have such a connection.
	for range port.Last - port.First + 1 {
		p, ok := s.alloc.Next(src, peer, s.tcp.inUse)
		if !ok {
			break
		}
		conn, err := s.engine.Dial(now, netip.AddrPortFrom(src, p), peer, o)
		if err != netdev.ErrAddrInUse {
			return conn, err
		}
	}
	return nil, netdev.ErrAddrNotAvailable
}

// outcome reports whether a connection has come about, or why not. After that it
// is told.
func (s *Stack) outcome(k *socket) (bool, error) {
	if err := k.conn.Err(); err != nil {
		s.abandon(k)
		return true, err
	}
	switch k.conn.State() {
	case tcp.StateSynSent, tcp.StateSynReceived:
		return false, nil
	}
	k.flags |= connected
	return true, nil
}

// abandon ends an attempt, so that no peer gets a connection that nobody has.
func (s *Stack) abandon(k *socket) {
	if k.conn != nil {
		o := k.conn.Options()
		k.options = &o
		k.conn.Abort(s.now())
		k.conn = nil
	}
}
