package nina

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// Sizes that the firmware's lwIP is built with.
const (
	maxSockets  = 10
	firstSocket = 54 // LWIP_SOCKET_OFFSET
	maxSegment  = 1436
	bufferSize  = 5744            // TCP_SND_BUF and TCP_WND
	maxDatagram = 1472            // there are no fragments, neither way
	mailbox     = 6 * maxDatagram // UDP_RECVMBOX_SIZE datagrams
)

// lwip is the socket layer: ten sockets, whose numbers are taken from the lowest.
// Its functions return -1 beside an error, whose number is in errno then, and is
// left as it was otherwise.
type lwip struct {
	sockets [maxSockets]*socket
}

// A socket is one of lwIP's over one of the network's, which never blocks.
type socket struct {
	fd      int // the network's; -1 is a raw one, for a ping
	stream  bool
	changed chan struct{} // the network has told of something

	nonblock   bool
	port       uint16 // that it was bound to, or 0
	listening  bool
	backlog    int
	connecting bool
	connected  bool           // of a stream: it has an address of its own
	peer       netip.AddrPort // valid where connect was called
	finished   bool           // the peer's FIN was told
	closed     bool

	last errno // of the connection; one that ended it stays
	err  errno // of the last call: what SO_ERROR tells

	recvTimeout, sendTimeout time.Duration // 0 is none
	flags                    byte          // options that are on, by lwIP's bits
}

// local reports whether the socket has an address, without which it outlives the
// network.
func (s *socket) local() bool { return s.stream && (s.connecting || s.connected) }

// broken reports whether it is of no more use.
func (s *socket) broken() bool { return s.last.fatal() || s.stream && !s.connected && s.last != 0 }

// lookup returns an open socket, or nil with errno set.
func (f *firmware) lookup(fd int) *socket {
	i := fd - firstSocket
	if i < 0 || i >= maxSockets || f.sockets[i] == nil {
		f.errno = eBADF
		return nil
	}
	return f.sockets[i]
}

// result ends a call on a socket: SO_ERROR tells of the last one.
func (f *firmware) result(s *socket, n int, e errno) int {
	s.err = e
	if e == 0 {
		return n
	}
	f.errno = e
	if e.fatal() && !s.listening {
		s.last = e
	}
	return -1
}

// take gives a socket a number.
func (f *firmware) take(s *socket) int {
	for i, used := range f.sockets {
		if used == nil {
			f.sockets[i] = s
			return firstSocket + i
		}
	}
	f.errno = eNFILE
	return -1
}

func (f *firmware) socket(stype byte) int {
	if stype != netdev.SOCK_STREAM && stype != netdev.SOCK_DGRAM {
		f.errno = eINVAL
		return -1
	}
	s := &socket{stream: stype == netdev.SOCK_STREAM, changed: make(chan struct{}, 1)}
	fd := f.take(s)
	if fd < 0 {
		return -1
	}
	if err := f.open(s); err != nil {
		f.sockets[fd-firstSocket] = nil
		f.errno = eNOBUFS
		return -1
	}
	return fd
}

// open takes a socket of the network.
func (f *firmware) open(s *socket) (err error) {
	stype := netdev.SOCK_DGRAM
	if s.stream {
		stype = netdev.SOCK_STREAM
	}
	if s.fd, err = f.network().Socket(netdev.AF_INET, stype, 0); err != nil {
		return err
	}
	if s.stream {
		f.network().SetSockOpt(s.fd, netdev.SOL_TCP, netdev.TCP_MAXSEG, maxSegment)
		f.network().SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_SNDBUF, bufferSize)
		f.network().SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, bufferSize)
	} else {
		f.network().SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, mailbox)
	}
	f.follow(s)
	return nil
}

// follow has the network tell of what happens to a socket.
func (f *firmware) follow(s *socket) {
	f.network().SetNonblock(s.fd, true)
	f.network().PollNotify(s.fd, func() {
		signal(s.changed)
		f.gpio0.signal()
	})
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// close gives a socket back. Who waits on it is told.
func (f *firmware) close(fd int) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	f.sockets[fd-firstSocket] = nil
	f.shut(s)
	return 0
}

func (f *firmware) shut(s *socket) {
	s.closed = true
	f.network().PollNotify(s.fd, nil)
	f.network().Close(s.fd)
	signal(s.changed)
}

// closeAll is for a chip without power: its peers hear of it when they next speak,
// which here is at once.
func (f *firmware) closeAll() {
	for i, s := range f.sockets {
		if s == nil {
			continue
		}
		f.network().SetSockOpt(s.fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)
		f.sockets[i] = nil
		f.shut(s)
	}
}

// closeLocal closes what has an address, as the firmware does when it is no longer
// on a network, and takes what has none out of the network's hands.
func (f *firmware) closeLocal() {
	for i, s := range f.sockets {
		if s != nil && s.local() {
			f.sockets[i] = nil
			f.shut(s)
		}
	}
}

