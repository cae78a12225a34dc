package net

import (
	"context"
	"time"

	"github.com/netdev-go/netdev"
)

// TLSConn is a [Conn] over TLS, done by the device where it checks what it is
// told to check, and else by crypto/tls. Its methods may be called from any
// goroutine.
type TLSConn struct {
	t tlsTransport
}

// tlsTransport is who does the TLS.
type tlsTransport interface {
	Conn
	HandshakeContext(context.Context) error
	CloseWrite() error
	negotiatedProtocol() string
}

// Read reads into b. At the end of the stream it returns io.EOF.
func (c *TLSConn) Read(b []byte) (int, error) { return c.t.Read(b) }

// Write writes all of b, or returns how much was sent beside an error.
func (c *TLSConn) Write(b []byte) (int, error) { return c.t.Write(b) }

// Close closes the connection and ends every call that waits on it.
func (c *TLSConn) Close() error { return c.t.Close() }

// CloseWrite tells the peer that nothing more comes. On a device's TLS it
// needs netdev.Shutdowner.
func (c *TLSConn) CloseWrite() error { return c.t.CloseWrite() }

// LocalAddr returns the address of this end, a *TCPAddr.
func (c *TLSConn) LocalAddr() Addr { return c.t.LocalAddr() }

// RemoteAddr returns the address of the peer, a *TCPAddr.
func (c *TLSConn) RemoteAddr() Addr { return c.t.RemoteAddr() }

// SetDeadline is SetReadDeadline and SetWriteDeadline in one.
func (c *TLSConn) SetDeadline(t time.Time) error { return c.t.SetDeadline(t) }

// SetReadDeadline sets when Reads fail with os.ErrDeadlineExceeded.
func (c *TLSConn) SetReadDeadline(t time.Time) error { return c.t.SetReadDeadline(t) }

// SetWriteDeadline sets when Writes fail with os.ErrDeadlineExceeded. After a
// Write that failed so, no other succeeds: half a record may be out.
func (c *TLSConn) SetWriteDeadline(t time.Time) error { return c.t.SetWriteDeadline(t) }

// Handshake runs the handshake, if it has not been run. A connection that was
// dialled has it behind it; on an accepted one the first Read or Write runs it.
func (c *TLSConn) Handshake() error { return c.t.HandshakeContext(context.Background()) }

// HandshakeContext is Handshake with an end.
func (c *TLSConn) HandshakeContext(ctx context.Context) error { return c.t.HandshakeContext(ctx) }

// NegotiatedProtocol returns what ALPN chose, "" for nothing or before the
// handshake.
func (c *TLSConn) NegotiatedProtocol() string { return c.t.negotiatedProtocol() }

// deviceTLS is a socket on which the device does the TLS. The device's Connect
// and Accept include the handshake.
type deviceTLS struct {
	conn
}

func (c *deviceTLS) HandshakeContext(context.Context) error {
	if c.s.closed.Load() {
		return c.s.opError("handshake", ErrClosed)
	}
	return nil
}

func (c *deviceTLS) CloseWrite() error {
	if err := c.s.shutdown(netdev.SHUT_WR); err != nil {
		return c.s.opError("close", err)
	}
	return nil
}

func (c *deviceTLS) negotiatedProtocol() string {
	d, ok := netdev.As[netdev.TLSConfigurer](c.s.dev)
	if !ok {
		return ""
	}
	p, err := d.NegotiatedProtocol(c.s.fd)
	if err != nil {
		return ""
	}
	return p
}
