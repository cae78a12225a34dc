//go:build !tinygo

package tlsdev

import (
	"crypto/tls"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

type phase uint8

const (
	fresh phase = iota
	connecting
	connected
	failed // Connect has no other outcome any more
	listening
)

// A socket is a TLS socket. Waiting is always for changed, and outside of mu.
type socket struct {
	d  *device
	fd int

	mu       sync.Mutex
	changed  chan struct{} // closed at the next change; nil where nobody waits for it
	phase    phase
	closed   bool
	nonblock bool
	abort    bool  // SO_LINGER 0: Close sends a reset
	joined   bool  // Connect has returned nil
	outcome  error // of connecting
	told     bool  // the error that ended the connection, or connecting
	config   *tls.Config
	conn     *tls.Conn // never called with mu held: it calls wire
	chosen   string    // by ALPN

	in      []byte // decrypted, for Recv
	inErr   error  // what comes after in: io.EOF or worse
	wireErr error  // the device's, of receiving
	rdShut  bool

	out      []byte // encrypted, for the device; out[:sent] is gone
	sent     int
	outErr   error // the device's, of sending
	flushing bool  // somebody gives out to the device
	turn     bool  // a Send is under way
	wrShut   bool
	noticed  bool // close_notify is in out
	finSent  bool

	linger   *time.Timer // of a socket that was closed with bytes in out
	finished bool        // the device's socket is closed

	*backlog // of a listener

	notifyMu sync.Mutex // held while notify runs, so that PollNotify waits for it
	notify   func()
}

func newSocket(d *device, fd int) *socket {
	return &socket{d: d, fd: fd, config: &tls.Config{MinVersion: tls.VersionTLS12}}
}

// unlock unlocks s after a change and tells everybody who waits for one.
func (s *socket) unlock() {
	if s.changed != nil {
		close(s.changed)
		s.changed = nil
	}
	s.mu.Unlock()
	s.notifyMu.Lock()
	defer s.notifyMu.Unlock()
	if s.notify != nil {
		s.notify()
	}
}

// errDone is for inside: the context of the call is done.
var errDone = errors.New("context done")

// A limit says how long a call waits.
type limit struct {
	nonblock bool
	deadline time.Time
	done     <-chan struct{}
	timer    *time.Timer
}

func (l *limit) stop() {
	if l.timer != nil {
		l.timer.Stop()
	}
}

// await waits for a change. s is locked before and after, and what it was then
// means nothing any more.
func (s *socket) await(l *limit) error {
	if l.nonblock {
		return netdev.ErrWouldBlock
	}
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	changed := s.changed
	s.mu.Unlock()
	defer s.mu.Lock()
	var late <-chan time.Time
	if !l.deadline.IsZero() {
		if l.timer == nil {
			l.timer = time.NewTimer(time.Until(l.deadline))
		}
		late = l.timer.C
	}
	select {
	case <-changed:
		return nil
	case <-late:
		return netdev.ErrTimeout
	case <-l.done:
		return errDone
	}
}

func (s *socket) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *socket) setAbort(abort bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abort = abort
}

func (s *socket) configure(config *tls.Config) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return netdev.ErrInvalidSocketFd
	case s.phase != fresh:
		return netdev.ErrInvalid
	}
	s.config = config
	return nil
}

func (s *socket) protocol() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return "", netdev.ErrInvalidSocketFd
	case s.phase != connected:
		return "", netdev.ErrNotConnected
	}
	return s.chosen, nil
}

// pending returns the error that nobody was told yet. s is locked.
func (s *socket) pending() error {
	switch {
	case s.told:
		return nil
	case s.phase == failed:
		return s.outcome
	case s.inErr != nil && s.inErr != io.EOF:
		return s.inErr
	}
	return s.outErr
}

// takeError returns the pending error, once.
func (s *socket) takeError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.pending()
	s.told = s.told || err != nil
	return err
}
