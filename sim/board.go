package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

// queue is how many frames wait for a stack: more than a window of one
// connection that is fast.
const queue = 2048

// A Board is a stack on a network of software. It is not connected at first, as
// a board is when it is switched on.
type Board struct {
	*stack.Stack
	config  Config
	mac     [6]byte
	network *ether.Switch
	shared  registry // of the network that other processes are on too
	place   *place   // the board's on that; nil where there is none
	gateway *gateway.Gateway
	stops   []func() error // what Stop does, the last first
	silent  atomic.Bool    // Stop was called

	mu       sync.Mutex
	notify   func(netlink.Event)
	told     netip.Addr             // the address that Events know of
	asked    int                    // calls of NetConnect, which tell the address themselves
	served   map[int]netip.AddrPort // where the forward of a listening descriptor listens
	forwards map[string]uint16      // that were told, and the board's port
}

// Boot returns a board, with a network around it that is ready for it.
func Boot(c Config) (*Board, error) {
	b := &Board{config: c, network: ether.NewSwitch(ether.SwitchConfig{}), served: make(map[int]netip.AddrPort), forwards: make(map[string]uint16)}
	if b.config.Name == "" {
		b.config.Name = "board"
	}
	b.config.Events = func(line string) {
		if c.Events != nil && !b.silent.Load() {
			c.Events(line)
		}
	}
	if err := b.boot(); err != nil {
		b.Stop()
		return nil, err
	}
	return b, nil
}

func (b *Board) boot() error {
	b.stops = append(b.stops, b.network.Close)
	if b.config.Addr.IsValid() {
		if err := checkAddr(b.config.Addr); err != nil {
			return fmt.Errorf("address %v: %w", b.config.Addr.Addr(), err)
		}
	}
	if err := b.takePlace(); err != nil {
		return err
	}
	b.tellFaults()
	dev, err := b.network.Open(ether.Config{Name: b.config.Name, MAC: b.config.MAC, Queue: queue, Seed: b.config.Seed})
	if err != nil {
		return err
	}
	if b.mac, err = dev.HardwareAddr6(); err != nil {
		return err
	}
	if err := b.openGateway(); err != nil {
		return err
	}
	if err := dev.Impair(ether.Both, b.config.Impairment); err != nil {
		return err
	}
	if err := b.record(dev); err != nil {
		return err
	}
	sc := stack.Host()
	if b.config.Small {
		sc = stack.SmallBoard()
	}
	sc.Hostname = b.config.Name
	sc.Algorithms = algorithms
	if b.config.Congestion != nil {
		sc.Congestion = b.config.Congestion
	}
	if b.config.Seed != 0 {
		// The stack asks under its lock.
		sc.Rand = rand.NewPCG(b.config.Seed, 1).Uint64
	}
	if b.config.Addr.IsValid() {
		sc.Address = b.config.Addr
		sc.Gateway = gatewayAddr
		sc.DNS = []netip.Addr{sc.Gateway}
		sc.Search = []string{gateway.DefaultDomain}
	}
	var nic netlink.FrameDevice = dev
	if b.config.Wrap != nil {
		if nic, err = b.config.Wrap(dev); err != nil {
			return err
		}
	}
	if b.Stack, err = stack.New(nic, sc); err != nil {
		return err
	}
	b.stops = append(b.stops, b.Stack.Stop)
	b.Stack.NetNotify(b.linkChanged)
	for _, f := range b.config.Forwards {
		if _, err := b.gateway.Forward(gateway.ForwardConfig{Network: f.Network, Listen: f.Listen, To: b.target(f.Port)}); err != nil {
			return forwardError(f, err)
		}
	}
	return nil
}

func (b *Board) openGateway() error {
	dev, err := b.network.Open(ether.Config{Name: "gateway", Queue: queue, Seed: b.config.Seed})
	if err != nil {
		return err
	}
	c := gateway.Config{Device: dev, Host: b.config.Host, Seed: b.config.Seed, LeaseTime: 24 * time.Hour, Events: b.gatewayEvent}
	if b.place != nil {
		c.Reserved = map[[6]byte]netip.Addr{b.mac: b.place.addr}
		c.Names, c.Addrs = b.shared.lookup, b.shared.reverse
		if err := b.openUplink(dev); err != nil {
			return err
		}
	}
	g, err := gateway.New(c)
	if err != nil {
		return err
	}
	b.stops = append(b.stops, g.Close)
	b.gateway = g
	return g.Start()
}

// tellFaults says what is done to frames, and how to have it done again.
func (b *Board) tellFaults() {
	faults := b.config.Impairment.String()
	if faults == "" {
		return
	}
	if b.config.Seed == 0 {
		b.config.Seed = uint64(rand.Uint32N(1_000_000)) + 1
	}
	b.config.Events(fmt.Sprintf("frames meet %s, in the same way again with -seed %d", faults, b.config.Seed))
}

// record writes the frames of a device to the file that was asked for.
func (b *Board) record(dev *ether.Device) error {
	if b.config.Pcap == "" {
		return nil
	}
	capture, err := ether.CreateCapture(b.config.Pcap)
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	dev.Capture(capture)
	b.stops = append(b.stops, capture.Close)
	b.config.Events("frames are written to " + b.config.Pcap)
	return nil
}

// target is the board's port, by its hardware address: whatever address it has.
func (b *Board) target(port uint16) gateway.Target {
	if b.config.Addr.IsValid() {
		return gateway.Target{Addr: b.config.Addr.Addr(), Port: port}
	}
	return gateway.Target{MAC: b.mac, Port: port}
}