// renew opens the sockets that outlive a network anew.
func (f *firmware) renew() {
	for _, s := range f.sockets {
		if s == nil || s.fd < 0 {
			continue
		}
		f.network().PollNotify(s.fd, nil)
		f.network().Close(s.fd)
		if f.open(s) != nil {
			continue
		}
		if s.port != 0 {
			f.network().Bind(s.fd, netip.AddrPortFrom(netip.IPv4Unspecified(), s.port))
		}
		if s.listening {
			f.network().Listen(s.fd, s.backlog)
		}
		f.applyFlags(s)
	}
}

// reconnect gives datagram sockets their peers again.
func (f *firmware) reconnect() {
	for _, s := range f.sockets {
		if s != nil && !s.stream && s.peer.IsValid() {
			f.network().Connect(s.fd, "", s.peer)
		}
	}
}

// wait waits until something has happened to a socket, and reports whether there is
// reason to ask again.
func (f *firmware) wait(s *socket, deadline time.Time) errno {
	var over <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		over = t.C
	}
	late := false
	f.away(func() {
		select {
		case <-s.changed:
		case <-over:
			late = true
		case <-f.dead:
		}
	})
	switch {
	case s.closed:
		return eBADF
	case late:
		return eWOULDBLOCK
	}
	return 0
}

func after(d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}

func (f *firmware) bind(fd int, port uint16) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	err := f.network().Bind(s.fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port))
	f.nameOf(s)
	return f.result(s, 0, errnoOf(err))
}

// nameOf remembers the port that a socket has.
func (f *firmware) nameOf(s *socket) {
	if name, err := f.network().GetSockName(s.fd); err == nil {
		s.port = name.Port()
	}
}

func (f *firmware) listen(fd int, backlog byte) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	if !s.stream {
		return f.result(s, 0, eOPNOTSUPP)
	}
	s.backlog = max(int(backlog), 1)
	err := f.network().Listen(s.fd, s.backlog)
	if err == nil {
		s.listening = true
		f.nameOf(s)
	}
	return f.result(s, 0, errnoOf(err))
}

// accept returns a connection, which blocks whatever the listener does. Where there
// is no number left for it, it is closed.
func (f *firmware) accept(fd int) (int, netip.AddrPort) {
	s := f.lookup(fd)
	if s == nil {
		return -1, netip.AddrPort{}
	}
	switch {
	case s.listening:
	case s.nonblock:
		return f.result(s, 0, eWOULDBLOCK), netip.AddrPort{}
	case s.stream:
		return f.result(s, 0, eINVAL), netip.AddrPort{}
	default:
		return f.result(s, 0, eOPNOTSUPP), netip.AddrPort{}
	}
	deadline := after(s.recvTimeout)
	for {
		conn, peer, err := f.network().Accept(s.fd)
		if err == nil {
			c := &socket{fd: conn, stream: true, changed: make(chan struct{}, 1), connected: true, peer: peer}
			n := f.take(c)
			if n < 0 {
				f.network().Close(conn)
				return f.result(s, 0, eNFILE), netip.AddrPort{}
			}
			f.follow(c)
			return f.result(s, n, 0), peer
		}
		e := errnoOf(err)
		if e == eWOULDBLOCK && !s.nonblock {
			if e = f.wait(s, deadline); e == 0 {
				continue
			}
		}
		return f.result(s, 0, e), netip.AddrPort{}
	}
}

func (f *firmware) connect(fd int, to netip.AddrPort) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	f.settle(s)
	switch {
	case !s.stream:
		err := f.network().Connect(s.fd, "", to)
		if err == nil {
			s.peer = to
		}
		return f.result(s, 0, errnoOf(err))
	case s.connecting:
		return f.result(s, 0, eALREADY)
	case s.connected || s.listening:
		return f.result(s, 0, eISCONN)
	case s.broken():
		return f.result(s, 0, eNOTCONN)
	}
	err := f.network().Connect(s.fd, "", to)
	s.peer = to
	switch e := errnoOf(err); e {
	case 0:
		s.connected = true
		return f.result(s, 0, 0)
	case eINPROGRESS:
		s.connecting = true
	default:
		s.last = e
		return f.result(s, 0, e)
	}
	if s.nonblock {
		return f.result(s, 0, eINPROGRESS)
	}
	for s.connecting {
		if e := f.wait(s, time.Time{}); e != 0 {
			return f.result(s, 0, e)
		}
		f.settle(s)
	}
	return f.result(s, 0, s.last)
}

// settle asks how connecting has ended.
func (f *firmware) settle(s *socket) {
	if !s.connecting {
		return
	}
	err := f.network().Connect(s.fd, "", s.peer)
	if e := errnoOf(err); e != eINPROGRESS {
		s.connecting, s.connected, s.last = false, err == nil, e
	}
}

