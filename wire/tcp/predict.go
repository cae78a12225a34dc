package tcp

import "encoding/binary"

// timestampsOnly is what options begin with that are timestamps behind two NOPs,
// the layout that RFC 7323 appendix A recommends and that every stack sends.
const timestampsOnly = uint32(KindNOP)<<24 | uint32(KindNOP)<<16 | uint32(KindTimestamps)<<8 | timestampsLen

// Prediction returns the header's length, control bits and window as one word. A
// receiver that keeps the word it expects next (from [Predict]) finds the common
// segment with one comparison.
func (s Segment) Prediction() uint32 { return binary.BigEndian.Uint32(s[12:16]) }

// Predict returns the word that [Segment.Prediction] has for a header of that
// length, with these control bits and that window.
func Predict(headerLen int, f Flags, window uint16) uint32 {
	return uint32(headerLen)<<26 | uint32(f)<<16 | uint32(window)
}

// PredictionPSH is the bit of PSH in that word, which a receiver may mask away.
const PredictionPSH = uint32(PSH) << 16

// Timestamps returns the timestamps of a segment whose options are NOP, NOP and
// timestamps, and false for any other, which then is for [Options.Parse].
func (s Segment) Timestamps() (val, ecr uint32, ok bool) {
	if s[12]>>4 != 8 || len(s) < 32 || binary.BigEndian.Uint32(s[20:24]) != timestampsOnly {
		return 0, 0, false
	}
	return binary.BigEndian.Uint32(s[24:28]), binary.BigEndian.Uint32(s[28:32]), true
}
