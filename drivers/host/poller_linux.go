//go:build !tinygo

package host

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// poll is the one epoll instance of the process, whatever the number of
// devices. It lives as long as the process.
var poll poller

type poller struct {
	mu      sync.Mutex
	epoll   *os.File // nil until the first socket
	epfd    int
	sockets []*socket // by the kernel's descriptor
}

// add registers s for every edge, for as long as its descriptor is open.
func (p *poller) add(s *socket) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.start(); err != nil {
		return err
	}
	for s.fd >= len(p.sockets) {
		p.sockets = append(p.sockets, make([]*socket, 64+len(p.sockets))...)
	}
	p.sockets[s.fd] = s
	err := unix.EpollCtl(p.epfd, unix.EPOLL_CTL_ADD, s.fd, &unix.EpollEvent{
		Events: unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLET&0xffffffff,
		Fd:     int32(s.fd),
	})
	if err != nil {
		p.sockets[s.fd] = nil
	}
	return err
}

// remove forgets s. It comes before the close: while epoll looks at a socket it
// holds on to it, and a close that comes in between would leave the port in use
// for a moment.
func (p *poller) remove(s *socket) {
	unix.EpollCtl(p.epfd, unix.EPOLL_CTL_DEL, s.fd, nil)
	p.mu.Lock()
	p.sockets[s.fd] = nil
	p.mu.Unlock()
}

func (p *poller) start() error {
	if p.epoll != nil {
		return nil
	}
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return err
	}
	if err := unix.SetNonblock(epfd, true); err != nil {
		unix.Close(epfd)
		return err
	}
	p.epfd = epfd
	p.epoll = os.NewFile(uintptr(epfd), "epoll")
	go p.run(p.epoll)
	return nil
}

// run tells sockets of their events. An epoll descriptor is readable when it
// has events, so that the goroutine waits in the runtime's own poller and takes
// no thread.
func (p *poller) run(epoll *os.File) {
	events := make([]unix.EpollEvent, 128)
	batch := make([]*socket, len(events))
	if conn, err := epoll.SyscallConn(); err == nil {
		conn.Read(func(uintptr) bool {
			// Not all that there is room for means that there is no more; what
			// comes now is a new edge.
			for p.collect(events, batch, 0) == len(events) {
			}
			return false
		})
	}
	// The runtime cannot wait for this descriptor. Then a thread does.
	for {
		p.collect(events, batch, -1)
	}
}

func (p *poller) collect(events []unix.EpollEvent, batch []*socket, timeout int) int {
	n, err := unix.EpollWait(p.epfd, events, timeout)
	for err == unix.EINTR {
		n, err = unix.EpollWait(p.epfd, events, timeout)
	}
	if n <= 0 {
		return 0
	}
	p.mu.Lock()
	for i := range n {
		batch[i] = p.sockets[events[i].Fd]
	}
	p.mu.Unlock()
	// A socket may have been closed since, and another may have its kernel
	// descriptor. Waking one for nothing is harmless.
	for i, s := range batch[:n] {
		if s != nil {
			s.ready(events[i].Events)
		}
		batch[i] = nil
	}
	return n
}