// send sends what there is room for, or blocks until all of b is sent.
func (f *firmware) send(fd int, b []byte, to netip.AddrPort) int {
	s := f.lookup(fd)
	if s == nil {
		return -1
	}
	f.settle(s)
	switch {
	case !s.stream && len(b) > maxDatagram:
		return f.result(s, 0, eNOMEM)
	case s.connecting:
		return f.result(s, 0, eINPROGRESS)
	case s.broken():
		return f.result(s, 0, s.last)
	}
	deadline := after(s.sendTimeout)
	n := 0
	for {
		var m int
		var err error
		if s.stream {
			m, err = f.network().Send(s.fd, b[n:], 0, time.Time{})
		} else {
			m, err = f.network().SendTo(s.fd, b, 0, to, time.Time{})
			if errnoOf(err) == eCONNREFUSED {
				continue // of one before: lwIP does not hand such word on
			}
		}
		n += max(m, 0)
		e := errnoOf(err)
		if e == eWOULDBLOCK && !s.nonblock {
			if e = f.wait(s, deadline); e == 0 {
				continue
			}
		}
		if e != 0 && n > 0 {
			e = 0 // it is told when there is nothing else to tell
		}
		return f.result(s, n, e)
	}
}

const (
	peek = 1 << iota
	dontWait
)

// recv receives from a stream what there is, or a datagram, of which b takes what
// it has room for. The FIN is told once, as 0 with ENOTCONN.
func (f *firmware) recv(fd int, b []byte, flags int) (int, netip.AddrPort) {
	s := f.lookup(fd)
	if s == nil {
		return -1, netip.AddrPort{}
	}
	f.settle(s)
	wait := !s.nonblock && flags&dontWait == 0
	deadline := after(s.recvTimeout)
	for {
		n, from, e := f.receive(s, b, flags&peek != 0)
		if e == eWOULDBLOCK && wait {
			if e = f.wait(s, deadline); e == 0 {
				continue
			}
		}
		if e == eNOTCONN && s.finished {
			f.result(s, 0, e)
			return 0, from
		}
		return f.result(s, n, e), from
	}
}

// receive is recv without waiting.
func (f *firmware) receive(s *socket, b []byte, peek bool) (int, netip.AddrPort, errno) {
	flags := 0
	if peek {
		flags = netdev.MSG_PEEK
	}
	switch {
	case !s.stream:
		return f.receiveDatagram(s, b, flags)
	case s.broken():
		return 0, s.peer, s.last
	case s.finished, !s.connected:
		return 0, s.peer, eWOULDBLOCK
	case len(b) == 0:
		// It waits for data as any other does, and leaves them.
		b, flags = make([]byte, 1), netdev.MSG_PEEK
		_, _, e := f.stream(s, b, flags)
		return 0, s.peer, e
	}
	n, from, e := f.stream(s, b, flags)
	for flags == 0 && e == 0 && n < len(b) {
		m, err := f.network().Recv(s.fd, b[n:], 0, time.Time{})
		if err != nil || m <= 0 {
			break
		}
		n += m
	}
	return n, from, e
}

func (f *firmware) stream(s *socket, b []byte, flags int) (int, netip.AddrPort, errno) {
	n, err := f.network().Recv(s.fd, b, flags, time.Time{})
	if err == io.EOF {
		s.finished = true
		return 0, s.peer, eNOTCONN
	}
	return max(n, 0), s.peer, errnoOf(err)
}

// receiveDatagram leaves those out that have come in fragments.
func (f *firmware) receiveDatagram(s *socket, b []byte, flags int) (int, netip.AddrPort, errno) {
	var whole [maxDatagram + 1]byte
	for {
		n, from, err := f.network().RecvFrom(s.fd, whole[:], flags, time.Time{})
		switch e := errnoOf(err); e {
		case 0:
		case eCONNREFUSED:
			continue // as in send
		default:
			return 0, netip.AddrPort{}, e
		}
		if n <= maxDatagram {
			return copy(b, whole[:n]), from, 0
		}
		if flags != 0 {
			f.network().RecvFrom(s.fd, whole[:], 0, time.Time{})
		}
	}
}

// available is FIONREAD: how much can be received without waiting.
func (f *firmware) available(s *socket) int {
	f.settle(s)
	if s.stream && (!s.connected || s.finished || s.broken()) {
		return 0
	}
	var b [bufferSize]byte
	var n int
	if s.stream {
		n, _ = f.network().Recv(s.fd, b[:], netdev.MSG_PEEK, time.Time{})
	} else {
		n, _, _ = f.receiveDatagram(s, b[:], netdev.MSG_PEEK)
	}
	return max(n, 0)
}
