package tcp

import "encoding/binary"

// Parse sets o to the options in b, which is [Segment.OptionBytes]. Kinds that o
// does not know are skipped, and so are known ones whose length is not theirs;
// of two of one kind the last counts. A window scale above [MaxWindowScale] is
// taken for that (RFC 7323 §2.3).
//
// Where an option's length is below 2 or passes the end of b, the rest cannot be
// read: the error is [ErrOptionLength], and o has the options before it.
// Stacks go on with those.
func (o *Options) Parse(b []byte) error {
	*o = Options{}
	if len(b) >= 12 && binary.BigEndian.Uint32(b) == timestampsOnly {
		o.setTimestamps(b[4:12])
		b = b[12:]
	}
	for len(b) > 0 {
		switch b[0] {
		case KindEnd:
			return nil
		case KindNOP:
			b = b[1:]
			continue
		}
		if len(b) < 2 {
			return ErrOptionLength
		}
		n := int(b[1])
		if n < 2 || n > len(b) {
			return ErrOptionLength
		}
		o.set(b[0], b[2:n])
		b = b[n:]
	}
	return nil
}

// set takes one option, v being what follows its kind and length.
func (o *Options) set(kind byte, v []byte) {
	switch {
	case kind == KindTimestamps && len(v) == timestampsLen-2:
		o.setTimestamps(v)
	case kind == KindSACK && len(v) >= sackBlockLen && len(v)%sackBlockLen == 0:
		o.setSACK(v)
	case kind == KindMSS && len(v) == mssLen-2:
		o.MSS = binary.BigEndian.Uint16(v)
		o.Has |= HasMSS
	case kind == KindWindowScale && len(v) == windowScaleLen-2:
		o.WindowScale = min(v[0], MaxWindowScale)
		o.Has |= HasWindowScale
	case kind == KindSACKPermitted && len(v) == sackPermittedLen-2:
		o.Has |= HasSACKPermitted
	case kind == KindUserTimeout && len(v) == userTimeoutLen-2:
		o.UserTimeout = UserTimeout(binary.BigEndian.Uint16(v))
		o.Has |= HasUserTimeout
	}
}

func (o *Options) setTimestamps(v []byte) {
	o.TSVal = binary.BigEndian.Uint32(v[0:4])
	o.TSEcr = binary.BigEndian.Uint32(v[4:8])
	o.Has |= HasTimestamps
}

func (o *Options) setSACK(v []byte) {
	o.SACK, o.SACKLen = [MaxSACKBlocks]SACKBlock{}, 0
	for len(v) >= sackBlockLen && o.AddSACK(SACKBlock{
		Left:  Seq(binary.BigEndian.Uint32(v[0:4])),
		Right: Seq(binary.BigEndian.Uint32(v[4:8])),
	}) {
		v = v[sackBlockLen:]
	}
}
