package tcp

import "encoding/binary"

// Len returns how many bytes [Options.Emit] writes: a multiple of 4, and at most
// [MaxOptionsLen].
func (o *Options) Len() int {
	if o.Has == HasTimestamps {
		return 12
	}
	n := o.fixedLen()
	if k := o.fittingBlocks(n); k > 0 {
		n += 4 + k*sackBlockLen
	}
	return n
}

// fixedLen returns the length of all but the SACK blocks. All of it together is
// 24 bytes at most, so that one block always fits.
func (o *Options) fixedLen() int {
	n := 0
	if o.Has&HasMSS != 0 {
		n += mssLen
	}
	switch {
	case o.Has&HasTimestamps != 0:
		n += 2 + timestampsLen // behind two NOPs, or SACK-permitted in their place
	case o.Has&HasSACKPermitted != 0:
		n += 2 + sackPermittedLen
	}
	if o.Has&HasWindowScale != 0 {
		n += 1 + windowScaleLen
	}
	if o.Has&HasUserTimeout != 0 {
		n += userTimeoutLen
	}
	return n
}

func (o *Options) fittingBlocks(fixed int) int {
	return min(len(o.Blocks()), (MaxOptionsLen-fixed-4)/sackBlockLen)
}

// Emit writes the options onto b and returns how many bytes that took, which is
// [Options.Len]. They are padded to words, each value aligned as RFC 7323
// appendix A and RFC 2018 show it. SACK blocks for which there is no room are
// left out from the last one on; everything else always fits. It panics if b is
// shorter than Len.
func (o *Options) Emit(b []byte) int {
	if o.Has == 0 {
		return 0
	}
	if o.Has == HasTimestamps {
		b = b[:12]
		binary.BigEndian.PutUint32(b[0:4], timestampsOnly)
		binary.BigEndian.PutUint32(b[4:8], o.TSVal)
		binary.BigEndian.PutUint32(b[8:12], o.TSEcr)
		return 12
	}
	return o.emitMixed(b)
}

func (o *Options) emitMixed(b []byte) int {
	n := 0
	if o.Has&HasMSS != 0 {
		put(b[n:], KindMSS, mssLen, o.MSS)
		n += mssLen
	}
	if o.Has&(HasSACKPermitted|HasTimestamps) != 0 {
		first := [2]byte{KindNOP, KindNOP}
		if o.Has&HasSACKPermitted != 0 {
			first = [2]byte{KindSACKPermitted, sackPermittedLen}
		}
		switch {
		case o.Has&HasTimestamps != 0:
			put(b[n:], first[0], first[1], KindTimestamps<<8|timestampsLen)
			binary.BigEndian.PutUint32(b[n+4:], o.TSVal)
			binary.BigEndian.PutUint32(b[n+8:], o.TSEcr)
			n += 2 + timestampsLen
		default:
			put(b[n:], KindNOP, KindNOP, KindSACKPermitted<<8|sackPermittedLen)
			n += 2 + sackPermittedLen
		}
	}
	if o.Has&HasWindowScale != 0 {
		put(b[n:], KindNOP, KindWindowScale, windowScaleLen<<8|uint16(min(o.WindowScale, MaxWindowScale)))
		n += 1 + windowScaleLen
	}
	if o.Has&HasUserTimeout != 0 {
		put(b[n:], KindUserTimeout, userTimeoutLen, uint16(o.UserTimeout))
		n += userTimeoutLen
	}
	return n + o.emitSACK(b[n:], o.fittingBlocks(n))
}

func (o *Options) emitSACK(b []byte, blocks int) int {
	if blocks <= 0 {
		return 0
	}
	put(b, KindNOP, KindNOP, uint16(KindSACK)<<8|uint16(2+blocks*sackBlockLen))
	n := 4
	for _, block := range o.SACK[:blocks] {
		binary.BigEndian.PutUint32(b[n:], uint32(block.Left))
		binary.BigEndian.PutUint32(b[n+4:], uint32(block.Right))
		n += sackBlockLen
	}
	return n
}

// put writes one word.
func put(b []byte, b0, b1 byte, rest uint16) {
	binary.BigEndian.PutUint32(b, uint32(b0)<<24|uint32(b1)<<16|uint32(rest))
}
