package net

import (
	"io"
	"time"

	"github.com/netdev-go/netdev"
)

// conn is what all connections have in common.
type conn struct {
	s *socket
}

// ok says no for a nil or a zero connection, as Go's do.
func (c *conn) ok() bool { return c != nil && c.s != nil }

// Read reads into b. At the end of the stream it returns io.EOF.
func (c *conn) Read(b []byte) (int, error) {
	if !c.ok() {
		return 0, netdev.ErrInvalid
	}
	n, err := c.s.recv(b, "read")
	if err != nil && err != io.EOF {
		err = c.s.opError("read", err)
	}
	return n, err
}

// Write writes all of b, or returns how much of it the device has taken beside
// an error. Concurrent Writes do not mix.
func (c *conn) Write(b []byte) (int, error) {
	if !c.ok() {
		return 0, netdev.ErrInvalid
	}
	var n int
	var err error
	if c.s.stype == netdev.SOCK_STREAM {
		n, err = c.s.send(b, "write")
	} else {
		n, err = c.s.sendDatagram(nil, b, noPeer, "write")
	}
	if err != nil {
		err = c.s.opError("write", err)
	}
	return n, err
}

// Close closes the connection and ends every call that waits on it. Data that
// the device has taken is still delivered, see [TCPConn.SetLinger].
func (c *conn) Close() error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	if err := c.s.close(); err != nil {
		return c.s.opError("close", err)
	}
	return nil
}

// LocalAddr returns the address of this end. Its port is 0 where the device
// can neither tell nor be told the port.
func (c *conn) LocalAddr() Addr {
	if !c.ok() {
		return nil
	}
	return c.s.localAddr()
}

// RemoteAddr returns the address of the peer, nil if there is none.
func (c *conn) RemoteAddr() Addr {
	if !c.ok() {
		return nil
	}
	return c.s.remoteAddr()
}

// SetDeadline is SetReadDeadline and SetWriteDeadline in one.
func (c *conn) SetDeadline(t time.Time) error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	return c.set(c.s.setDeadline(t, &c.s.in, &c.s.out))
}

// SetReadDeadline sets when Reads fail with os.ErrDeadlineExceeded, those that
// wait now and those to come. The zero Time is never.
func (c *conn) SetReadDeadline(t time.Time) error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	return c.set(c.s.setDeadline(t, &c.s.in))
}

// SetWriteDeadline sets when Writes fail with os.ErrDeadlineExceeded, those
// that wait now and those to come. The zero Time is never. A Write that failed
// so may have sent a part.
func (c *conn) SetWriteDeadline(t time.Time) error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	return c.set(c.s.setDeadline(t, &c.s.out))
}

// SetReadBuffer sets the size of the device's receive buffer, in bytes.
func (c *conn) SetReadBuffer(bytes int) error {
	return c.setOpt(netdev.SOL_SOCKET, netdev.SO_RCVBUF, bytes)
}

// SetWriteBuffer sets the size of the device's transmit buffer, in bytes.
func (c *conn) SetWriteBuffer(bytes int) error {
	return c.setOpt(netdev.SOL_SOCKET, netdev.SO_SNDBUF, bytes)
}

func (c *conn) setOpt(level, opt int, value any) error {
	if !c.ok() {
		return netdev.ErrInvalid
	}
	return c.set(c.s.setOpt(level, opt, value))
}

// set wraps the error of a setter.
func (c *conn) set(err error) error {
	if err != nil {
		return c.s.setError(err)
	}
	return nil
}
