package net

import (
	"context"
	"io"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// TCPConn is a [Conn] over TCP. Its methods may be called from any goroutine.
type TCPConn struct {
	conn
}

// DialTCP connects to raddr, from laddr unless that is nil. Network is "tcp",
// "tcp4" or "tcp6". A raddr without a host is this one.
func DialTCP(network string, laddr, raddr *TCPAddr) (*TCPConn, error) {
	var d Dialer
	return d.dialTCP(context.Background(), network, laddr, raddr)
}

// DialTCP is the function of that name with the Dialer's limits and ctx. Of the
// Dialer's addresses it uses none.
func (d *Dialer) DialTCP(ctx context.Context, network string, laddr, raddr netip.AddrPort) (*TCPConn, error) {
	return d.dialTCP(ctx, network, TCPAddrFromAddrPort(laddr), TCPAddrFromAddrPort(raddr))
}

func (d *Dialer) dialTCP(ctx context.Context, network string, laddr, raddr *TCPAddr) (*TCPConn, error) {
	ctx, cancel := d.bound(ctx)
	defer cancel()
	c, err := dialTCPAddrs(ctx, network, laddr, raddr)
	if err != nil {
		return nil, &OpError{Op: "dial", Net: network, Source: opTCPAddr(laddr), Addr: opTCPAddr(raddr), Err: err}
	}
	c.setDefaults(d.KeepAlive, d.KeepAliveConfig)
	return c, nil
}

func dialTCPAddrs(ctx context.Context, network string, laddr, raddr *TCPAddr) (*TCPConn, error) {
	if t, err := transport(network); err != nil || t != "tcp" {
		return nil, UnknownNetworkError(network)
	}
	if raddr == nil {
		return nil, errMissingAddress
	}
	local, err := tcpAddrPort(laddr)
	if err != nil {
		return nil, err
	}
	remote, err := tcpAddrPort(raddr)
	if err != nil {
		return nil, err
	}
	if err := checkFamily(network, remote.Addr()); err != nil {
		return nil, err
	}
	return dialTCP(ctx, current(), network, local, remote)
}

func dialTCP(ctx context.Context, dev netdev.Netdever, network string, local, remote netip.AddrPort) (*TCPConn, error) {
	s, err := dialSocket(ctx, dev, endpoint{
		network: network, stype: netdev.SOCK_STREAM, protocol: netdev.IPPROTO_TCP,
		local: local, remote: remote,
	})
	if err != nil {
		return nil, err
	}
	return &TCPConn{conn{s}}, nil
}

// CloseRead ends reading: Reads return io.EOF. The device must have
// netdev.Shutdowner.
func (c *TCPConn) CloseRead() error { return c.shutdown(netdev.SHUT_RD) }

// CloseWrite ends writing: the peer reads to the end, and may still answer.
// The device must have netdev.Shutdowner.
func (c *TCPConn) CloseWrite() error { return c.shutdown(netdev.SHUT_WR) }

func (c *TCPConn) shutdown(how int) error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	if err := c.s.shutdown(how); err != nil {
		return c.s.opError("close", err)
	}
	return nil
}

// SetLinger says what Close does with data that the peer has not confirmed.
// Negative, the default, delivers it afterwards; 0 drops it and resets the
// connection; seconds above that bound the delivery.
func (c *TCPConn) SetLinger(sec int) error {
	return c.setTCP(netdev.SOL_SOCKET, netdev.SO_LINGER, sec)
}

// SetNoDelay says whether small writes go out at once, the default, or are
// gathered (Nagle's algorithm).
func (c *TCPConn) SetNoDelay(noDelay bool) error {
	return c.setTCP(netdev.SOL_TCP, netdev.TCP_NODELAY, noDelay)
}

// setTCP is setOpt for the options that are TCP's own, in whose errors Go names
// both ends.
func (c *TCPConn) setTCP(level, opt int, value any) error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	if err := c.s.setOpt(level, opt, value); err != nil {
		return c.s.opError("set", err)
	}
	return nil
}

// ReadFrom writes what it reads from r until that ends.
func (c *TCPConn) ReadFrom(r io.Reader) (int64, error) {
	if !c.ok() {
		return 0, netdev.ErrInvalid
	}
	n, err := io.CopyBuffer(onlyWriter{c}, onlyReader{r}, make([]byte, copyBuffer))
	if err != nil && err != io.EOF {
		err = c.s.opError("readfrom", err)
	}
	return n, err
}

// WriteTo writes to w what it reads until the peer has ended.
func (c *TCPConn) WriteTo(w io.Writer) (int64, error) {
	if !c.ok() {
		return 0, netdev.ErrInvalid
	}
	n, err := io.CopyBuffer(onlyWriter{w}, onlyReader{c}, make([]byte, copyBuffer))
	if err != nil && err != io.EOF {
		err = c.s.opError("writeto", err)
	}
	return n, err
}

// They keep io.CopyBuffer from calling ReadFrom and WriteTo again.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)
