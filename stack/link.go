package stack

import (
	"net"
	"sync"
	"time"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/stack/internal/neighbour"
)

// link is the way of eth0 to its address and back.
type link struct {
	wanted  connecting // between NetConnect and NetDisconnect, or nil
	carrier bool       // the device's own link is there
	static  bool       // the address is the configuration's
	client  leases     // nil before NetConnect, and with a static address

	pump    chan struct{} // ends the goroutine that pumps the device, or nil
	pumping sync.WaitGroup

	notify  func(netlink.Event)
	events  []netlink.Event // not told yet
	telling bool
}

// connecting is a call of NetConnect, and wakes it.
type connecting chan struct{}

// Times to find out whether somebody has an address already. Those of RFC 5227
// would have everybody wait for seven seconds.
var quickProbe = neighbour.Timing{
	ProbeWait: time.Millisecond, Probes: 2, ProbeMin: 100 * time.Millisecond, ProbeMax: 150 * time.Millisecond,
	AnnounceWait: 150 * time.Millisecond,
}

func (l *link) init(s *Stack) {
	l.static = s.config.Address.IsValid()
	_, wireless := s.dev.(netlink.Netlinker)
	l.carrier = !wireless
	s.eth.claim.Timing = &quickProbe
	s.eth.claim.Keep = l.static
}

// lease returns the lease in use, or nil.
func (l *link) lease() *dhcp.Lease {
	if l.client == nil {
		return nil
	}
	return l.client.Lease()
}

// NetConnect brings eth0 up, with the address of the configuration or one from
// DHCP. A device that is a Netlinker connects first. params may be nil.
func (s *Stack) NetConnect(params *netlink.ConnectParams) error {
	var p netlink.ConnectParams
	if params != nil {
		p = *params
	}
	s.lock()
	if s.stopped {
		s.mu.Unlock()
		return net.ErrClosed
	}
	if s.link.wanted != nil {
		s.mu.Unlock()
		return netlink.ErrConnected
	}
	if !s.link.static && s.newLeases == nil {
		s.mu.Unlock()
		return netlink.ErrNotSupported
	}
	us := make(connecting, 1)
	s.link.wanted = us
	s.mu.Unlock()
	err := s.connectDevice(&p, us)
	if err == nil {
		err = s.join(&p, us)
	}
	if err != nil {
		s.leaveNetwork(us)
	}
	return err
}

// connectDevice connects a device that has a link layer of its own.
func (s *Stack) connectDevice(p *netlink.ConnectParams, us connecting) error {
	d, ok := s.dev.(netlink.Netlinker)
	if !ok {
		return nil
	}
	d.NetNotify(s.deviceEvent)
	err := d.NetConnect(p)
	if err == netlink.ErrConnected {
		err = nil
	}
	if err != nil {
		return err
	}
	s.lock()
	wanted := s.link.wanted
	if wanted == us {
		s.link.carrier = true
	}
	s.mu.Unlock()
	switch wanted {
	case us:
		return nil
	case nil: // NetDisconnect came first
		d.NetDisconnect()
	}
	return netlink.ErrConnectFailed
}

// join gets the address, and waits for it.
func (s *Stack) join(p *netlink.ConnectParams, us connecting) error {
	s.lock()
	if s.link.wanted == us {
		s.start(s.now(), p.Hostname)
	}
	s.flush()
	timeout := p.ConnectTimeout
	if timeout == 0 {
		timeout = netlink.DefaultConnectTimeout
	}
	over := make(chan struct{}, 1)
	timer := s.clock.AfterFunc(timeout, func() { signal(over) })
	defer timer.Stop()
	for attempts := 1; ; {
		s.lock()
		up, wanted := s.eth.up(), s.link.wanted == us
		s.mu.Unlock()
		switch {
		case !wanted:
			return netlink.ErrConnectFailed // NetDisconnect ended it
		case up:
			s.tellEvents()
			return nil
		}
		select {
		case <-us:
		case <-over:
			if attempts == p.Retries {
				if attempts == 1 {
					return netlink.ErrConnectTimeout
				}
				return netlink.ErrConnectFailed
			}
			attempts++
			timer.Reset(timeout)
		}
	}
}

// start begins with the address of the configuration, or with DHCP.
func (s *Stack) start(now time.Duration, hostname string) {
	l := &s.link
	if l.wanted == nil || !l.carrier || s.eth.up() {
		return // up, if the device has told of its link before it returned
	}
	if l.static {
		s.eth.setAddr(s.config.Address, s.config.Gateway)
		s.eth.claim.Take(now, s.eth.addr, s.eth.hw)
		s.wentUp(now)
		s.checkClaim(now)
		return
	}
	if l.client == nil {
		if hostname == "" {
			hostname = s.config.Hostname
		}
		l.client = s.newLeases(s, hostname)
	}
	l.client.Start(now)
	l.client.step(now)
}

