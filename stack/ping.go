package stack

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// ping is a request that waits for its reply.
type ping struct {
	next    *ping
	addr    netip.Addr
	id, seq uint16
	wake    chan struct{}
	done    bool
	at      time.Duration // when the reply came
	err     error
}

// Ping sends an echo request and waits for its reply.
func (s *Stack) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	addr = addr.Unmap()
	switch {
	case !addr.IsValid():
		return 0, netdev.ErrInvalid
	case addr.Is6():
		return 0, netdev.ErrFamilyNotSupported
	case len(payload) > ipv4.MaxLen-ipv4.HeaderLen-icmpv4.HeaderLen:
		return 0, netdev.ErrMessageTooLong
	case addr.IsUnspecified():
		addr = loopback
	}
	s.lock()
	nonce := s.rand()
	p := &ping{addr: addr, id: uint16(nonce), seq: uint16(nonce >> 16), wake: make(chan struct{}, 1)}
	p.next, s.pings = s.pings, p
	start := s.now()
	err := s.sendICMP(start, netip.Addr{}, addr, 0, icmpv4.Echo(p.id, p.seq), payload)
	switch err {
	case nil:
		s.counters.ICMP.OutEchos++
	case netdev.ErrWouldBlock:
		err = netdev.ErrNoBuffers // there is nothing to wait for room with
	}
	s.flush()
	if err == nil {
		select {
		case <-p.wake:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	s.lock()
	defer s.mu.Unlock()
	for q := &s.pings; *q != nil; q = &(*q).next {
		if *q == p {
			*q = p.next
			break
		}
	}
	switch {
	case p.err != nil:
		return 0, p.err
	case p.done:
		return p.at - start, nil
	}
	return 0, err
}

// findPing returns the request that a message is about.
func (s *Stack) findPing(addr netip.Addr, id, seq uint16) *ping {
	for p := s.pings; p != nil; p = p.next {
		if p.addr == addr && p.id == id && p.seq == seq && !p.done {
			return p
		}
	}
	return nil
}

// pong takes an echo reply.
func (s *Stack) pong(from netip.Addr, m icmpv4.Message) {
	if p := s.findPing(from, m.ID(), m.Seq()); p != nil {
		p.done, p.at = true, s.now()
		signal(p.wake)
	}
}

// failPings is for a network that is lost.
func (s *Stack) failPings() {
	for p := s.pings; p != nil; p = p.next {
		if !p.done && !p.addr.IsLoopback() {
			p.done, p.err = true, netdev.ErrNetDown
			signal(p.wake)
		}
	}
}

func (s *Stack) pingFailed(addr netip.Addr, id, seq uint16, err error) {
	if p := s.findPing(addr, id, seq); p != nil && err != nil {
		p.done, p.err = true, err
		signal(p.wake)
	}
}
