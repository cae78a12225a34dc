package stack

import (
	"sync"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/stack/internal/fragment"
	"github.com/netdev-go/netdev/stack/internal/port"
	"github.com/netdev-go/netdev/stack/internal/ratelimit"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// Stack is a TCP/IP stack on one network device. Its methods may be called from
// any goroutine.
type Stack struct {
	dev      netlink.FrameDevice
	batches  netlink.BatchSender      // nil where frames go one by one
	batch    [][]byte                 // of whoever drains
	offload  netlink.SegmentOffloader // nil where nothing is left to dev to cut
	config   Config
	clock    Clock
	origin   time.Time
	resolver names // nil without DNS

	headroom int // of a packet in a frame
	offset   int // of the Ethernet header there

	// mu guards all that follows. It is never held across a call of the device, a
	// callback or a wait.
	mu       sync.Mutex
	returned sync.Cond // a call without the lock has returned: PollNotify's function, the last of drain
	stopped  bool
	at       time.Duration // now, once it is known

	rand     func() uint64
	pool     *block.Pool
	table    table
	tcp      ports
	udp      ports
	raw      *socket
	pings    *ping
	alloc    *port.Allocator
	streams  streams     // nil without TCP
	engine   *tcp.Engine // of streams, for nobody else
	frags    *fragment.Reassembler
	whole    []byte     // a packet put together
	told     *forwarded // that nobody uses
	icmpRate ratelimit.Bucket
	ipID     uint16
	eth      iface
	counters own

	ring     ring
	draining bool
	drainer  func() // drainOn, made once

	announced, announcedLast *socket   // whose PollNotify is due
	announcing               *socket   // whose is running
	announcer                func()    // announceOn, made once
	starving                 []*socket // that wait for room in the ring

	timer   Timer
	timerAt time.Duration // when it goes off, or 0

	idle   *waiter
	idles  int
	alarms alarms

	link      link
	newLeases func(s *Stack, hostname string) leases // nil without DHCP
}

var (
	_ netdev.Netdever         = (*Stack)(nil)
	_ netdev.PacketNetdever   = (*Stack)(nil)
	_ netdev.SockNamer        = (*Stack)(nil)
	_ netdev.Shutdowner       = (*Stack)(nil)
	_ netdev.SockOptGetter    = (*Stack)(nil)
	_ netdev.ContextConnecter = (*Stack)(nil)
	_ netdev.MultiResolver    = (*Stack)(nil)
	_ netdev.DNSServerLister  = (*Stack)(nil)
	_ netdev.Poller           = (*Stack)(nil)
	_ netdev.MulticastJoiner  = (*Stack)(nil)
	_ netdev.InterfaceLister  = (*Stack)(nil)
	_ netdev.SocketLister     = (*Stack)(nil)
	_ netdev.Pinger           = (*Stack)(nil)
	_ netlink.Netlinker       = (*Stack)(nil)
)

// New returns a stack on dev, whose handler it sets. Its loopback interface works
// at once, the other one after NetConnect. Stop gives dev back.
func New(dev netlink.FrameDevice, c Config) (*Stack, error) {
	return NewWith(dev, c, TCP, DHCP, DNS, Multicast)
}

// NewWith is New for a program that has to be small: of the parts, those that are not
// named are not linked.
func NewWith(dev netlink.FrameDevice, c Config, parts ...Part) (*Stack, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	hw, err := dev.HardwareAddr6()
	if err != nil {
		return nil, err
	}
	longest, offset := dev.MaxFrameSizeAndOffset()
	carries := min(longest-ethernet.HeaderLen, ipv4.MaxLen)
	if c.MTU == 0 || c.MTU > carries {
		c.MTU = carries
	}
	if c.MTU < minMTU || c.MTU < ipv4.MinReassembly && !c.Address.IsValid() {
		return nil, netdev.ErrInvalid // the latter is too little for DHCP
	}
	s := &Stack{
		dev: dev, config: c, clock: c.Clock, origin: c.Clock.Now(),
		offset: offset, headroom: offset + ethernet.HeaderLen,
		rand:     c.Rand,
		pool:     block.NewPool(block.Config{BlockSize: c.BlockSize, Blocks: c.Blocks, Preallocate: c.Preallocate}),
		table:    newTable(c.Sockets),
		tcp:      newPorts(c.Sockets),
		udp:      newPorts(c.Sockets),
		icmpRate: ratelimit.Bucket{Rate: errorsPerSecond, Burst: errorsAtOnce},
	}
	s.returned.L = &s.mu
	s.drainer, s.announcer = s.drainOn, s.announceOn
	if s.rand == nil {
		if s.rand, err = newRand(); err != nil {
			return nil, err
		}
	}
	s.ipID = uint16(s.rand())
	s.ring = newRing(c.Ring, s.headroom+c.MTU, c.ShortFrames, s.headroom+shortPacket, c.Preallocate)
	s.initBatches()
	s.alloc = port.New(port.Config{Table: c.portTable(), Rand: s.rand})
	s.frags = fragment.New(c.fragments(s.pool))
	s.eth.init(s, hw)
	if c.Preallocate && !c.wholeInRing() {
		s.whole = make([]byte, c.longest())
	}
	for _, p := range parts {
		if p.attach == nil {
			return nil, netdev.ErrInvalid
		}
		p.attach(s)
	}
	s.link.init(s)
	s.takeLong(longestFrame)
	s.takeBatches(s.receiveBatch)
	dev.SetEthRecvHandler(s.receive)
	if c.Poll > 0 {
		s.link.pump = make(chan struct{})
		s.link.pumping.Add(1)
		go s.pump(s.link.pump)
	}
	return s, nil
}

// Stop ends the stack: it disconnects, closes every socket and leaves the device,
// which stays open and is not called any more. It must not be called by the device.
func (s *Stack) Stop() error {
	s.lock()
	stopped := s.stopped
	s.stopped = true
	s.mu.Unlock()
	if stopped {
		return nil
	}
	s.NetDisconnect()
	s.lock()
	for i := range s.table.slots {
		if k := s.table.slots[i].sock; k != nil {
			s.drop(k)
		}
	}
	s.flush()
	s.lock()
	for s.draining {
		s.returned.Wait()
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	if s.link.pump != nil {
		close(s.link.pump)
		s.link.pumping.Wait()
	}
	s.takeBatches(nil)
	s.takeLong(0)
	s.dev.SetEthRecvHandler(nil)
	return nil
}

// lock takes the lock. Time stands still from its first look at the clock until
// the lock is given up.
func (s *Stack) lock() {
	s.mu.Lock()
	s.at = 0
}

// now is the time since the stack was made, above 0.
func (s *Stack) now() time.Duration {
	if s.at == 0 {
		if s.clock == (systemClock{}) {
			s.at = time.Since(s.origin) + 1
		} else {
			s.at = s.clock.Now().Sub(s.origin) + 1
		}
	}
	return s.at
}

// pump asks a device that has no goroutine of its own for frames.
func (s *Stack) pump(done <-chan struct{}) {
	defer s.link.pumping.Done()
	wake := make(chan struct{}, 1)
	timer := s.clock.AfterFunc(s.config.Poll, func() { signal(wake) })
	defer timer.Stop()
	for {
		select {
		case <-wake:
		case <-done:
			return
		}
		if _, _, err := s.dev.EthPoll(nil); err != nil {
			s.lock()
			s.counters.Interface.InErrors++
			s.mu.Unlock()
		}
		timer.Reset(s.config.Poll)
	}
}