// wentUp is for a new address.
func (s *Stack) wentUp(now time.Duration) {
	if g := s.eth.groups; g != nil {
		g.Restart(now)
	}
	s.event(netlink.EventNetUp)
	signal(s.link.wanted)
}

// wentDown is for an address that is lost: what stands on it fails.
func (s *Stack) wentDown() {
	if !s.eth.up() {
		return
	}
	s.failSockets()
	s.failPings()
	s.outputLast()
	s.eth.clearAddr()
	s.event(netlink.EventNetDown)
}

// failSockets fails all sockets but those that only know the loopback interface.
func (s *Stack) failSockets() {
	for i := range s.table.slots {
		if k := s.table.slots[i].sock; k != nil && k.state() == open && !k.homely() {
			s.detach(k, down)
		}
	}
}

// homely reports whether a socket has nothing to do with eth0.
func (k *socket) homely() bool {
	if k.conn == nil && k.listener == nil && !k.has(bound) && (k.dgram == nil || len(k.dgram.groups) == 0) {
		return true
	}
	return k.localName().Addr().IsLoopback()
}

// deviceEvent is told by a device that has a link layer of its own.
func (s *Stack) deviceEvent(e netlink.Event) {
	s.lock()
	l := &s.link
	switch now := s.now(); {
	case e == netlink.EventNetDown && l.carrier:
		l.carrier = false
		if l.client != nil {
			l.client.Suspend(now)
			l.client.Event()
		}
		s.wentDown()
		s.eth.claim.Release() // of an address that was being probed
	case e == netlink.EventNetUp && !l.carrier && l.wanted != nil && (l.client != nil || l.static):
		// NetConnect itself goes on when the device's has returned.
		l.carrier = true
		s.start(now, "")
	}
	s.flush()
}

// NetDisconnect takes eth0 down: a lease is given back, and sockets that are not
// on the loopback interface alone fail with ErrNetDown. They are to be closed as
// ever.
func (s *Stack) NetDisconnect() { s.leaveNetwork(nil) }

// leaveNetwork ends what the NetConnect of only began, or whichever did if that is
// nil.
func (s *Stack) leaveNetwork(only connecting) {
	s.lock()
	l := &s.link
	wanted := l.wanted
	if only != nil && only != wanted {
		s.mu.Unlock()
		return
	}
	if s.eth.up() {
		// Resets leave first, or a ring that is full of them had no room for others,
		// nor for what gives the lease back.
		s.failSockets()
		s.outputLast()
		s.flush()
		s.lock()
		if l.wanted != wanted {
			s.mu.Unlock()
			return // another call has left meanwhile
		}
	}
	l.wanted = nil
	now := s.now()
	if l.client != nil {
		l.client.Stop(now)
		l.client.step(now)
		l.client = nil
	}
	s.wentDown()
	s.eth.clearAddr()
	signal(wanted)
	d, ok := s.dev.(netlink.Netlinker)
	l.carrier = !ok
	s.flush()
	if ok && wanted != nil {
		d.NetDisconnect()
		d.NetNotify(nil)
	}
	s.tellEvents()
}

// NetNotify has cb called, without a lock, when eth0 gets its address and when it
// loses it.
func (s *Stack) NetNotify(cb func(netlink.Event)) {
	s.lock()
	s.link.notify = cb
	s.mu.Unlock()
}

// event is for NetNotify's function to be told, by a goroutine that may wait. Up and
// down take turns: of those that it has no time for, two are as good as none.
func (s *Stack) event(e netlink.Event) {
	l := &s.link
	if n := len(l.events); n >= 2 {
		l.events = l.events[:n-1]
		return
	}
	l.events = append(l.events, e)
	if !l.telling {
		go s.tellEvents()
	}
}

// tellEvents returns when all events are told, or another call tells them.
func (s *Stack) tellEvents() {
	l := &s.link
	s.lock()
	defer s.mu.Unlock()
	if l.telling {
		return
	}
	l.telling = true
	for len(l.events) > 0 {
		e, f := l.events[0], l.notify
		l.events = append(l.events[:0], l.events[1:]...)
		if f != nil {
			s.mu.Unlock()
			f(e)
			s.lock()
		}
	}
	l.telling = false
}

// GetHardwareAddr returns the device's MAC address.
func (s *Stack) GetHardwareAddr() (net.HardwareAddr, error) {
	return append(net.HardwareAddr(nil), s.eth.hw[:]...), nil
}
