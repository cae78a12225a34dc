package socket

import (
	"encoding/binary"
	"io"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/overlay/internal/pump"
)

// A Socket is one socket of a device, behind one eventfd and its duplicates.
type Socket struct {
	dev    netdev.Netdever
	poll   netdev.Poller
	packet netdev.PacketNetdever // nil on a stream, and where the device has none
	sockfd int
	domain int
	typ    int
	proto  int

	mu         sync.Mutex
	fds        []int         // the eventfd and its duplicates
	woken      chan struct{} // closed by wake; nil while no call on a blocking descriptor waits
	connecting bool
	listening  bool
	peer       netip.AddrPort // of the last Connect
}

// typeFlags are the flags that socket(2) takes beside the type.
const typeFlags = unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC

// New makes a socket on dev and the eventfd that stands for it. The error is an
// errno.
func New(dev netdev.Netdever, domain, typ, proto int) (int, *Socket, error) {
	flags := typ & typeFlags
	typ &^= typeFlags
	dev, poll := pump.Poller(dev)
	sockfd, err := dev.Socket(domain, typ, proto)
	if err != nil {
		return -1, nil, Errno(err)
	}
	s := &Socket{dev: dev, poll: poll, sockfd: sockfd, domain: domain, typ: typ, proto: proto}
	fd, err := s.open(flags)
	return fd, s, err
}

// open gives the device's socket its eventfd.
func (s *Socket) open(flags int) (int, error) {
	efdFlags := 0
	if flags&unix.SOCK_NONBLOCK != 0 {
		efdFlags |= unix.EFD_NONBLOCK
	}
	if flags&unix.SOCK_CLOEXEC != 0 {
		efdFlags |= unix.EFD_CLOEXEC
	}
	fd, err := unix.Eventfd(0, efdFlags)
	if err != nil {
		s.dev.Close(s.sockfd)
		return -1, Errno(err)
	}
	s.fds = []int{fd}
	if s.typ != netdev.SOCK_STREAM {
		s.packet, _ = netdev.As[netdev.PacketNetdever](s.dev)
	}
	if err = s.poll.SetNonblock(s.sockfd, true); err == nil {
		err = s.poll.PollNotify(s.sockfd, s.wake)
	}
	if err != nil {
		unix.Close(fd)
		s.dev.Close(s.sockfd)
		return -1, Errno(err)
	}
	return fd, nil
}

// one is what is written to an eventfd: a uint64 in the machine's order.
var one = binary.NativeEndian.AppendUint64(nil, 1)

// wake has everybody who waits for the socket try again.
func (s *Socket) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fds) > 0 {
		// It cannot block: the counter would have to come near 1<<64.
		unix.Write(s.fds[0], one)
	}
	if s.woken != nil {
		close(s.woken)
		s.woken = nil
	}
}

// Dup says that fd is a further descriptor of the socket.
func (s *Socket) Dup(fd int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fds = append(s.fds, fd)
}

// Close says that fd is about to be closed. The last one closes the socket.
func (s *Socket) Close(fd int) {
	s.mu.Lock()
	for i := range s.fds {
		if s.fds[i] == fd {
			s.fds = append(s.fds[:i], s.fds[i+1:]...)
			break
		}
	}
	last := len(s.fds) == 0
	s.mu.Unlock()
	if last {
		s.dev.Close(s.sockfd)
	}
}

// A waiter is a call that tries again on a blocking descriptor.
type waiter struct{ woken <-chan struct{} }

// again reports whether a call that came to err shall be tried again, and
// returns when that makes sense. It subscribes to wake before the second try,
// so that no wake is missed.
func (w *waiter) again(s *Socket, err error) bool {
	if err != netdev.ErrWouldBlock && err != netdev.ErrInProgress {
		return false
	}
	if w.woken != nil {
		<-w.woken
	} else if s.nonblocking() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.woken == nil {
		s.woken = make(chan struct{})
	}
	w.woken = s.woken
	return true
}

func (s *Socket) nonblocking() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fds) == 0 {
		return true
	}
	fl, err := unix.FcntlInt(uintptr(s.fds[0]), unix.F_GETFL, 0)
	return err != nil || fl&unix.O_NONBLOCK != 0
}

// Bind is bind(2).
func (s *Socket) Bind(addr netip.AddrPort) error {
	return Errno(s.dev.Bind(s.sockfd, addr))
}

// Connect is connect(2).
func (s *Socket) Connect(addr netip.AddrPort) error {
	if s.isConnecting() {
		return unix.EALREADY
	}
	for w := (waiter{}); ; {
		err := s.dev.Connect(s.sockfd, "", addr)
		s.mu.Lock()
		s.peer, s.connecting = addr, err == netdev.ErrInProgress
		s.mu.Unlock()
		if !w.again(s, err) {
			return Errno(err)
		}
	}
}

