package netlink

// BatchSender is implemented by a FrameDevice that sends several frames in one call
// for less than it takes one by one.
type BatchSender interface {
	// MaxFrameBatch returns how many frames one call is worth: more may be split. 0 and
	// 1 are that the device does not want batches. It does not change.
	MaxFrameBatch() int

	// SendOffsetEthFrames sends each of frames as SendOffsetEthFrame does, in their
	// order. It returns how many were taken; where those are not all, err is what the
	// device says of the next one. The slices are the caller's again when the call
	// returns.
	SendOffsetEthFrames(frames [][]byte) (n int, err error)
}

// BatchReceiver is implemented by a FrameDevice that may have several received frames
// at once.
type BatchReceiver interface {
	// SetEthRecvBatchHandler sets where several frames arrive in one call, in their
	// order; nil stops. A single frame may still go to the handler of SetEthRecvHandler,
	// without which none arrive at all. The slices are the device's: the handler copies
	// what it keeps.
	SetEthRecvBatchHandler(handler func(frames [][]byte))
}
