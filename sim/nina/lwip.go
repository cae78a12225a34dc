package nina

import (
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
	synTime     = 18_000          // ms: six SYNs (TCP_SYNMAXRTX), always 3 s apart
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
	group      netip.Addr     // valid where one was joined
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
