package ether

import (
	"net"

	"github.com/netdev-go/netdev/netlink"
)

var (
	_ netlink.BatchSender   = (*Device)(nil)
	_ netlink.BatchReceiver = (*Device)(nil)
)

// MaxFrameBatch is Config.Batch.
func (d *Device) MaxFrameBatch() int { return d.config.Batch }

// SendOffsetEthFrames sends frames as SendOffsetEthFrame does. It saves something on a
// free cable to a device with Config.Direct, whose handler for batches is called once.
func (d *Device) SendOffsetEthFrames(frames [][]byte) (int, error) {
	if d.in.isClosed() {
		return 0, net.ErrClosed
	}
	for i, f := range frames {
		if len(f) < headerLen || len(f) > d.max {
			d.tx.sendAll(frames[:i])
			return i, d.SendOffsetEthFrame(f)
		}
	}
	d.tx.sendAll(frames)
	return len(frames), nil
}

// SetEthRecvBatchHandler has handler called with the frames that wait, where they are
// several, in place of the handler of SetEthRecvHandler; nil stops. It does nothing
// without Config.Batch. A batch under way goes on when SetEthRecvHandler or Close
// returns.
func (d *Device) SetEthRecvBatchHandler(handler func(frames [][]byte)) {
	if handler == nil || d.config.Batch < 2 {
		d.batches.Store(nil)
		return
	}
	d.batches.Store(&handler)
}

// sendAll sends frames together, if they meet nothing on this way that acts on each of
// them or shows it.
func (d *direction) sendAll(frames [][]byte) {
	if len(frames) > 1 && d.together != nil && !d.active.Load() && d.entry.Load() == nil && d.exit.Load() == nil && d.together(d, frames) {
		return
	}
	for _, f := range frames {
		d.send(f)
	}
}

// acceptAll is the together of the direction to the device.
func (d *Device) acceptAll(from *direction, frames [][]byte) bool {
	if !d.config.Direct || d.batchHandler() == nil {
		return false
	}
	bytes := 0
	for _, f := range frames {
		if len(f) > d.max {
			return false
		}
		bytes += len(f)
	}
	if !d.in.occupy() {
		return false
	}
	from.count.frames.Add(uint64(len(frames)))
	from.count.bytes.Add(uint64(bytes))
	from.count.delivered.Add(uint64(len(frames))) // before the receiver can look
	for len(frames) > 0 {
		h := d.batchHandler()
		if h == nil {
			break
		}
		n := min(len(frames), d.config.Batch)
		(*h)(frames[:n])
		frames = frames[n:]
	}
	d.in.release(0)
	for _, f := range frames { // which the handler has made another's
		if drop := d.in.push(f, d.config.Pause, nil, event{}); drop != 0 {
			from.count.takeBack(drop)
		}
	}
	return true
}

// handleAll calls the handler for batches with the first of n frames, and returns how
// many it has seen. It leaves one that is alone.
func (d *Device) handleAll(n int) (seen int) {
	for n-seen > 1 {
		h := d.batchHandler()
		if h == nil {
			break
		}
		d.room = d.room[:0]
		for i := seen; i < min(n, seen+d.config.Batch); i++ {
			d.room = append(d.room, d.in.taken(i))
		}
		(*h)(d.room)
		seen += len(d.room)
	}
	return seen
}

// batchHandler returns the handler for batches, or nil where there is none to call.
func (d *Device) batchHandler() *func([][]byte) {
	if d.handler.Load() == nil || d.in.isClosed() {
		return nil
	}
	return d.batches.Load()
}
