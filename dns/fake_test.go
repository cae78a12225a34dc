//go:build !tinygo

package dns

import (
	"encoding/binary"
	"io"
	"net/netip"
	"sync"
	"time"

	miekg "github.com/miekg/dns"

	"github.com/netdev-go/netdev"
)

// A fakeDevice is a network of name servers without a network, for tests whose
// time is synctest's. What no server answers is silence.
type fakeDevice struct {
	delay   time.Duration
	servers map[netip.AddrPort]responder
	failing error // of Socket

	mu       sync.Mutex
	sockets  map[int]*fakeSocket
	next     int
	most     int // sockets open at a time
	asked    []fakeQuery
	silently bool // Connect of a stream never returns
}

type fakeQuery struct {
	at     time.Time
	server netip.AddrPort
	msg    *miekg.Msg
}

type fakeSocket struct {
	stream bool
	bound  bool
	server netip.AddrPort
	inbox  chan []byte
	rest   []byte
	closed chan struct{}
}

func (d *fakeDevice) Socket(domain, stype, protocol int) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failing != nil {
		return -1, d.failing
	}
	if d.sockets == nil {
		d.sockets = map[int]*fakeSocket{}
	}
	d.next++
	d.sockets[d.next] = &fakeSocket{
		stream: stype == netdev.SOCK_STREAM,
		inbox:  make(chan []byte, 16),
		closed: make(chan struct{}),
	}
	d.most = max(d.most, len(d.sockets))
	return d.next, nil
}

func (d *fakeDevice) get(fd int) *fakeSocket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sockets[fd]
}

func (d *fakeDevice) open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sockets)
}

func (d *fakeDevice) Bind(fd int, addr netip.AddrPort) error {
	if addr.Port() != 0 {
		return netdev.ErrAddrInUse // a port that was not left to the device
	}
	d.get(fd).bound = true
	return nil
}

func (d *fakeDevice) Connect(fd int, host string, server netip.AddrPort) error {
	s := d.get(fd)
	s.server = server
	if s.bound == s.stream {
		return netdev.ErrInvalid // the port of a stream is the device's own business
	}
	if s.stream && d.silently {
		<-s.closed
		return netdev.ErrClosed
	}
	return nil
}

func (d *fakeDevice) Send(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	s := d.get(fd)
	if s == nil {
		return 0, netdev.ErrInvalidSocketFd
	}
	n := len(buf)
	if s.stream {
		buf = buf[2:]
	}
	q := new(miekg.Msg)
	if err := q.Unpack(buf); err != nil {
		return 0, err
	}
	d.mu.Lock()
	d.asked = append(d.asked, fakeQuery{time.Now(), s.server, q})
	answer := d.servers[s.server]
	d.mu.Unlock()
	if answer == nil {
		return n, nil
	}
	if m := answer(q, s.stream); m != nil {
		msg, err := m.Pack()
		if err != nil {
			return 0, err
		}
		if s.stream {
			msg = append(binary.BigEndian.AppendUint16(nil, uint16(len(msg))), msg...)
		}
		time.AfterFunc(d.delay, func() { s.inbox <- msg })
	}
	return n, nil
}

func (d *fakeDevice) Recv(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	s := d.get(fd)
	if s == nil {
		return 0, netdev.ErrInvalidSocketFd
	}
	if len(s.rest) == 0 {
		late := time.NewTimer(time.Until(deadline))
		defer late.Stop()
		select {
		case msg := <-s.inbox:
			s.rest = msg
		case <-late.C:
			return 0, netdev.ErrTimeout
		case <-s.closed:
			return 0, netdev.ErrClosed
		}
	}
	n := copy(buf, s.rest)
	if s.rest = s.rest[n:]; !s.stream {
		s.rest = nil
	}
	if n == 0 && s.stream {
		return 0, io.EOF
	}
	return n, nil
}

func (d *fakeDevice) Close(fd int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.sockets[fd]
	if s == nil {
		return netdev.ErrInvalidSocketFd
	}
	delete(d.sockets, fd)
	close(s.closed)
	return nil
}
