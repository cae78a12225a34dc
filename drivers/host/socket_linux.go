//go:build !tinygo

package host

import (
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

// errContext is for inside: the context of the call is done.
var errContext = errors.New("context done")

// What became of a socket.
const (
	stateOpen int32 = iota
	stateDown       // by NetDisconnect; the descriptor is still to be closed
	stateClosed
)

// What a stream is used for.
const (
	roleNone int32 = iota
	roleListener
	roleConn
)

// A socket is a socket of the kernel and the calls that wait for it.
type socket struct {
	number int // in the table of its device
	fd     int // the kernel's
	family int
	stype  int

	state    atomic.Int32
	role     atomic.Int32
	nonblock atomic.Bool
	shutRead atomic.Bool
	sending  atomic.Bool                    // a Send has its turn
	peer     atomic.Pointer[netip.AddrPort] // of a connected datagram socket
	stale    atomic.Uint32                  // the Connect before which strangers may have sent, or 0
	broken   atomic.Int32                   // the errno that ended the connection, which the kernel tells only once
	sawEOF   atomic.Bool
	reuseSet atomic.Bool // SO_REUSEADDR is the caller's own business

	// refs counts the calls that use fd. Once retired is set there are no new
	// ones, and fd is closed when the last is over.
	refs    atomic.Int64
	drained chan struct{}
	done    chan struct{} // closed when state leaves stateOpen

	edges [waits]atomic.Uint32 // counts the edges seen

	mu       sync.Mutex
	asleep   [waits]*waiter
	notify   func()
	calling  int // how many times notify is running
	returned sync.Cond
}

const retired = 1 << 62

func newSocket(fd, family, stype int) (*socket, error) {
	s := &socket{
		fd: fd, family: family, stype: stype,
		drained: make(chan struct{}, 1), done: make(chan struct{}),
	}
	s.returned.L = &s.mu
	if err := poll.add(s); err != nil {
		unix.Close(fd)
		return nil, mapError(err)
	}
	return s, nil
}

// acquire keeps the kernel's descriptor open until release.
func (s *socket) acquire() bool {
	for {
		n := s.refs.Load()
		if n&retired != 0 {
			return false
		}
		if s.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *socket) release() {
	if s.refs.Add(-1) == retired {
		s.drained <- struct{}{}
	}
}

// shut leaves the open state for the given one, wakes all calls, waits until
// they have left and closes the kernel's socket. It reports whether it was this
// call that did so.
func (s *socket) shut(state int32) (bool, error) {
	if !s.begin(state) {
		return false, nil
	}
	return true, s.finish()
}

// begin is the part of shut that does not wait.
func (s *socket) begin(state int32) bool {
	if !s.state.CompareAndSwap(stateOpen, state) {
		return false
	}
	close(s.done)
	s.wake(readable, writable, turn)
	return true
}

func (s *socket) finish() error {
	if s.refs.Add(retired) != retired {
		<-s.drained
	}
	poll.remove(s)
	if err := unix.Close(s.fd); err != nil && err != unix.EINTR {
		return netdev.ErrClosingSocket
	}
	return nil
}

// ended is what a call in flight returns once the socket is no longer open.
func (s *socket) ended() error {
	switch s.state.Load() {
	case stateDown:
		return netdev.ErrNetDown
	case stateClosed:
		return netdev.ErrClosed
	}
	return nil
}

func (s *socket) enqueue(what int, w *waiter) {
	s.mu.Lock()
	w.prev, w.next = nil, s.asleep[what]
	if w.next != nil {
		w.next.prev = w
	}
	s.asleep[what] = w
	s.mu.Unlock()
}

func (s *socket) dequeue(what int, w *waiter) {
	s.mu.Lock()
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		s.asleep[what] = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	}
	w.prev, w.next = nil, nil
	s.mu.Unlock()
}

// ready is told of the events of an edge.
func (s *socket) ready(events uint32) {
	const in = unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLHUP | unix.EPOLLERR
	const out = unix.EPOLLOUT | unix.EPOLLHUP | unix.EPOLLERR
	switch {
	case events&in != 0 && events&out != 0:
		s.wake(readable, writable)
	case events&in != 0:
		s.wake(readable)
	case events&out != 0:
		s.wake(writable)
	}
}

// wake wakes all who wait for any of what, and tells the function of
// PollNotify. All, for one of them alone may not use up what there is.
func (s *socket) wake(what ...int) {
	s.mu.Lock()
	for _, i := range what {
		s.edges[i].Add(1)
		for w := s.asleep[i]; w != nil; w = w.next {
			select {
			case w.wake <- struct{}{}:
			default:
			}
		}
	}
	f := s.notify
	if f == nil {
		s.mu.Unlock()
		return
	}
	s.calling++
	s.mu.Unlock()
	f()
	s.mu.Lock()
	if s.calling--; s.calling == 0 {
		s.returned.Broadcast()
	}
	s.mu.Unlock()
}

// setNotify returns when the function before f runs no more.
func (s *socket) setNotify(f func()) {
	s.mu.Lock()
	s.notify = f
	for s.calling > 0 {
		s.returned.Wait()
	}
	s.mu.Unlock()
}
