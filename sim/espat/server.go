package espat

import (
	"fmt"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// A server is the one that there may be.
type server struct {
	fd   int
	port uint16
}

func init() {
	register("CIPSERVERMAXCONN", nil, show(func(s *session) int { return s.maxConn }), func(c *call) error {
		n := c.number(1, maxLinks, -1)
		if !c.complete() {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		if c.s.server != nil {
			return errFailed
		}
		c.s.maxConn = n
		return nil
	})
	register("CIPSERVER", nil, func(c *call) error {
		c.s.mu.Lock()
		sv := c.s.server
		c.s.mu.Unlock()
		if sv == nil {
			c.s.linef("+CIPSERVER:0\r\n")
		} else {
			c.s.linef("+CIPSERVER:1,%d,\"TCP\",0,0\r\n", sv.port)
		}
		return nil
	}, setServer)
	register("CIPSTO", nil, show(func(s *session) int { return s.idle }), func(c *call) error {
		n := c.number(0, 7200, -1)
		if !c.complete() {
			return errParameters
		}
		c.s.mu.Lock()
		defer c.s.mu.Unlock()
		c.s.idle = n
		c.s.poke()
		return nil
	})
}

func setServer(c *call) error {
	if c.number(0, 1, -1) == 0 {
		return stopServer(c)
	}
	s := c.s
	port := c.number(1, 65535, 333)
	kind := c.text(5)
	c.number(0, 1, 0)
	c.number(0, 3, 0)
	if !c.complete() || kind != "" && kind != "TCP" {
		return errParameters
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.mux || s.server != nil || s.net == nil {
		return errFailed
	}
	fd, err := s.net.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		return &failure{code: codeFailed, errno: errno(err)}
	}
	s.net.SetNonblock(fd, true)
	s.net.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true)
	s.net.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, window)
	s.net.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_MAXSEG, segment)
	if err = s.net.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(port))); err == nil {
		err = s.net.Listen(fd, maxLinks)
	}
	if err != nil {
		s.net.Close(fd)
		return &failure{code: codeFailed, errno: errno(err)}
	}
	s.server = &server{fd: fd, port: uint16(port)}
	s.net.PollNotify(fd, s.poke)
	s.poke()
	return nil
}

// stopServer ends the server, and its clients where it is told to.
func stopServer(c *call) error {
	all := c.number(0, 1, 0)
	if !c.complete() {
		return errParameters
	}
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return errFailed
	}
	s.net.Close(s.server.fd)
	s.server = nil
	for i, l := range s.links {
		if l != nil && l.serves && all == 1 {
			s.closeNow(i)
		}
	}
	return nil
}

// accept makes links of who has come. Who finds none is turned away.
func (s *session) accept() {
	for {
		fd, peer, err := s.net.Accept(s.server.fd)
		if err != nil {
			return
		}
		id, clients := -1, 0
		for i := len(s.links) - 1; i >= 0; i-- {
			switch l := s.links[i]; {
			case l == nil:
				id = i
			case l.serves:
				clients++
			}
		}
		if id < 0 || clients >= s.maxConn {
			s.net.Close(fd)
			s.out.message(fmt.Sprintf("Have %d Connections\r\n", clients))
			continue
		}
		l := &link{id: id, kind: "TCP", fd: fd, serves: true, remote: peer, local: s.server.port}
		s.tune(l)
		s.out.message(s.connected(l))
		s.add(l)
	}
}
