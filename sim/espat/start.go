package espat

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

func init() {
	register("CIPMUX", nil, show(func(s *session) int { return flag(s.mux) }), func(c *call) error {
		n := c.number(0, 1, -1)
		if !c.complete() {
			return errParameters
		}
		s := c.s
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.mux == (n == 1) {
			return nil
		}
		if s.server != nil {
			return errFailed
		}
		for _, l := range s.links {
			if l != nil {
				return &failure{code: codeFailed, text: "link is builded\r\n"}
			}
		}
		s.mux = n == 1
		return nil
	})
	register("CIPSTART", nil, nil, start)
	register("CIPCLOSE", closeOne, nil, closeLink)
}

// linkID reads a link's number, up to most; without CIPMUX it is 0.
func (c *call) linkID(most int) int {
	c.s.mu.Lock()
	mux := c.s.mux
	c.s.mu.Unlock()
	if !mux {
		return 0
	}
	return c.number(0, most, -1)
}

// A target is what CIPSTART was told.
type target struct {
	id      int
	kind    string
	host    string
	port    uint16
	local   int
	mode    int
	timeout time.Duration
}

func (c *call) target() (t target) {
	t.id = c.linkID(maxLinks - 1)
	t.kind = c.text(5)
	t.host = c.text(64)
	t.port = uint16(c.number(1, 65535, -1))
	switch t.kind {
	case "TCP", "SSL":
		c.s.mu.Lock()
		before := c.s.options[t.id].keepAlive
		c.s.mu.Unlock()
		keep := c.number(0, 7200, before)
		c.addr()
		c.s.mu.Lock()
		c.s.options[t.id].keepAlive = keep
		c.s.mu.Unlock()
	case "UDP":
		t.local, t.mode = c.number(1, 65535, 65536), c.number(0, 2, 0)
		c.addr()
	default:
		c.failed = true
	}
	t.timeout = time.Duration(c.number(0, 60000, 0)) * time.Millisecond
	if t.host == "" {
		c.failed = true
	}
	return t
}

var errInUse = &failure{code: codeFailed, text: "ALREADY CONNECTED\r\n"}

// start opens a link. Nothing else is executed until that has an outcome.
func start(c *call) error {
	s := c.s
	t := c.target()
	if !c.complete() {
		return errParameters
	}
	s.mu.Lock()
	inUse, up := s.links[t.id] != nil, s.wifi.state == stateUp || s.wifi.apUp
	s.mu.Unlock()
	if inUse {
		return errInUse
	}
	if !up {
		return &failure{code: codeFailed, errno: 118, text: "no ip\r\n"}
	}
	ctx := s.ctx
	if t.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.timeout)
		defer cancel()
	}
	addr, err := s.resolve(ctx, t.host)
	if err != nil {
		return &failure{code: codeFailed, errno: 202}
	}
	l := &link{id: t.id, kind: t.kind, remote: netip.AddrPortFrom(addr, t.port), mode: t.mode}
	if err := s.open(ctx, l, t); err != nil {
		return &failure{code: codeFailed, errno: errno(err)}
	}
	s.mu.Lock()
	var failed *failure
	switch {
	case s.links[t.id] != nil: // a client has come in on it
		failed = errInUse
	case s.wifi.station == nil && !s.wifi.apUp:
		failed = errFailed
	}
	if failed != nil {
		l.tls.close()
		s.net.Close(l.fd)
		s.mu.Unlock()
		return failed
	}
	text := s.connected(l)
	s.out.line(text)
	s.add(l)
	s.mu.Unlock()
	return nil
}

// connected is the message that a link is there.
func (s *session) connected(l *link) string {
	if s.verbose {
		return fmt.Sprintf("+LINK_CONN:0,%d,\"%s\",%d,\"%v\",%d,%d\r\n",
			l.id, l.kind, flag(l.serves), l.remote.Addr(), l.remote.Port(), l.local)
	}
	return s.prefix(l) + "CONNECT\r\n"
}

