package ether

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of SwitchConfig.
const (
	DefaultMaxStations = 1024
	DefaultAge         = 5 * time.Minute
)

// SwitchConfig bounds what a switch learns. The zero value is useful.
type SwitchConfig struct {
	// MaxStations is how many addresses the switch knows at a time; frames to
	// others go to every port. Zero is DefaultMaxStations.
	MaxStations int

	// Age is how long the switch knows an address that sends nothing. Zero is
	// DefaultAge.
	Age time.Duration
}

// SwitchStats counts what a switch did with frames.
type SwitchStats struct {
	Forwarded uint64 // to the one port of the destination
	Flooded   uint64 // to all ports but the frame's own
	Filtered  uint64 // to none: the destination is where the frame came from, or the address is the link's
	Unlearned uint64 // of those, from a station that the full table did not take
	Stations  int    // known now, some perhaps aged
}

// A Switch is a learning Ethernet switch. It has no goroutine: a frame is
// forwarded by who brings it, and no lock is held meanwhile. It speaks no
// spanning tree, so that switches joined in a ring flood it for ever.
type Switch struct {
	ports atomic.Pointer[[]*port] // never changed in place

	forwarded, flooded, filtered, unlearned atomic.Uint64

	mu     sync.Mutex
	table  table
	opened int // names given so far
	closed bool
}

// A port is the switch's side of a link: out leads to the device.
type port struct {
	name  string
	out   *direction
	close func() error // takes the device off
	gone  bool         // unplugged; frames from it may still be under way
}

// NewSwitch returns a switch without ports.
func NewSwitch(c SwitchConfig) *Switch {
	if c.MaxStations <= 0 {
		c.MaxStations = DefaultMaxStations
	}
	if c.Age <= 0 {
		c.Age = DefaultAge
	}
	s := &Switch{table: table{max: c.MaxStations, age: c.Age, entries: map[[6]byte]station{}}}
	s.ports.Store(new([]*port))
	return s
}

// Open returns a new device that is plugged into the switch.
func (s *Switch) Open(c Config) (*Device, error) {
	c, err := s.name(c)
	if err != nil {
		return nil, err
	}
	d := newDevice(c)
	p := &port{name: c.Name, close: d.Close}
	d.link = s.link(p, c)
	p.out.deliver, p.out.whole = d.receive, d.receiveWhole
	d.onClose = func() error {
		s.unplug(p)
		return nil
	}
	return d, s.plug(p)
}

// name fills in what c leaves out.
func (s *Switch) name(c Config) (Config, error) {
	s.mu.Lock()
	s.opened++
	name := "port" + strconv.Itoa(s.opened)
	s.mu.Unlock()
	return c.withDefaults(name)
}

// link makes the two directions between a device and its port.
func (s *Switch) link(p *port, c Config) link {
	in := newDirection(c.Seed, c.Name+" transmit")
	in.deliver = func(frame []byte, seen *tap, ev event) fault {
		seen.record(frame, ev)
		s.forward(p, frame, nil)
		return 0
	}
	in.whole = func(l long) (fault, bool) {
		s.forward(p, l.frame, &l)
		return 0, true
	}
	p.out = newDirection(c.Seed, c.Name+" receive")
	return link{name: c.Name, tx: in, rx: p.out}
}

func (s *Switch) plug(p *port) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	ports := *s.ports.Load()
	if slices.ContainsFunc(ports, func(other *port) bool { return other.name == p.name }) {
		return ErrNameInUse
	}
	ports = append(slices.Clone(ports), p)
	s.ports.Store(&ports)
	return nil
}

func (s *Switch) unplug(p *port) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ports := slices.DeleteFunc(slices.Clone(*s.ports.Load()), func(other *port) bool { return other == p })
	s.ports.Store(&ports)
	s.table.forget(p)
	p.gone = true
}

// forward sends a frame that came from a port where it belongs. l is what there is to
// know of one that was not cut, or nil.
func (s *Switch) forward(from *port, frame []byte, l *long) {
	dst, src := [6]byte(frame[:6]), [6]byte(frame[6:12])
	now, n := time.Now(), l.count()
	s.mu.Lock()
	if !from.gone && !s.table.learn(src, from, now) {
		s.unlearned.Add(n)
	}
	to := s.table.lookup(dst, now)
	s.mu.Unlock()
	switch {
	case to == from || linkLocal(dst):
		s.filtered.Add(n)
	case to != nil:
		s.forwarded.Add(n)
		to.send(frame, l)
	default:
		s.flooded.Add(n)
		for _, p := range *s.ports.Load() {
			if p != from {
				p.send(frame, l)
			}
		}
	}
}

// linkLocal tells the group addresses that a bridge keeps to the link, such as
// those of pause frames and LLDP (IEEE 802.1D table 7-10).
func linkLocal(mac [6]byte) bool {
	return [5]byte(mac[:5]) == [5]byte{0x01, 0x80, 0xc2, 0x00, 0x00} && mac[5] < 0x10
}

// Stats returns what the switch has counted so far.
func (s *Switch) Stats() SwitchStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SwitchStats{
		Forwarded: s.forwarded.Load(), Flooded: s.flooded.Load(), Filtered: s.filtered.Load(),
		Unlearned: s.unlearned.Load(), Stations: len(s.table.entries),
	}
}

// Close closes the devices that Open returned, and the ports of Attach, whose
// devices stay open. Closing again does nothing.
func (s *Switch) Close() error {
	s.mu.Lock()
	s.closed = true
	ports := *s.ports.Load()
	s.mu.Unlock()
	var errs []error
	for _, p := range ports {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}
