//go:build !tinygo

package host

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// poll is the one epoll instance of the process, whatever the number of
// devices. Its goroutine is there while there are sockets, so that a program
// which counts its goroutines at its end finds none of ours.
var poll poller

type poller struct {
	mu      sync.Mutex
	epoll   *os.File // nil until the first socket
	epfd    int
	running bool
	count   int       // of sockets
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
	p.count++
	if err != nil {
		p.forget(s)
	}
	return err
}

// remove forgets s. It comes before the close: while epoll looks at a socket it
// holds on to it, and a close that comes in between would leave the port in use
// for a moment.
func (p *poller) remove(s *socket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	unix.EpollCtl(p.epfd, unix.EPOLL_CTL_DEL, s.fd, nil)
	p.forget(s)
}

// forget ends the goroutine with the last socket.
func (p *poller) forget(s *socket) {
	p.sockets[s.fd] = nil
	if p.count--; p.count == 0 {
		p.epoll.SetReadDeadline(time.Unix(1, 0))
	}
}

// start makes the epoll instance and its goroutine where they are not there.
func (p *poller) start() error {
	if p.epoll == nil {
		epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
		if err != nil {
			return err
		}
		if err := unix.SetNonblock(epfd, true); err != nil {
			unix.Close(epfd)
			return err
		}
		p.epfd, p.epoll = epfd, os.NewFile(uintptr(epfd), "epoll")
	}
	if p.count > 0 {
		return nil
	}
	if err := p.epoll.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	if !p.running {
		p.running = true
		go p.run()
	}
	return nil
}

// run tells sockets of their events. An epoll descriptor is readable when it
// has events, so that the goroutine waits in the runtime's own poller and takes
// no thread.
func (p *poller) run() {
	events := make([]unix.EpollEvent, 128)
	batch := make([]*socket, len(events))
	conn, _ := p.epoll.SyscallConn() // an error is for a nil or a closed file
	for p.wanted() {
		conn.Read(func(uintptr) bool {
			// Not all that there is room for means that there is no more; what
			// comes now is a new edge.
			for p.collect(events, batch) == len(events) {
			}
			return false
		})
	}
}

// wanted reports whether there are sockets, and that run ends where not.
func (p *poller) wanted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = p.count > 0
	return p.running
}

func (p *poller) collect(events []unix.EpollEvent, batch []*socket) int {
	n, err := unix.EpollWait(p.epfd, events, 0)
	for err == unix.EINTR {
		n, err = unix.EpollWait(p.epfd, events, 0)
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
