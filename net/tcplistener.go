package net

import (
	"time"

	"github.com/netdev-go/netdev"
)

// TCPListener is a [Listener] for TCP. Its methods may be called from any
// goroutine.
type TCPListener struct {
	s         *socket
	idle      time.Duration
	keepAlive KeepAliveConfig
}

// ListenTCP listens on laddr; nil, or one without a host, is every address of
// the device, and port 0 a free port. Network is "tcp", "tcp4" or "tcp6".
func ListenTCP(network string, laddr *TCPAddr) (*TCPListener, error) {
	l, err := listenTCP(current(), network, laddr)
	if err != nil {
		return nil, &OpError{Op: "listen", Net: network, Addr: opTCPAddr(laddr), Err: err}
	}
	return l, nil
}

func listenTCP(dev netdev.Netdever, network string, laddr *TCPAddr) (*TCPListener, error) {
	if t, err := transport(network); err != nil || t != "tcp" {
		return nil, UnknownNetworkError(network)
	}
	local, err := tcpAddrPort(laddr)
	if err != nil {
		return nil, err
	}
	if err := checkFamily(network, local.Addr()); err != nil {
		return nil, err
	}
	s, err := listenSocket(dev, endpoint{
		network: network, stype: netdev.SOCK_STREAM, protocol: netdev.IPPROTO_TCP, local: local,
	})
	if err != nil {
		return nil, err
	}
	return &TCPListener{s: s}, nil
}

func (l *TCPListener) ok() bool { return l != nil && l.s != nil }

// Accept waits for the next connection. An error that is Temporary leaves the
// listener as it was.
func (l *TCPListener) Accept() (Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// AcceptTCP is Accept with the connection's own type.
func (l *TCPListener) AcceptTCP() (*TCPConn, error) {
	if !l.ok() {
		return nil, netdev.ErrInvalid
	}
	s, err := l.s.acceptSocket()
	if err != nil {
		return nil, l.opError("accept", err)
	}
	c := &TCPConn{conn{s}}
	c.setDefaults(l.idle, l.keepAlive)
	return c, nil
}

// Close stops listening and ends every Accept that waits. Connections that
// were accepted stay.
func (l *TCPListener) Close() error {
	if !l.ok() {
		return netdev.ErrInvalid
	}
	if err := l.s.close(); err != nil {
		return l.opError("close", err)
	}
	return nil
}

// Addr returns the address that l listens on, a *TCPAddr.
func (l *TCPListener) Addr() Addr { return l.s.localAddr() }

// SetDeadline sets when Accepts fail with os.ErrDeadlineExceeded, those that
// wait now and those to come. The zero Time is never.
func (l *TCPListener) SetDeadline(t time.Time) error {
	if !l.ok() {
		return netdev.ErrInvalid
	}
	return l.s.setDeadline(t, &l.s.in)
}

func (l *TCPListener) opError(op string, err error) error {
	return &OpError{Op: op, Net: l.s.network, Addr: l.s.localAddr(), Err: err}
}
