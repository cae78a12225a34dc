package tcp

// Seq is a sequence number of RFC 9293 §3.4. Numbers wrap around at 2³², so that
// they have an order only while they lie less than 2³¹ apart, as those of one
// connection's window do; for two that lie exactly 2³¹ apart no comparison means
// anything. Adding to one is Go's own addition, or [Seq.Add].
type Seq uint32

// Less reports whether s comes before t.
func (s Seq) Less(t Seq) bool { return int32(s-t) < 0 }

// LessEq reports whether s comes before t or is t.
func (s Seq) LessEq(t Seq) bool { return int32(s-t) <= 0 }

// Diff returns how far s lies behind t: negative where s comes first.
func (s Seq) Diff(t Seq) int { return int(int32(s - t)) }

// Add returns the number n further on, or back where n is negative.
func (s Seq) Add(n int) Seq { return s + Seq(n) }

// In reports whether s is one of the size numbers from first on. A window of
// size 0 holds none.
func (s Seq) In(first Seq, size uint32) bool { return uint32(s-first) < size }
