package nina

import "net/netip"

// A client is a TCP connection of the legacy commands. It knows its socket by
// number alone, so that after a close behind its back it may hold another one.
type client struct {
	fd int // -1 is none
}

// connectClient blocks until it has connected or failed. What the client held
// before is leaked.
func (f *firmware) connectClient(c *client, to netip.AddrPort) bool {
	c.fd = f.socket(1)
	if c.fd < 0 {
		return false
	}
	if f.connect(c.fd, to) < 0 {
		f.stopClient(c)
		return false
	}
	f.setNonblock(c.fd)
	return true
}

// setNonblock is for what has been opened just now.
func (f *firmware) setNonblock(fd int) {
	if s := f.lookup(fd); s != nil {
		s.nonblock = true
	}
}

func (f *firmware) stopClient(c *client) {
	if c.fd >= 0 {
		f.close(c.fd)
		c.fd = -1
	}
}

// writeClient blocks on a connection that was accepted, until all is sent.
func (f *firmware) writeClient(c *client, b []byte) int {
	if c.fd < 0 {
		return 0
	}
	return max(f.send(c.fd, b, netip.AddrPort{}), 0)
}

func (f *firmware) availableClient(c *client) int {
	if c.fd < 0 {
		return 0
	}
	s := f.lookup(c.fd)
	if s == nil {
		c.fd = -1
		return 0
	}
	s.err = 0
	return f.available(s)
}

// readClient returns -1 where there is nothing, and closes a connection that tells
// of an error, and one that nothing was to be read from, unless errno happens to
// be EWOULDBLOCK.
func (f *firmware) readClient(c *client, b []byte) int {
	if f.availableClient(c) == 0 {
		return -1
	}
	n, _ := f.recv(c.fd, b, dontWait)
	if n <= 0 && f.errno != eWOULDBLOCK {
		f.stopClient(c)
		return 0
	}
	if n == 0 {
		return -1
	}
	return n
}

// peekClient closes a connection that is at its end.
func (f *firmware) peekClient(c *client) int {
	var b [1]byte
	if n, _ := f.recv(c.fd, b[:], peek|dontWait); n <= 0 {
		if f.errno != eWOULDBLOCK {
			f.stopClient(c)
		}
		return -1
	}
	return int(b[0])
}

func (f *firmware) readClientByte(c *client) int {
	var b [1]byte
	if f.readClient(c, b[:]) == -1 {
		return -1
	}
	return int(b[0])
}

func (f *firmware) connectedClient(c *client) bool {
	if c.fd >= 0 && f.availableClient(c) == 0 {
		f.peekClient(c)
	}
	return c.fd >= 0
}
