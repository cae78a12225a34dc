package ether

import (
	"sync"
	"sync/atomic"

	"github.com/netdev-go/netdev/netlink"
)

// A Port is a switch's port that leads to a device which is not the switch's:
// a TAP, a socket, a radio, the end of a cable to another switch.
type Port struct {
	link
	device netlink.FrameDevice
	off    int
	max    int
	room   sync.Pool // of *[]byte, for the offset of the device
	closed atomic.Bool
	unplug func()
}

// Attach plugs a device in and sets its handler: the frames that it receives
// go into the switch, in the goroutine that calls the handler, and those for
// the port are sent by it, in the goroutine that brings them. A device that
// only works while EthPoll(nil) is called must be called by its owner. Of the
// configuration Name and Seed count.
func (s *Switch) Attach(c Config, device netlink.FrameDevice) (*Port, error) {
	c, err := s.name(c)
	if err != nil {
		return nil, err
	}
	p := &port{name: c.Name}
	a := &Port{link: s.link(p, c), device: device}
	a.max, a.off = device.MaxFrameSizeAndOffset()
	p.close, p.out.deliver = a.Close, a.transmit
	a.unplug = func() { s.unplug(p) }
	if err := s.plug(p); err != nil {
		return nil, err
	}
	device.SetEthRecvHandler(a.handle)
	return a, nil
}

// handle takes what the device receives into the switch.
func (a *Port) handle(frame []byte) {
	if len(frame) < headerLen {
		a.tx.refuse(frame)
		return
	}
	a.tx.send(frame)
}

// transmit is the deliver of the direction to the device.
func (a *Port) transmit(frame []byte, seen *tap, ev event) fault {
	if a.closed.Load() {
		return faultUnplugged
	}
	if len(frame) > a.max {
		return faultTooLong
	}
	seen.record(frame, ev)
	if a.off > 0 {
		room, _ := a.room.Get().(*[]byte)
		if room == nil {
			room = new([]byte)
		}
		defer a.room.Put(room)
		*room = append(append((*room)[:0], make([]byte, a.off)...), frame...)
		frame = *room
	}
	if a.device.SendOffsetEthFrame(frame) != nil {
		return faultRefused
	}
	return 0
}

// Close takes the port off the switch and the handler off its device, which it
// does not close.
func (a *Port) Close() error {
	if a.closed.Swap(true) {
		return nil
	}
	a.unplug()
	a.device.SetEthRecvHandler(nil)
	a.rx.close()
	return nil
}
