package ether

import (
	"net"
	"sync"

	"github.com/netdev-go/netdev/internal/gso"
	"github.com/netdev-go/netdev/netlink"
)

var (
	_ netlink.SegmentOffloader = (*Device)(nil)
	_ netlink.LargeReceiver    = (*Device)(nil)
)

// maxLong is a frame with the longest packet that there is.
const maxLong = headerLen + 0xffff

// A long is a segment that was not cut.
type long struct {
	frame  []byte
	mss    int
	pieces int
	piece  int // length of the longest
	bytes  int // of all
}

// count is how many frames l is in statistics; one that is nil is one frame.
func (l *long) count() uint64 {
	if l == nil {
		return 1
	}
	return uint64(l.pieces)
}

// MaxSegmentOffload is the longest packet with Config.Offload, and 0 without.
func (d *Device) MaxSegmentOffload() int {
	if d.config.Offload {
		return maxLong
	}
	return 0
}

// SetMaxEthRecv tells how long the frames may be that the handler is called with. It
// changes something with Config.Offload alone.
func (d *Device) SetMaxEthRecv(max int) { d.takes.Store(int64(max)) }

// SendOffsetEthFrameSegments sends a segment in pieces, or whole where
// Config.Offload says that it goes so. As with SendOffsetEthFrame, what the network
// drops is no error.
func (d *Device) SendOffsetEthFrameSegments(frame []byte, mss int) error {
	if d.in.isClosed() {
		return net.ErrClosed
	}
	if !d.config.Offload || len(frame) > maxLong {
		return ErrFrameTooLong
	}
	c, err := gso.Cut(frame, mss)
	switch {
	case err != nil:
		return err
	case c.Size() > d.max:
		return ErrFrameTooLong
	case c.Len() == 1:
		return d.SendOffsetEthFrame(frame)
	default:
		n := c.Len()
		d.tx.sendLong(long{frame: frame, mss: mss, pieces: n, piece: c.Size(), bytes: len(frame) + (n-1)*c.HeaderLen()})
	}
	return nil
}

// receiveWhole is the whole of the direction to the device.
func (d *Device) receiveWhole(l long) (fault, bool) {
	if !d.config.Offload || int64(len(l.frame)) > d.takes.Load() || l.piece > d.max {
		return 0, false
	}
	return d.accept(l.frame, nil, event{}), true
}

// send sends a frame out of the port, l being what there is to know of one that was
// not cut.
func (p *port) send(frame []byte, l *long) {
	if l != nil {
		p.out.sendLong(*l)
		return
	}
	p.out.send(frame)
}

// sendLong sends a segment whole, if it meets nothing on this way that acts on frames
// or shows them.
func (d *direction) sendLong(l long) {
	if d.whole == nil || d.active.Load() || d.entry.Load() != nil || d.exit.Load() != nil {
		d.sendCut(l)
		return
	}
	n := l.count()
	d.count.delivered.Add(n) // before the receiver can look
	drop, taken := d.whole(l)
	if !taken {
		d.count.delivered.Add(-n)
		d.sendCut(l)
		return
	}
	d.count.frames.Add(n)
	d.count.bytes.Add(uint64(l.bytes))
	if drop != 0 {
		for range n {
			d.count.takeBack(drop)
		}
	}
}

// pieces are buffers for one frame each.
var pieces sync.Pool // of *[]byte

// sendCut cuts a segment and sends the frames.
func (d *direction) sendCut(l long) {
	c, err := gso.Cut(l.frame, l.mss)
	if err != nil {
		return // it was looked at where it came in
	}
	b, _ := pieces.Get().(*[]byte)
	if b == nil {
		b = new([]byte)
	}
	defer pieces.Put(b)
	if len(*b) < l.piece {
		*b = make([]byte, max(l.piece, DefaultMTU+headerLen))
	}
	for n := c.Next(*b); n > 0; n = c.Next(*b) {
		d.send((*b)[:n])
	}
}