func (s *Socket) isConnecting() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connecting
}

// connectError returns what came of a Connect under way, nil while nothing has.
func (s *Socket) connectError() error {
	s.mu.Lock()
	peer := s.peer
	s.mu.Unlock()
	err := s.dev.Connect(s.sockfd, "", peer)
	if err == netdev.ErrInProgress {
		return nil
	}
	s.mu.Lock()
	s.connecting = false
	s.mu.Unlock()
	return err
}

// Listen is listen(2).
func (s *Socket) Listen(backlog int) error {
	err := s.dev.Listen(s.sockfd, backlog)
	s.mu.Lock()
	s.listening = err == nil
	s.mu.Unlock()
	return Errno(err)
}

// Accept is accept4(2).
func (s *Socket) Accept(flags int) (fd int, conn *Socket, peer netip.AddrPort, err error) {
	var sockfd int
	for w := (waiter{}); ; {
		sockfd, peer, err = s.dev.Accept(s.sockfd)
		if !w.again(s, err) {
			break
		}
	}
	if err != nil {
		return -1, nil, peer, Errno(err)
	}
	conn = &Socket{dev: s.dev, poll: s.poll, sockfd: sockfd, domain: s.domain, typ: s.typ, proto: s.proto}
	fd, err = conn.open(flags)
	return fd, conn, peer, err
}

// Sockname is getsockname(2).
func (s *Socket) Sockname() (netip.AddrPort, error) {
	n, ok := netdev.As[netdev.SockNamer](s.dev)
	if !ok {
		return netip.AddrPort{}, unix.EOPNOTSUPP
	}
	addr, err := n.GetSockName(s.sockfd)
	return addr, Errno(err)
}

// Peername is getpeername(2).
func (s *Socket) Peername() (netip.AddrPort, error) {
	if s.isConnecting() {
		return netip.AddrPort{}, unix.ENOTCONN
	}
	n, ok := netdev.As[netdev.SockNamer](s.dev)
	if !ok {
		return netip.AddrPort{}, unix.EOPNOTSUPP
	}
	addr, err := n.GetPeerName(s.sockfd)
	return addr, Errno(err)
}

// Shutdown is shutdown(2).
func (s *Socket) Shutdown(how int) error {
	d, ok := netdev.As[netdev.Shutdowner](s.dev)
	if !ok {
		return unix.EOPNOTSUPP
	}
	return Errno(d.Shutdown(s.sockfd, how))
}

const msgFlags = netdev.MSG_PEEK | netdev.MSG_DONTWAIT

// Recv is recvfrom(2). On a stream it returns 0 and nil at its end.
func (s *Socket) Recv(p []byte, flags int) (n int, from netip.AddrPort, err error) {
	if flags&^(msgFlags|unix.MSG_CMSG_CLOEXEC) != 0 {
		return 0, from, unix.EOPNOTSUPP
	}
	flags &= msgFlags
	for w := (waiter{}); ; {
		if s.packet != nil {
			n, from, err = s.packet.RecvFrom(s.sockfd, p, flags, time.Time{})
		} else {
			n, err = s.dev.Recv(s.sockfd, p, flags, time.Time{})
		}
		if !w.again(s, err) {
			break
		}
	}
	if err == io.EOF {
		return 0, from, nil
	}
	return n, from, Errno(err)
}

// Send is sendto(2). It returns how many bytes were taken, and an error only
// if there were none.
func (s *Socket) Send(p []byte, flags int, to netip.AddrPort) (n int, err error) {
	if flags&^(msgFlags|unix.MSG_NOSIGNAL|unix.MSG_MORE) != 0 {
		return 0, unix.EOPNOTSUPP
	}
	flags &= msgFlags
	addressed := to.IsValid() && s.typ != netdev.SOCK_STREAM
	if addressed && s.packet == nil {
		return 0, unix.EOPNOTSUPP
	}
	for w := (waiter{}); ; {
		var m int
		if addressed {
			m, err = s.packet.SendTo(s.sockfd, p, flags, to, time.Time{})
		} else {
			m, err = s.dev.Send(s.sockfd, p[n:], flags, time.Time{})
		}
		n += max(m, 0)
		if !w.again(s, err) {
			break
		}
	}
	if n > 0 {
		return n, nil
	}
	return n, Errno(err)
}

// Domain is the family that the socket was made with.
func (s *Socket) Domain() int { return s.domain }
