package stack

import "github.com/netdev-go/netdev/netlink"

// batchMost is how many frames go to the device in one call, and batchRing the ring from
// which on that is worth its memory.
const (
	batchMost = 32
	batchRing = 8
)

// batch is how many frames go to a device that takes batches in one call.
func (c *Config) batch() int {
	if c.Ring < batchRing {
		return 0
	}
	return min(batchMost, c.Ring)
}

func (s *Stack) initBatches() {
	d, ok := s.dev.(netlink.BatchSender)
	if !ok {
		return
	}
	if n := min(d.MaxFrameBatch(), s.config.batch()); n > 1 {
		s.batches, s.batch = d, make([][]byte, 0, n)
	}
}

// takeBatches tells the device where batches arrive.
func (s *Stack) takeBatches(handler func([][]byte)) {
	if d, ok := s.dev.(netlink.BatchReceiver); ok && s.config.batch() > 0 {
		d.SetEthRecvBatchHandler(handler)
	}
}

// transmitAll hands the first n frames of the ring to the device. It is without the
// lock: the others only write behind these, and release is for this goroutine.
func (s *Stack) transmitAll(n int) {
	for i := range n {
		f := s.ring.at(i)
		switch {
		case f.local:
		case f.long > 0:
			s.transmitBatch()
			s.transmitted(s.offload.SendOffsetEthFrameSegments(s.ring.bytes(f)[:f.n], int(f.mss)))
		case s.batches == nil:
			s.transmitted(s.dev.SendOffsetEthFrame(f.buf[:f.n]))
		default:
			if s.batch = append(s.batch, f.buf[:f.n]); len(s.batch) == cap(s.batch) {
				s.transmitBatch()
			}
		}
	}
	s.transmitBatch()
}

// transmitBatch sends what is gathered. A frame that the device refuses does not keep
// those behind it.
func (s *Stack) transmitBatch() {
	for b := s.batch; len(b) > 0; {
		n, err := s.batches.SendOffsetEthFrames(b)
		if err == nil {
			break
		}
		s.transmitted(err)
		b = b[min(max(n, 0)+1, len(b)):]
	}
	s.batch = s.batch[:0]
}

// transmitted counts what the device has refused.
func (s *Stack) transmitted(err error) {
	if err != nil {
		s.lock()
		s.counters.Interface.OutErrors++
		s.mu.Unlock()
	}
}
