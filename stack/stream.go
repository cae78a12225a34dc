package stack

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// tcp is the part of the configuration that is TCP's.
func (c *Config) tcp(pool *block.Pool) tcp.Config {
	return tcp.Config{
		Pool:     pool,
		MaxConns: c.Connections, MaxHalfOpen: c.HalfOpen, MaxTimeWait: c.TimeWait,
		MaxAnswers: min(64, max(1, c.Connections/4)),
		SendBuffer: c.SendBuffer, RecvBuffer: c.RecvBuffer,
		MaxSendBuffer: c.MaxBuffer, MaxRecvBuffer: c.MaxBuffer,
		Records:    c.records(),
		Congestion: c.Congestion,
	}
}

// outputTCP writes segments into the ring, but leaves a quarter of it, or its short
// frames, to what cannot wait as well. With long it ends, as if the ring were full,
// where there is no room for a long segment: short ones would take its turn.
func (s *Stack) outputTCP(now time.Duration, long bool) {
	spare := max(1, len(s.ring.frames)/4)
	if s.ring.short > 0 {
		spare = 0
	}
	for s.ring.roomFull() > spare {
		f := s.ring.nextFull()
		b, room := s.packet(f), s.longRoom()
		if long && room == nil {
			return
		}
		n, mss, path := s.engine.OutputLong(now, b[ipv4.HeaderLen:], room)
		if n == 0 {
			return
		}
		if mss > 0 {
			s.ring.lengthen(f, mss)
			b = s.packet(f)
		}
		src, dst := path.Local.Addr(), path.Remote.Addr()
		h, err := s.route(dst, netip.Addr{})
		if err != nil || !s.mayBeFrom(src) {
			s.ring.shorten(f)
			continue // as if lost: the network has become another one
		}
		ip := ipv4.Header{TOS: path.TOS, TotalLen: ipv4.HeaderLen + n, TTL: path.TTL, Protocol: netdev.IPPROTO_TCP, Src: src, Dst: dst}
		if ip.TTL == 0 {
			ip.TTL = defaultTTL
		}
		if path.MayFragment {
			ip.ID = s.nextID()
		} else {
			ip.Flags = ipv4.DontFragment
		}
		ip.Emit(b)
		s.send(now, f, ip.TotalLen, &h)
	}
}

// mayBeFrom reports whether packets may leave with that source.
func (s *Stack) mayBeFrom(src netip.Addr) bool { return s.isLocal(src) || s.config.Forward != nil }

// woken tells those who wait for a connection or a listener that it is ready.
func (s *Stack) woken(c *tcp.Conn, l *tcp.Listener) {
	if l != nil {
		if k := s.table.owner(l.Owner); k != nil && k.listener == l {
			s.wake(k, readable)
		}
		return
	}
	k := s.table.owner(c.Owner)
	if k == nil || k.conn != c {
		return
	}
	var what uint8
	ready := k.streamReady()
	if ready&(netdev.PollIn|netdev.PollErr|netdev.PollHup) != 0 {
		what |= readable
	}
	if ready&(netdev.PollOut|netdev.PollErr|netdev.PollHup) != 0 {
		what |= writable
	}
	if what != 0 {
		s.wake(k, what)
	}
}

// streamReady returns what a connection is ready for. One that Connect still has to
// tell of has its outcome, also where there is no memory to send anything.
func (k *socket) streamReady() netdev.PollEvents {
	ready := k.conn.Ready()
	if !k.has(connected) && k.conn.State() >= tcp.StateEstablished {
		ready |= netdev.PollOut
	}
	return ready
}

// stream returns the connection that bytes can be sent and received on.
func (k *socket) stream() (*tcp.Conn, error) {
	if k.conn == nil || k.has(unanswered) {
		return nil, netdev.ErrNotConnected
	}
	return k.conn, nil
}

// recvStream moves what there is.
func (s *Stack) recvStream(k *socket, buf []byte, flags int) (int, error) {
	c, err := k.stream()
	if err != nil {
		return 0, err
	}
	n := 0
	if flags&netdev.MSG_PEEK != 0 {
		n = c.Peek(buf)
	} else {
		n = c.Read(s.now(), buf)
	}
	switch {
	case n > 0:
		return n, nil
	case c.EOF():
		return 0, io.EOF
	case c.Err() != nil:
		return 0, c.Err()
	}
	return 0, netdev.ErrWouldBlock
}

// sendStream takes what there is room for.
func (s *Stack) sendStream(k *socket, buf []byte) (int, error) {
	c, err := k.stream()
	if err != nil {
		return 0, err
	}
	if k.has(shutWrite) {
		return 0, netdev.ErrBrokenPipe
	}
	n := c.Write(s.now(), buf)
	if n == len(buf) {
		return n, nil
	}
	if err := c.Err(); err != nil {
		return n, err
	}
	if c.State() == tcp.StateClosed {
		return n, netdev.ErrBrokenPipe
	}
	return n, netdev.ErrWouldBlock
}

// Shutdown closes one direction of a stream, or both, and of a datagram socket
// that is connected.
func (s *Stack) Shutdown(sockfd, how int) error {
	s.lock()
	k, err := s.use(sockfd)
	if err == nil {
		err = s.shutdown(k, how)
	}
	s.flush()
	return err
}

func (s *Stack) shutdown(k *socket, how int) error {
	if how != netdev.SHUT_RD && how != netdev.SHUT_WR && how != netdev.SHUT_RDWR {
		return netdev.ErrInvalid
	}
	if k.isStream() && k.listener != nil || !k.peerName().IsValid() {
		return netdev.ErrNotConnected
	}
	now := s.now()
	if how != netdev.SHUT_WR {
		k.flags |= shutRead
		if k.conn != nil {
			s.streams.shutdown(now, k.conn, netdev.SHUT_RD)
		}
		s.wake(k, readable)
	}
	if how != netdev.SHUT_RD {
		k.flags |= shutWrite
		if k.conn != nil {
			s.streams.shutdown(now, k.conn, netdev.SHUT_WR)
		}
		s.wake(k, writable|turn)
	}
	return nil
}

// pathMTU tells the engine how long packets to dst may be.
func (s *Stack) pathMTU(dst netip.Addr) int {
	mtu, _ := s.eth.paths.Lookup(s.now(), dst, s.eth.mtu)
	return mtu
}
