package w5500

import (
	"net/netip"
	"sync"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// A Cable is the way of the chip's frames, and of those of its Network: a frame
// device between the two and the device that it is made of. Give it to the stack
// that is to be the chip's Network, and to [Config].
type Cable struct {
	dev netlink.FrameDevice
	mac [6]byte // of dev, and of Network

	mu      sync.Mutex
	chip    *Chip
	handler func([]byte) // Network's
	view    view
	known   map[netip.Addr][6]byte // hosts that have told their hardware address
	waiting [][]byte               // frames for the chip
	spare   [][]byte
	from    []byte // a frame from Network, where its hardware address is another
	to      []byte // and one to it
}

// view is what of the chip matters to frames.
type view struct {
	unplugged bool
	all       bool    // the chip wants every frame
	noPing    bool    // no echo requests for Network
	mac       [6]byte // the chip's; zero is the device's
}

var _ netlink.FrameDevice = (*Cable)(nil)

// backlog is how many frames wait for the chip.
const backlog = 64

// NewCable returns a cable that ends at dev, whose handler becomes the cable's.
func NewCable(dev netlink.FrameDevice) (*Cable, error) {
	mac, err := dev.HardwareAddr6()
	if err != nil {
		return nil, err
	}
	l := &Cable{dev: dev, mac: mac, known: make(map[netip.Addr][6]byte)}
	dev.SetEthRecvHandler(l.receive)
	return l, nil
}

// HardwareAddr6 returns the device's, which is Network's whatever SHAR says.
func (l *Cable) HardwareAddr6() ([6]byte, error) { return l.mac, nil }

// MaxFrameSizeAndOffset is the device's.
func (l *Cable) MaxFrameSizeAndOffset() (max, off int) { return l.dev.MaxFrameSizeAndOffset() }

// EthPoll pumps the device; frames go to the handler alone.
func (l *Cable) EthPoll([]byte) (off, n int, err error) { return l.dev.EthPoll(nil) }

// SetEthRecvHandler sets where Network's frames arrive.
func (l *Cable) SetEthRecvHandler(handler func(frame []byte)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handler = handler
}

// SendOffsetEthFrame sends a frame of Network's.
func (l *Cable) SendOffsetEthFrame(frame []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, off := l.dev.MaxFrameSizeAndOffset()
	v := &l.view
	if v.unplugged {
		return nil
	}
	if v.mac != ([6]byte{}) && v.mac != l.mac {
		l.from = append(l.from[:0], frame...)
		readdressed(l.from[off:], 6, 8, l.mac, v.mac)
		frame = l.from
	}
	return l.dev.SendOffsetEthFrame(frame)
}

// readdressed puts a hardware address for another one: at inFrame, and in ARP at
// inARP of the packet.
func readdressed(frame []byte, inFrame, inARP int, old, mac [6]byte) {
	if len(frame) < ethernet.HeaderLen {
		return
	}
	at := frame[inFrame : inFrame+6]
	if [6]byte(at) == old {
		copy(at, mac[:])
	}
	if f, err := ethernet.Parse(frame); err == nil && f.Type() == ethernet.TypeARP {
		if p, err := arp.Parse(f.Payload()); err == nil && [6]byte(p[inARP:]) == old {
			copy(p[inARP:], mac[:])
		}
	}
}

// send sends a frame of the chip's own.
func (l *Cable) send(frame []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.view.unplugged {
		return
	}
	max, off := l.dev.MaxFrameSizeAndOffset()
	if len(frame) <= max {
		l.dev.SendOffsetEthFrame(append(make([]byte, off), frame...))
	}
}

// receive takes a frame from the device.
func (l *Cable) receive(frame []byte) {
	l.mu.Lock()
	v, chip, handler := l.view, l.chip, l.handler
	if v.unplugged {
		l.mu.Unlock()
		return
	}
	f, err := ethernet.Parse(frame)
	if err != nil {
		l.mu.Unlock()
		return
	}
	wanted := v.all
	switch f.Type() {
	case ethernet.TypeARP:
		wanted = true
		if p, err := arp.Parse(f.Payload()); err == nil && len(l.known) < 1024 {
			l.known[p.SenderIP()] = p.SenderHW()
		}
	case ethernet.TypeIPv4:
		p, err := ipv4.Parse(f.Payload())
		if err == nil && p.Protocol() == icmpv4.Protocol {
			wanted = true
			m, err := icmpv4.Parse(p.Payload())
			if err == nil && m.Type() == icmpv4.TypeEcho && v.noPing {
				handler = nil
			}
		}
	}
	if wanted && chip != nil && len(l.waiting) < backlog {
		var b []byte
		if n := len(l.spare); n > 0 {
			b, l.spare = l.spare[n-1], l.spare[:n-1]
		}
		l.waiting = append(l.waiting, append(b[:0], frame...))
		chip.poke()
	}
	if v.mac != ([6]byte{}) && v.mac != l.mac {
		// The device's goroutine alone uses to.
		l.to = append(l.to[:0], frame...)
		readdressed(l.to, 0, 18, v.mac, l.mac)
		frame = l.to
	}
	l.mu.Unlock()
	if handler != nil {
		handler(frame)
	}
}

// deliver gives the chip the frames that wait for it. Its lock is held.
func (l *Cable) deliver(c *Chip) {
	l.mu.Lock()
	frames := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	for _, f := range frames {
		c.frame(f)
	}
	l.mu.Lock()
	if l.spare = append(l.spare, frames...); len(l.spare) > backlog {
		l.spare = l.spare[:backlog]
	}
	l.mu.Unlock()
}

// lookup returns the hardware address that a host has told.
func (l *Cable) lookup(a netip.Addr) (mac [6]byte, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	mac, ok = l.known[a]
	return mac, ok
}

// attach puts the cable into a chip, or, nil, into none.
func (l *Cable) attach(c *Chip) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.chip, l.view, l.waiting = c, view{unplugged: c == nil}, nil
}

// look tells the cable what it has to know of the chip.
func (l *Cable) look(v view) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.view = v
}

// tellCable tells the cable of a change.
func (c *Chip) tellCable() {
	if c.config.Cable == nil || c.over {
		return
	}
	c.config.Cable.look(view{
		unplugged: !c.plugged || !c.high,
		all:       c.sockets[0].state() == srMACRAW || !c.address.up,
		noPing:    c.common[regMR]&modePB != 0,
		mac:       [6]byte(c.common[regSHAR:]),
	})
}