// synTime is how long lwIP tries to connect: six SYNs, three seconds apart.
const synTime = 18 * time.Second

// open makes the socket of a link.
func (s *session) open(ctx context.Context, l *link, t target) error {
	kind, proto := netdev.SOCK_STREAM, netdev.IPPROTO_TCP
	if l.kind == "UDP" {
		kind, proto = netdev.SOCK_DGRAM, netdev.IPPROTO_UDP
	}
	var err error
	if l.fd, err = s.net.Socket(netdev.AF_INET, kind, proto); err != nil {
		return err
	}
	s.mu.Lock()
	s.tune(l)
	s.mu.Unlock()
	if l.kind == "UDP" {
		err = s.openUDP(l, t)
	} else {
		s.net.SetSockOpt(l.fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, int(synTime/time.Millisecond))
		err = s.net.ConnectContext(ctx, l.fd, "", l.remote)
		s.net.SetSockOpt(l.fd, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, 0)
		if err == nil && l.kind == "SSL" {
			err = s.startTLS(ctx, l, t.host)
		}
	}
	if err == nil {
		var name netip.AddrPort
		name, err = s.net.GetSockName(l.fd)
		l.local = name.Port()
	}
	if err != nil {
		s.net.Close(l.fd)
	}
	return err
}

func (s *session) openUDP(l *link, t target) error {
	if t.local > 65535 {
		t.local = 0
	}
	s.net.SetSockOpt(l.fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true)
	if err := s.net.Bind(l.fd, netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(t.local))); err != nil {
		return err
	}
	if l.remote.Addr().IsMulticast() {
		return s.net.JoinGroup(l.fd, l.remote.Addr(), "")
	}
	return nil
}

// resolve returns the address of a host.
func (s *session) resolve(ctx context.Context, host string) (netip.Addr, error) {
	list, err := s.lookup(ctx, host)
	if err != nil {
		return netip.Addr{}, err
	}
	return list[0], nil
}

func (s *session) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if !a.Is4() {
			return nil, netdev.ErrHostUnknown
		}
		return []netip.Addr{a}, nil
	}
	if d := s.chip.config.NameTime; d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	list, err := s.net.LookupNetIP(ctx, "ip4", host)
	if err == nil && len(list) == 0 {
		err = netdev.ErrHostUnknown
	}
	return list, err
}

// errno is lwIP's number of an error. A refusal is a reset to it.
func errno(err error) int {
	for _, e := range []struct {
		err error
		no  int
	}{
		{netdev.ErrConnRefused, 104}, {netdev.ErrConnReset, 104}, {netdev.ErrConnAborted, 113}, {netdev.ErrAddrInUse, 112},
		{netdev.ErrHostUnreachable, 118}, {netdev.ErrNetUnreachable, 118}, {netdev.ErrNetDown, 118},
		{netdev.ErrNoMoreSockets, 23}, {netdev.ErrConnTimedOut, 113}, {context.DeadlineExceeded, 116},
	} {
		if errors.Is(err, e.err) {
			return e.no
		}
	}
	return 113
}

// closeOne is CIPCLOSE without CIPMUX.
func closeOne(c *call) error {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if c.s.mux || c.s.links[0] == nil {
		return errFailed
	}
	c.s.closeNow(0)
	return nil
}

func closeLink(c *call) error {
	id := c.number(0, maxLinks, -1)
	if !c.complete() {
		return errParameters
	}
	s := c.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.mux || id < maxLinks && s.links[id] == nil {
		return errFailed
	}
	for i := range s.links {
		if s.links[i] != nil && (id == i || id == maxLinks) {
			s.closeNow(i)
		}
	}
	return nil
}

// closeNow closes a link, with what was received and not read.
func (s *session) closeNow(id int) {
	l := s.links[id]
	s.release(l)
	s.out.line(s.prefix(l) + "CLOSED\r\n")
}
