package espat

import (
	"context"
	"sync"

	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/chip"
)

// A session is from a boot to the next reset.
type session struct {
	chip   *Chip
	port   *bus.Port
	net    chip.Network // nil is none
	out    *output
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}
	tasks  sync.WaitGroup
	wake   chan struct{} // of watch
	work   chan string   // a line to execute
	data   chan []byte   // what CIPSEND asked for; nil is cancelled

	in input

	mu lock // of what follows
	settings
	echo    bool
	syslog  bool
	verbose bool // +LINK_CONN
	dinfo   bool
	mux     bool
	maxConn int
	idle    int // CIPSTO, seconds
	report  int // CIPSENDLCFG
	piece   int
	links   [maxLinks]*link
	options [maxLinks]linkOptions
	server  *server
	wifi    wifi
	sntp    sntp
	joining chan struct{} // holds the token of who joins or leaves
}

func newSession(c *Chip, ctx context.Context) *session {
	s := &session{
		chip: c, port: c.port, net: c.config.Network, ended: make(chan struct{}), wake: make(chan struct{}, 1),
		work: make(chan string, 1), data: make(chan []byte, 1), joining: make(chan struct{}, 1),
		mu: newLock(), echo: true, maxConn: maxLinks, idle: 180, report: 1024, piece: maxPiece,
	}
	c.mu.Lock()
	s.settings = c.stored.clone()
	c.mu.Unlock()
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.out = &output{session: s, mu: newLock()}
	for i := range s.options {
		s.options[i] = linkOptions{linger: -1}
	}
	s.sntp.init()
	return s
}

// run lasts until kill.
func (s *session) run() {
	defer close(s.ended)
	s.task(s.bury)
	if s.boot() {
		s.task(s.execute)
		s.task(s.watch)
		if s.mode&station != 0 && s.ssid != "" {
			s.task(s.rejoin)
		}
		s.read()
	}
	s.kill()
	s.tasks.Wait()
	s.closeAll()
}

// task runs f, which ends when the session does.
func (s *session) task(f func()) {
	s.tasks.Add(1)
	go func() {
		defer s.tasks.Done()
		f()
	}()
}

// kill ends the session, from any goroutine, without waiting.
func (s *session) kill() { s.cancel() }

// bury wakes what waits in a session that has ended. It is a task, so that it never
// does that to the next session.
func (s *session) bury() {
	<-s.ctx.Done()
	s.port.Power(false)
	s.port.Interrupt()
	if s.net != nil {
		s.net.NetDisconnect() // fails what waits for the network
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.links {
		if l != nil {
			l.tls.close()
		}
	}
}

// closeAll gives back what the session has of the network. Nothing of it runs any
// more.
func (s *session) closeAll() {
	s.leaveAir()
	if s.net == nil {
		return
	}
	for i := range s.links {
		if l := s.links[i]; l != nil {
			s.abandon(l)
		}
	}
	if s.server != nil {
		s.net.Close(s.server.fd)
	}
	s.net.NetDisconnect()
}

// poke has watch look.
func (s *session) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// A lock is a mutex whose holder may wait for the UART: who waits for it lets the
// time of a bubble go on.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) Lock()   { l <- struct{}{} }
func (l lock) Unlock() { <-l }
