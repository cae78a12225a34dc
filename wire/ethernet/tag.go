package ethernet

// Tag is an IEEE 802.1Q tag, its fields under their names there. The zero Tag
// stands for none.
type Tag struct {
	TPID EtherType // TypeVLAN or TypeQinQ
	PCP  uint8     // priority, 0 to 7
	DEI  bool      // may be dropped before others
	VID  uint16    // 0 to 4095, where 0 says that only the priority counts
}

func makeTag(tpid EtherType, tci uint16) Tag {
	return Tag{TPID: tpid, PCP: uint8(tci >> 13), DEI: tci&0x1000 != 0, VID: tci & 0x0fff}
}

// tci is the tag's second half, with what does not fit cut off.
func (t Tag) tci() uint16 {
	tci := uint16(t.PCP)<<13 | t.VID&0x0fff
	if t.DEI {
		tci |= 0x1000
	}
	return tci
}
