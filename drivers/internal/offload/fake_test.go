package offload_test

import (
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A fakeChip does what a test tells it. Ids are used again at once, the lowest
// first. It fails the test when it is used as no chip may be: by two goroutines at
// once, or with an id that it does not have.
type fakeChip struct {
	tb       testing.TB
	core     *offload.Core
	announce bool
	most     int // sockets

	// before is called before each call of the chip, on its goroutine and without
	// a lock. An error is what the call returns then.
	before atomic.Pointer[func(call string, id int) error]

	busy atomic.Int32

	mu    sync.Mutex
	socks []*fakeSock
	ports map[uint16]bool // that the chip says are in use
	news  map[int]bool
	told  chan struct{}
	count map[string]int
	log   []string
}

// A fakeSock is a socket of the chip; with the lock of the chip.
type fakeSock struct {
	kind   offload.Kind
	port   uint16
	to     netip.AddrPort
	host   string
	listen bool

	outcome error // of Connect
	end     error // of Recv, behind in
	in      []byte
	out     []byte
	fin     bool // CloseWrite
	room    int  // for Send
	chunk   int  // most of one Send, 0 for no bound
	echo    bool // what is sent comes back
	closes  int  // how often Close is still ErrInProgress

	conns  []*fakeSock // to be accepted
	peers  []netip.AddrPort
	inbox  []dgram
	outbox []dgram

	keepAlive       bool
	closed, aborted bool
}

type dgram struct {
	data string
	peer netip.AddrPort
}

const plenty = 1 << 30

var (
	chipAddr = netip.MustParseAddr("192.168.4.2")
	peerAddr = netip.MustParseAddrPort("192.168.4.9:80")
)

// newFake returns a device with the chip, which is up.
func newFake(tb testing.TB, config offload.Config) (*fakeChip, *device) {
	chip := &fakeChip{
		tb: tb, announce: !config.Polled, most: plenty,
		ports: map[uint16]bool{}, news: map[int]bool{}, told: make(chan struct{}, 1), count: map[string]int{},
	}
	config.Chip = chip
	if config.Rand == nil {
		// By its port a test finds a socket, so none comes twice, also as a stream's
		// and a datagram socket's.
		ports := uint64(0)
		config.Rand = func() uint64 { ports++; return ports }
	}
	socks, core := offload.New(config)
	chip.core = core
	tb.Cleanup(core.Stop)
	core.Up(chipAddr)
	return chip, &device{socks, core.Half()}
}

func (c *fakeChip) on(before func(call string, id int) error) { c.before.Store(&before) }

// enter begins a call; the function it returns ends it.
func (c *fakeChip) enter(call string, id int) (*fakeSock, func(), error) {
	if c.busy.Add(1) != 1 {
		c.tb.Errorf("%s(%d) while the chip is busy", call, id)
	}
	if before := c.before.Load(); before != nil {
		if err := (*before)(call, id); err != nil {
			return nil, func() { c.busy.Add(-1) }, err
		}
	}
	c.mu.Lock()
	c.count[call]++
	c.log = append(c.log, fmt.Sprintf("%s %d", call, id))
	leave := func() {
		c.mu.Unlock()
		c.busy.Add(-1)
	}
	if id < 0 {
		return nil, leave, nil
	}
	if id >= len(c.socks) || c.socks[id] == nil {
		c.tb.Errorf("%s(%d), which is not open", call, id)
		return nil, leave, netdev.ErrInvalidSocketFd
	}
	return c.socks[id], leave, nil
}

func (c *fakeChip) add(s *fakeSock) (int, error) {
	open := 0
	at := -1
	for i, o := range c.socks {
		if o != nil {
			open++
		} else if at < 0 {
			at = i
		}
	}
	if open >= c.most {
		return -1, netdev.ErrNoMoreSockets
	}
	if at < 0 {
		at = len(c.socks)
		c.socks = append(c.socks, nil)
	}
	c.socks[at] = s
	return at, nil
}

func (c *fakeChip) Open(kind offload.Kind) (int, error) {
	_, leave, err := c.enter("Open", -1)
	defer leave()
	if err != nil {
		return -1, err
	}
	if kind == offload.TLS {
		return -1, netdev.ErrProtocolNotSupported
	}
	return c.add(&fakeSock{kind: kind, room: plenty})
}

func (c *fakeChip) take(s *fakeSock, port uint16) error {
	if port == 0 {
		c.tb.Error("port 0")
	}
	if c.ports[port] {
		return netdev.ErrAddrInUse
	}
	s.port = port
	return nil
}

func (c *fakeChip) Bind(id int, port uint16) error {
	s, leave, err := c.enter("Bind", id)
	defer leave()
	if err != nil {
		return err
	}
	return c.take(s, port)
}

func (c *fakeChip) Listen(id int, port uint16, backlog int) error {
	s, leave, err := c.enter("Listen", id)
	defer leave()
	if err != nil {
		return err
	}
	if err := c.take(s, port); err != nil {
		return err
	}
	s.listen = true
	return nil
}

func (c *fakeChip) Accept(id int) (int, netip.AddrPort, error) {
	s, leave, err := c.enter("Accept", id)
	defer leave()
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	if len(s.conns) == 0 {
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	conn, err := c.add(s.conns[0])
	if err != nil {
		return -1, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	peer := s.peers[0]
	s.conns, s.peers = s.conns[1:], s.peers[1:]
	return conn, peer, nil
}

func (c *fakeChip) Connect(id int, local uint16, to netip.AddrPort, host string) error {
	s, leave, err := c.enter("Connect", id)
	defer leave()
	if err != nil {
		return err
	}
	if err := c.take(s, local); err != nil {
		return err
	}
	s.to, s.host = to, host
	return s.outcome
}

func (c *fakeChip) Connected(id int) error {
	s, leave, err := c.enter("Connected", id)
	defer leave()
	if err != nil {
		return err
	}
	return s.outcome
}

func (c *fakeChip) Send(id int, b []byte) (int, error) {
	s, leave, err := c.enter("Send", id)
	defer leave()
	if err != nil {
		return 0, err
	}
	n := min(len(b), s.room)
	if s.chunk > 0 {
		n = min(n, s.chunk)
	}
	s.room -= n
	s.out = append(s.out, b[:n]...)
	if s.echo && n > 0 {
		s.in = append(s.in, b[:n]...)
		c.tell(id)
	}
	if n == 0 {
		return 0, netdev.ErrWouldBlock
	}
	return n, nil
}

func (c *fakeChip) Recv(id int, b []byte) (int, error) {
	s, leave, err := c.enter("Recv", id)
	defer leave()
	if err != nil {
		return 0, err
	}
	if len(s.in) > 0 {
		n := copy(b, s.in)
		s.in = s.in[n:]
		return n, nil
	}
	if s.end != nil {
		return 0, s.end
	}
	return 0, netdev.ErrWouldBlock
}

func (c *fakeChip) SendTo(id int, b []byte, to netip.AddrPort) error {
	s, leave, err := c.enter("SendTo", id)
	defer leave()
	if err != nil {
		return err
	}
	if s.room == 0 {
		return netdev.ErrWouldBlock
	}
	s.outbox = append(s.outbox, dgram{string(b), to})
	if s.echo {
		s.inbox = append(s.inbox, dgram{string(b), to})
		c.tell(id)
	}
	return nil
}

func (c *fakeChip) RecvFrom(id int, b []byte) (int, netip.AddrPort, error) {
	s, leave, err := c.enter("RecvFrom", id)
	defer leave()
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	if len(s.inbox) == 0 {
		return 0, netip.AddrPort{}, netdev.ErrWouldBlock
	}
	d := s.inbox[0]
	s.inbox = s.inbox[1:]
	return copy(b, d.data), d.peer, nil
}

func (c *fakeChip) CloseWrite(id int) error {
	s, leave, err := c.enter("CloseWrite", id)
	defer leave()
	if err == nil {
		s.fin = true
	}
	return err
}

func (c *fakeChip) SetOption(id, level, opt int, value any) error {
	s, leave, err := c.enter("SetOption", id)
	defer leave()
	if err != nil {
		return err
	}
	if level != netdev.SOL_SOCKET || opt != netdev.SO_KEEPALIVE {
		return netdev.ErrNotSupported
	}
	s.keepAlive = value.(bool)
	return nil
}

func (c *fakeChip) Close(id int, abort bool) error {
	s, leave, err := c.enter("Close", id)
	defer leave()
	if err != nil {
		return err
	}
	if s.closes > 0 && !abort {
		s.closes--
		return netdev.ErrInProgress
	}
	s.closed, s.aborted = true, abort
	c.socks[id] = nil
	return nil
}

func (c *fakeChip) Idle(wake <-chan struct{}, d time.Duration) {
	if c.busy.Add(1) != 1 {
		c.tb.Error("Idle while the chip is busy")
	}
	c.mu.Lock()
	if d != 0 {
		c.count["Idle"]++
	}
	c.mu.Unlock()
	switch {
	case d < 0:
		select {
		case <-wake:
		case <-c.told:
		}
	case d > 0:
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-wake:
		case <-c.told:
		case <-timer.C:
		}
	}
	c.mu.Lock()
	news := make([]int, 0, len(c.news))
	for id := range c.news {
		news = append(news, id)
		delete(c.news, id)
	}
	c.mu.Unlock()
	for _, id := range news {
		c.core.Signal(id)
	}
	c.busy.Add(-1)
}

// tell has the chip announce id; with the lock.
func (c *fakeChip) tell(id int) {
	if !c.announce {
		return
	}
	c.news[id] = true
	select {
	case c.told <- struct{}{}:
	default:
	}
}

// with changes the socket of the chip with that local port.
func (c *fakeChip) with(port uint16, f func(s *fakeSock)) {
	c.tb.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, s := range c.socks {
		if s != nil && s.port == port {
			f(s)
			c.tell(id)
			return
		}
	}
	c.tb.Errorf("the chip has no socket with port %d", port)
}

// reset is the chip's loss of all of its sockets; on its goroutine.
func (c *fakeChip) reset() {
	c.mu.Lock()
	for i := range c.socks {
		c.socks[i] = nil
	}
	clear(c.news)
	c.mu.Unlock()
	c.core.Reset(nil)
}

func (c *fakeChip) calls(call string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.count[call]
}

// total counts what went over the bus.
func (c *fakeChip) total() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for call, k := range c.count {
		if call != "Idle" {
			n += k
		}
	}
	return n
}

// fate is what has become of a socket of the chip.
func (c *fakeChip) fate(s *fakeSock) (closed, aborted bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return s.closed, s.aborted
}

// open is how many sockets the chip has.
func (c *fakeChip) open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, s := range c.socks {
		if s != nil {
			n++
		}
	}
	return n
}
