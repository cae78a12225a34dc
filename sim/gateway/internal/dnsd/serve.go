package dnsd

import (
	"context"
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// Bounds of what is under way, and of a connection that says nothing.
const (
	maxQueries = 64
	maxStreams = 16
	idleTime   = 10 * time.Second
	answerTime = 8 * time.Second
)

// datagrams are buffers of ServeUDP.
var datagrams = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// ServeUDP answers the datagrams of a bound socket until RecvFrom fails: closing
// the socket makes it do so, and on a device that does not wait, that there are
// no more. Answers that others must be asked for are given by functions that it
// has run started.
func (s *Server) ServeUDP(ctx context.Context, dev netdev.PacketNetdever, fd int, run func(func())) {
	buf := datagrams.Get().(*[64 << 10]byte)
	defer datagrams.Put(buf)
	for {
		n, from, err := dev.RecvFrom(fd, buf[:], 0, time.Time{})
		if err != nil {
			return
		}
		x, done := s.begin(buf[:n])
		if done {
			s.answerUDP(dev, fd, x, from)
			continue
		}
		select {
		case s.queries <- struct{}{}:
		default:
			s.count.dropped.Add(1)
			continue
		}
		run(func() {
			defer func() { <-s.queries }()
			askCtx, cancel := context.WithTimeout(ctx, answerTime)
			defer cancel()
			s.ask(askCtx, x)
			s.answerUDP(dev, fd, x, from)
		})
	}
}

// answerUDP ignores errors: who does not get an answer asks again.
func (s *Server) answerUDP(dev netdev.PacketNetdever, fd int, x exchange, from netip.AddrPort) {
	if answer := s.pack(x, true); answer != nil {
		dev.SendTo(fd, answer, 0, from, time.Time{})
	}
}

// ServeTCP answers what comes over the connections of a listener, one query
// after the other on each, until Accept fails. Each connection is a function that
// it has run started.
func (s *Server) ServeTCP(ctx context.Context, dev netdev.Netdever, listener int, run func(func())) {
	for {
		fd, _, err := dev.Accept(listener)
		if err != nil {
			return
		}
		select {
		case s.streams <- struct{}{}:
		default:
			s.count.dropped.Add(1)
			dev.Close(fd)
			continue
		}
		run(func() {
			defer func() { <-s.streams }()
			s.serveStream(ctx, dev, fd)
		})
	}
}

func (s *Server) serveStream(ctx context.Context, dev netdev.Netdever, fd int) {
	stop := context.AfterFunc(ctx, func() { dev.Close(fd) })
	defer func() {
		if stop() {
			dev.Close(fd)
		}
	}()
	for {
		query, err := readMessage(dev, fd, time.Now().Add(idleTime))
		if err != nil {
			return
		}
		answerCtx, cancel := context.WithTimeout(ctx, answerTime)
		answer := s.Handle(answerCtx, query, false)
		cancel()
		if answer == nil {
			return
		}
		framed := binary.BigEndian.AppendUint16(nil, uint16(len(answer)))
		if _, err := dev.Send(fd, append(framed, answer...), 0, time.Now().Add(idleTime)); err != nil {
			return
		}
	}
}
