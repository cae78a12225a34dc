package tcp

// Flags are the control bits of a segment.
type Flags uint8

// The control bits of RFC 9293 §3.1. CWR and ECE belong to RFC 3168.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// Has reports whether all of want are set.
func (f Flags) Has(want Flags) bool { return f&want == want }

// Any reports whether one of these is set.
func (f Flags) Any(these Flags) bool { return f&these != 0 }

const flagNames = "FINSYNRSTPSHACKURGECECWR"

// String returns the names of the bits that are set as RFC 9293 writes them in
// its figures, such as "SYN,ACK", and "none" where none is.
func (f Flags) String() string {
	if f == 0 {
		return "none"
	}
	var buf [8 * len("FIN,")]byte
	s := buf[:0]
	for i := 0; i < 8; i++ {
		if f&(1<<i) == 0 {
			continue
		}
		if len(s) > 0 {
			s = append(s, ',')
		}
		s = append(s, flagNames[3*i:3*i+3]...)
	}
	return string(s)
}
