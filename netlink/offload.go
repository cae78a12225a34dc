package netlink

// SegmentOffloader is implemented by a FrameDevice that takes TCP segments longer
// than its frames may be, as many network cards and virtio's do: who sends makes one
// header for many segments, and the device cuts.
//
// On the wire there are only frames that a peer could have been sent without it. A
// device may hand a long frame over whole where both ends agree that it can, which
// nobody but a [LargeReceiver] sees.
type SegmentOffloader interface {
	// MaxSegmentOffload returns the longest frame that SendOffsetEthFrameSegments
	// takes, header included and FCS not. 0 is that the device takes none. It does not
	// change.
	MaxSegmentOffload() int

	// SendOffsetEthFrameSegments sends frame[off:], off being that of
	// MaxFrameSizeAndOffset, as one frame for each mss bytes of its data, and one for
	// the rest. It may be called from where SendOffsetEthFrame may, and keeps the order
	// of the calls of both.
	//
	// The frame holds an IPv4 or IPv6 packet, without a VLAN tag, that is one TCP segment
	// without SYN, RST or URG; an IPv6 one has no extension headers. Its lengths and
	// checksums are right for the whole. Each of the frames sent has the headers of the
	// whole with their own lengths, sequence number, checksums and, counted up from that of
	// the whole, IPv4 identification; PSH and FIN stand in the last alone, CWR in the first.
	//
	// mss is above 0 and leaves each of them as long as MaxFrameSizeAndOffset allows,
	// or shorter. A frame with no more data than that is sent as it is. The slice is
	// the caller's again when the call returns.
	SendOffsetEthFrameSegments(frame []byte, mss int) error
}

// LargeReceiver is implemented by a FrameDevice that can hand its handler frames
// longer than the link's: segments of TCP that arrived one after the other, or that
// never were apart.
type LargeReceiver interface {
	// SetMaxEthRecv tells how long a frame may be that the handler is called with,
	// header included, or that EthPoll puts into its buffer. Up to MaxFrameSizeAndOffset
	// it always may; longer ones are TCP segments as in SegmentOffloader, with lengths
	// and checksums that are right for the whole. 0 is back to the device's own frames.
	// Frames that wait already may still be as long as they could be before.
	SetMaxEthRecv(max int)
}
