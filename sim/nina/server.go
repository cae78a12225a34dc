package nina

import "slices"

// A server is a listener of the legacy commands. Nothing ever closes it.
type server struct {
	port     uint16
	fd       int
	accepted int             // one that GPIO0's task has met; -1 is none
	spawned  [maxSockets]int // those that availableServer knows of, or -1
}

func newServer(port uint16) server {
	s := server{port: port, fd: -1, accepted: -1}
	for i := range s.spawned {
		s.spawned[i] = -1
	}
	return s
}

func (s *server) listens() bool { return s.port != 0 && s.fd >= 0 }

// beginServer listens. Before 1.5.0 nobody asked whether it could.
func (f *firmware) beginServer(s *server, port uint16) bool {
	unasked := f.chip.older("1.5.0")
	if unasked {
		*s = newServer(port)
	}
	s.fd = f.socket(1)
	if s.fd < 0 {
		return unasked
	}
	if f.bind(s.fd, port) < 0 || f.listen(s.fd, 1) < 0 {
		f.close(s.fd)
		s.fd = -1
		return unasked
	}
	f.setNonblock(s.fd)
	s.port = port
	return true
}

// nextServer returns a connection that nobody has accepted, or -1.
func (f *firmware) nextServer(s *server) int {
	fd := s.accepted
	if s.accepted = -1; fd < 0 {
		fd, _ = f.accept(s.fd)
	}
	return fd
}

// hasClient reports whether there is one, and keeps it.
func (f *firmware) hasClient(s *server) bool {
	if s.accepted < 0 {
		s.accepted, _ = f.accept(s.fd)
	}
	return s.accepted >= 0
}

// availableServer accepts a connection, and returns one of those so accepted that
// has data. No other function returns them.
func (f *firmware) availableServer(s *server) client {
	if fd := f.nextServer(s); fd >= 0 {
		if i := slices.Index(s.spawned[:], -1); i >= 0 {
			s.spawned[i] = fd
		}
	}
	for i, fd := range s.spawned {
		if fd < 0 {
			continue
		}
		c := client{fd}
		if !f.connectedClient(&c) {
			s.spawned[i] = -1
		} else if f.availableClient(&c) > 0 {
			return client{fd}
		}
	}
	return client{-1}
}

// writeServer writes to all that availableServer knows of.
func (f *firmware) writeServer(s *server, b []byte) (n int) {
	for _, fd := range s.spawned {
		if fd >= 0 {
			n += f.writeClient(&client{fd}, b)
		}
	}
	return n
}