func forwardError(f Forward, err error) error {
	switch {
	case errors.Is(err, netdev.ErrAddrInUse):
		return fmt.Errorf("%s; give another one, or 0 for any: -p 0:%d", unavailable(f.Listen.Port(), err), f.Port)
	case errors.Is(err, netdev.ErrAccess):
		return fmt.Errorf("%s; give one above 1023, or 0 for any: -p 0:%d", unavailable(f.Listen.Port(), err), f.Port)
	}
	return err
}

// unavailable says why a port of the host is not to be had.
func unavailable(port uint16, err error) string {
	switch {
	case errors.Is(err, netdev.ErrAddrInUse):
		return fmt.Sprintf("port %d of this machine is in use", port)
	case errors.Is(err, netdev.ErrAccess):
		return fmt.Sprintf("port %d of this machine needs root", port)
	}
	return fmt.Sprintf("port %d of this machine cannot be had: %v", port, err)
}

// Stop takes the board off the network, and the network down. There are no more
// Events from then on. The board is not to be used any more.
func (b *Board) Stop() error {
	b.silent.Store(true)
	var errs []error
	for i := len(b.stops) - 1; i >= 0; i-- {
		errs = append(errs, b.stops[i]())
	}
	b.stops = nil
	return errors.Join(errs...)
}

func (b *Board) gatewayEvent(e gateway.Event) {
	own := e.Lease.MAC == b.mac
	switch {
	case e.Kind == gateway.LeaseRenewed: // as always
	case own && e.Kind == gateway.LeaseReleased: // the link tells
	case own && e.Kind == gateway.LeaseGiven:
		if e.Lease.Name != b.config.Name {
			b.config.Events(fmt.Sprintf("the name %s is taken, and this board is %s", b.config.Name, e.Lease.Name))
		}
	case e.Kind == gateway.ForwardOpened && b.reopened(e.Forward.URL(), e.Forward.To.Port):
	case e.Kind == gateway.ForwardOpened:
		b.config.Events(fmt.Sprintf("%s reaches port %d of %s", e.Forward.URL(), e.Forward.To.Port, b.config.Name))
	default:
		b.config.Events(e.String())
	}
}

// reopened reports whether the forward was there before: a chip may take its
// listener away for a moment, again and again.
func (b *Board) reopened(url string, port uint16) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.forwards[url] == port {
		return true
	}
	b.forwards[url] = port
	return false
}

// NetNotify is the board's; that of the stack is b's own.
func (b *Board) NetNotify(f func(netlink.Event)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notify = f
}

// NetConnect is the stack's. When it returns, the address has been told.
func (b *Board) NetConnect(params *netlink.ConnectParams) error {
	b.mu.Lock()
	b.asked++
	b.mu.Unlock()
	err := b.Stack.NetConnect(params)
	b.mu.Lock()
	b.asked--
	b.mu.Unlock()
	b.tellAddr()
	return err
}

func (b *Board) tellAddr() {
	addr, err := b.Addr()
	b.mu.Lock()
	known := b.told == addr
	b.told = addr
	b.mu.Unlock()
	if known || err != nil {
		return
	}
	static := ""
	if b.config.Addr.IsValid() {
		static = ", a static one"
	}
	b.config.Events(fmt.Sprintf("%s has address %v%s", b.config.Name, addr, static))
}

func (b *Board) linkChanged(e netlink.Event) {
	b.mu.Lock()
	asked := b.asked > 0
	b.mu.Unlock()
	if e == netlink.EventNetUp && !asked {
		b.tellAddr()
	}
	b.mu.Lock()
	f := b.notify
	if e == netlink.EventNetDown {
		b.told = netip.Addr{}
	}
	b.mu.Unlock()
	if e == netlink.EventNetDown {
		b.config.Events(b.config.Name + " is off the network")
	}
	if f != nil {
		f(e)
	}
}

// Listen also opens a forward to the port, unless the configuration has forwards
// of its own.
func (b *Board) Listen(sockfd, backlog int) error {
	if err := b.Stack.Listen(sockfd, backlog); err != nil {
		return err
	}
	if b.config.Forwards != nil {
		return nil
	}
	addr, err := b.GetSockName(sockfd)
	if err != nil || addr.Addr().IsLoopback() {
		return nil
	}
	b.serve(sockfd, addr.Port())
	return nil
}

// serve opens a forward for a listening descriptor: of the same port where it is
// free, of any where it is not.
func (b *Board) serve(sockfd int, port uint16) {
	b.mu.Lock()
	_, served := b.served[sockfd]
	b.mu.Unlock()
	if served {
		return
	}
	f := gateway.ForwardConfig{Network: "tcp", Listen: netip.AddrPortFrom(netip.Addr{}, port), To: b.target(port)}
	at, err := b.gateway.Forward(f)
	if err != nil {
		b.config.Events(unavailable(port, err) + ", and another one is taken")
		f.Listen = netip.AddrPort{}
		if at, err = b.gateway.Forward(f); err != nil {
			b.config.Events(err.Error())
			return
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.served[sockfd] = at
}

// Close also closes the forward that Listen opened.
func (b *Board) Close(sockfd int) error {
	b.mu.Lock()
	at, served := b.served[sockfd]
	delete(b.served, sockfd)
	b.mu.Unlock()
	if served {
		b.gateway.CloseForward("tcp", at)
	}
	return b.Stack.Close(sockfd)
}
