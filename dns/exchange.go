package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"golang.org/x/net/dns/dnsmessage"
)

// maxWrong is how many datagrams that answer nothing a query bears. Somebody who
// guesses sends many, and then TCP is asked.
const maxWrong = 32

// try asks one server once, in all the ways that it may need.
func (c *Client) try(ctx context.Context, server netip.AddrPort, name string, qtype dnsmessage.Type, aliases int, wait time.Duration) (reply, error) {
	edns := true
	r, err := c.overUDP(ctx, server, name, qtype, aliases, wait, edns)
	if err == nil && r.notUnderstood() {
		edns = false
		r, err = c.overUDP(ctx, server, name, qtype, aliases, wait, edns)
	}
	if err == nil && r.useTCP {
		c.count(&c.stats.TCP)
		r, err = c.overTCP(ctx, server, name, qtype, aliases, edns)
	}
	switch {
	case errors.Is(err, netdev.ErrTimeout):
		c.count(&c.stats.Timeouts)
	case err == ErrBadAnswer:
		c.count(&c.stats.Malformed)
	case err != nil:
	case r.rcode != dnsmessage.RCodeSuccess && r.rcode != dnsmessage.RCodeNameError:
		c.count(&c.stats.Failures)
		err = ServerError(r.rcode)
	default:
		c.count(&c.stats.Answers)
	}
	return r, err
}

// overUDP sends a query from a port of its own and waits for the answer.
func (c *Client) overUDP(ctx context.Context, server netip.AddrPort, name string, qtype dnsmessage.Type, aliases int, wait time.Duration, edns bool) (reply, error) {
	q, err := c.newQuery(name, qtype, edns, c.cfg.MixCase)
	if err != nil {
		return reply{}, err
	}
	buf := make([]byte, c.cfg.MaxDatagram) // for the question too
	msg, err := q.message(buf)
	if err != nil {
		return reply{}, err
	}
	s, err := c.open(ctx, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP, server)
	if err != nil {
		return reply{}, err
	}
	defer s.close()
	if err := s.connect(); err != nil {
		return reply{}, err
	}
	deadline := c.cfg.Now().Add(wait)
	c.count(&c.stats.Queries)
	if err := s.send(msg[2:], deadline); err != nil {
		return reply{}, err
	}
	for wrong := 0; wrong < maxWrong; wrong++ {
		n, ours, err := s.recvFrom(buf, deadline)
		if err != nil {
			return reply{}, err
		}
		if ours {
			r, err := q.read(buf[:n], aliases, c.cfg.MaxTTL)
			if err != errNotOurs {
				return r, err
			}
		}
		c.count(&c.stats.Ignored)
	}
	return reply{useTCP: true}, nil
}

// overTCP asks over a connection of its own (RFC 7766).
func (c *Client) overTCP(ctx context.Context, server netip.AddrPort, name string, qtype dnsmessage.Type, aliases int, edns bool) (reply, error) {
	q, err := c.newQuery(name, qtype, edns, false)
	if err != nil {
		return reply{}, err
	}
	msg, err := q.message(make([]byte, maxQuery))
	if err != nil {
		return reply{}, err
	}
	s, err := c.open(ctx, netdev.SOCK_STREAM, netdev.IPPROTO_TCP, server)
	if err != nil {
		return reply{}, err
	}
	defer s.close()
	s.limit(c.cfg.Timeout)
	deadline := c.cfg.Now().Add(c.cfg.Timeout)
	if err := s.connect(); err != nil {
		return reply{}, err
	}
	c.count(&c.stats.Queries)
	if err := s.send(msg, deadline); err != nil {
		return reply{}, err
	}
	answer, err := s.recvMessage(c.cfg.MaxMessage, deadline)
	if err != nil {
		return reply{}, err
	}
	r, err := q.read(answer, aliases, c.cfg.MaxTTL)
	if err == errNotOurs {
		c.count(&c.stats.Ignored)
	}
	if err != nil || r.useTCP {
		return reply{}, ErrBadAnswer
	}
	return r, nil
}

// recvMessage returns a message that its length stands before.
func (s *socket) recvMessage(limit int, deadline time.Time) ([]byte, error) {
	var length [2]byte
	if err := s.recvFull(length[:], deadline); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if n > limit {
		return nil, ErrBadAnswer
	}
	msg := make([]byte, n)
	return msg, s.recvFull(msg, deadline)
}

func (s *socket) recvFull(buf []byte, deadline time.Time) error {
	for len(buf) > 0 {
		n, err := s.recv(buf, deadline)
		buf = buf[n:]
		switch {
		case len(buf) == 0:
		case err == io.EOF, err == nil && n == 0:
			return ErrBadAnswer
		case err != nil:
			return err
		}
	}
	return nil
}
