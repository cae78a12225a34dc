package rtl8720dn

import (
	"context"
	"math/rand/v2"
	"sync"

	"github.com/netdev-go/netdev/sim/bus"
	"github.com/netdev-go/netdev/sim/chip"
)

// A session is the firmware from a boot to the next. Its fields are those of the
// server task, but for what stands under mu.
type session struct {
	chip    *Chip
	port    *bus.Port
	network chip.Network
	ctx     context.Context // ends with the session
	cancel  context.CancelFunc
	ended   chan struct{} // closed when nothing of it is left
	tasks   tasks         // of the firmware's WiFi task
	others  sync.WaitGroup
	lot     *rand.Rand

	lwip lwip
	wifi wifi
	tls  tlsClients

	mu     sync.Mutex
	killed bool
	fds    map[int]struct{} // descriptors of the Network that are open
	event  uint32           // sequence number of the last one
}

func newSession(c *Chip, ctx context.Context) *session {
	s := &session{chip: c, port: c.port, network: c.config.Network, ended: make(chan struct{}), fds: make(map[int]struct{})}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.lot = rand.New(rand.NewPCG(c.config.Seed, 0x8720))
	s.tasks.init()
	return s
}

func (s *session) run() {
	defer close(s.ended)
	if s.boot() {
		s.others.Add(1)
		go s.runTasks()
		s.serve()
	}
	s.kill()
	s.others.Wait()
	s.network.NetDisconnect() // what was under way when kill came
}

// kill ends the session from any goroutine, its own ones too: all that waits is
// woken. It does not wait.
func (s *session) kill() {
	s.mu.Lock()
	if s.killed {
		s.mu.Unlock()
		return
	}
	s.killed = true
	fds := s.fds
	s.fds = nil
	s.mu.Unlock()
	s.cancel()
	s.port.Power(false)
	s.port.Interrupt()
	s.network.NetDisconnect()
	for fd := range fds {
		s.network.Close(fd)
	}
	s.leave()
	s.stopScan()
}

// keep has a descriptor of the Network closed at the end of the session. It
// reports whether the session goes on; else the descriptor is closed already.
func (s *session) keep(fd int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.killed {
		s.network.Close(fd)
		return false
	}
	s.fds[fd] = struct{}{}
	return true
}

// release closes a descriptor that was kept.
func (s *session) release(fd int) {
	s.mu.Lock()
	_, kept := s.fds[fd]
	delete(s.fds, fd)
	s.mu.Unlock()
	if kept {
		s.network.Close(fd)
	}
}

// crash is for requests that corrupt the firmware's memory.
func (s *session) crash(format string, args ...any) {
	s.chip.hurt(format, args...)
	s.kill()
}
