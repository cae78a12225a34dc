package pump

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// A ring is a bounded queue of bytes, with memory from its first use on.
type ring struct {
	buf   []byte
	start int
	n     int
}

// free returns the room that one copy can fill.
func (r *ring) free() []byte {
	if r.buf == nil {
		r.buf = make([]byte, streamBuffer)
	}
	if r.n == 0 {
		r.start = 0
	}
	end := r.start + r.n
	if end >= len(r.buf) {
		return r.buf[end-len(r.buf) : r.start]
	}
	return r.buf[end:]
}

// held returns the oldest bytes that one copy can take.
func (r *ring) held() []byte {
	return r.buf[r.start:min(r.start+r.n, len(r.buf))]
}

func (r *ring) drop(n int) {
	r.start = (r.start + n) % len(r.buf)
	r.n -= n
}

func (s *socket) recv(p []byte, peek bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	if s.rx.n > 0 {
		n := copy(p, s.rx.held())
		if peek {
			return n, nil
		}
		s.rx.drop(n)
		s.change.Broadcast()
		return n, nil
	}
	if s.recvErr != nil {
		return 0, s.recvErr
	}
	if !s.receiving {
		s.receiving = true
		go s.receiveLoop()
	}
	return 0, netdev.ErrWouldBlock
}

// receiveLoop fills rx until the stream ends.
func (s *socket) receiveLoop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for s.rx.n == streamBuffer && !s.closed {
			s.change.Wait()
		}
		if s.closed {
			return
		}
		// The room stays ours without the lock: recv only ever adds to it.
		room := s.rx.free()
		s.mu.Unlock()
		n, err := s.dev.Recv(s.fd, room, 0, time.Now().Add(slice))
		s.mu.Lock()
		s.rx.n += max(n, 0)
		if err == netdev.ErrTimeout {
			err = nil
		}
		if err != nil && s.recvErr == nil {
			s.recvErr = err
		}
		if n > 0 || s.recvErr != nil {
			s.changed()
		}
		if s.recvErr != nil {
			return
		}
	}
}

func (s *socket) send(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(p) {
		switch {
		case s.finish:
			return n, netdev.ErrBrokenPipe
		case s.sendErr != nil:
			return n, s.sendErr
		case s.tx.n == streamBuffer:
			return n, netdev.ErrWouldBlock
		}
		m := copy(s.tx.free(), p[n:])
		s.tx.n += m
		n += m
		if !s.sending {
			s.sending = true
			go s.sendLoop()
		}
		s.change.Broadcast()
	}
	return n, nil
}

// sendLoop sends what tx holds. It ends when the socket is closed and tx is
// empty or can not be sent, and then closes the device's socket.
func (s *socket) sendLoop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for s.tx.n == 0 && !s.closed {
			if s.finish && s.sendErr == nil {
				s.sendErr = netdev.ErrBrokenPipe
				if d, ok := netdev.As[netdev.Shutdowner](s.dev); ok {
					s.mu.Unlock()
					d.Shutdown(s.fd, netdev.SHUT_WR)
					s.mu.Lock()
					continue
				}
			}
			s.change.Wait()
		}
		if s.tx.n == 0 || s.sendErr != nil || s.closed && time.Now().After(s.sendStop) {
			break
		}
		// What is held stays where it is without the lock: send only adds.
		held := s.tx.held()
		s.mu.Unlock()
		n, err := s.dev.Send(s.fd, held, 0, time.Now().Add(slice))
		s.mu.Lock()
		if s.discard && s.closed {
			break
		}
		s.tx.drop(max(n, 0))
		if err != nil && err != netdev.ErrTimeout {
			s.sendErr = err
			s.tx.n = 0
		}
		s.changed()
	}
	for !s.closed {
		s.change.Wait()
	}
	s.mu.Unlock()
	s.dev.Close(s.fd)
	s.mu.Lock()
	s.sending = false
	s.change.Broadcast()
}

// recvDatagram returns the oldest datagram; a rest that p has no room for is
// dropped.
func (s *socket) recvDatagram(p []byte, peek bool) (int, netip.AddrPort, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.datagrams) > 0 {
		d := s.datagrams[0]
		n := copy(p, d.data)
		if !peek {
			s.datagrams = s.datagrams[1:]
			s.queued -= len(d.data)
			s.change.Broadcast()
		}
		return n, d.from, nil
	}
	if err := s.recvErr; err != nil {
		s.recvErr = nil
		return 0, netip.AddrPort{}, err
	}
	if !s.receiving {
		s.receiving = true
		go s.receiveDatagrams()
	}
	return 0, netip.AddrPort{}, netdev.ErrWouldBlock
}

// receiveDatagrams queues datagrams until an error, which recvDatagram returns
// and after which it begins anew.
func (s *socket) receiveDatagrams() {
	packet, addressed := netdev.As[netdev.PacketNetdever](s.dev)
	buf := make([]byte, 64<<10)
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		for s.queued >= datagramBuffer && !s.closed {
			s.change.Wait()
		}
		if s.closed {
			return
		}
		from, connected := s.remote, s.remote.IsValid()
		s.mu.Unlock()
		var n int
		var err error
		switch {
		case addressed:
			n, from, err = packet.RecvFrom(s.fd, buf, 0, time.Now().Add(slice))
		case connected:
			n, err = s.dev.Recv(s.fd, buf, 0, time.Now().Add(slice))
		default:
			// Without the sender's address a datagram is of no use.
			err = netdev.ErrNotSupported
		}
		s.mu.Lock()
		switch err {
		case nil:
			s.datagrams = append(s.datagrams, datagram{append([]byte(nil), buf[:n]...), from})
			s.queued += n
			s.changed()
		case netdev.ErrTimeout:
		case io.EOF:
			s.recvErr = err
			s.changed()
			return
		default:
			s.recvErr, s.receiving = err, false
			s.changed()
			return
		}
	}
}
