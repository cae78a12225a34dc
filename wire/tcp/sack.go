package tcp

// SACKBlock is a run of received data: the bytes from Left up to, not including,
// Right.
type SACKBlock struct {
	Left, Right Seq
}

// Blocks returns the SACK blocks, as a part of o.
func (o *Options) Blocks() []SACKBlock {
	if o.Has&HasSACK == 0 {
		return nil
	}
	return o.SACK[:min(o.SACKLen, MaxSACKBlocks)]
}

// AddSACK appends a block and reports whether there was room for it.
func (o *Options) AddSACK(b SACKBlock) bool {
	if o.Has&HasSACK == 0 {
		o.SACKLen = 0
	}
	if o.SACKLen >= MaxSACKBlocks {
		return false
	}
	o.SACK[o.SACKLen] = b
	o.SACKLen++
	o.Has |= HasSACK
	return true
}

// DSACK returns the first block if it tells of data that came twice, given the
// acknowledgement number of the same segment (RFC 2883 §4): it then lies below
// that number or inside the second block. The other blocks are ordinary ones.
func (o *Options) DSACK(ack Seq) (SACKBlock, bool) {
	blocks := o.Blocks()
	if len(blocks) == 0 || !blocks[0].Left.Less(blocks[0].Right) {
		return SACKBlock{}, false
	}
	first := blocks[0]
	if first.Right.LessEq(ack) {
		return first, true
	}
	if len(blocks) > 1 && blocks[1].Left.LessEq(first.Left) && first.Right.LessEq(blocks[1].Right) {
		return first, true
	}
	return SACKBlock{}, false
}
