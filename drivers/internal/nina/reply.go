package nina

// Bounds of what is not data: the longest reply is that of a scan.
const (
	maxParams = 10
	maxReply  = maxParams * 33
)

// A Reply is what the chip has answered. It is valid until the next exchange.
type Reply struct {
	params int
	ends   [maxParams]uint16 // of the parameters, in buf
	buf    [maxReply]byte
	data   int // bytes that went to Request.Into

	src   source
	win   [word]byte // the word that was clocked last
	at    int        // in win
	total int        // bytes clocked
}

// A source clocks the next bytes of a reply.
type source interface {
	read(p []byte) error
}

// Params returns how many parameters there are.
func (r *Reply) Params() int { return r.params }

// Param returns a parameter, or nil where there is none and of what went to
// Request.Into.
func (r *Reply) Param(i int) []byte {
	if i < 0 || i >= r.params {
		return nil
	}
	begin := uint16(0)
	if i > 0 {
		begin = r.ends[i-1]
	}
	return r.buf[begin:r.ends[i]:r.ends[i]]
}

// Len returns how many bytes went to Request.Into.
func (r *Reply) Len() int { return r.data }

// Byte returns a parameter of one byte.
func (r *Reply) Byte(i int) byte {
	if p := r.Param(i); len(p) == 1 {
		return p[0]
	}
	return 0
}

// Addr returns an IPv4 address.
func (r *Reply) Addr(i int) (a [4]byte) {
	copy(a[:], r.Param(i))
	return a
}

// Big returns a number of two bytes, the high one first.
func (r *Reply) Big(i int) uint16 {
	if p := r.Param(i); len(p) == 2 {
		return uint16(p[0])<<8 | uint16(p[1])
	}
	return 0
}

// Little returns a number of two bytes, the low one first.
func (r *Reply) Little(i int) uint16 { return r.Big(i)<<8 | r.Big(i)>>8 }

// Uint32 returns a number of four bytes, the lowest first.
func (r *Reply) Uint32(i int) uint32 {
	a := r.Addr(i)
	return uint32(a[0]) | uint32(a[1])<<8 | uint32(a[2])<<16 | uint32(a[3])<<24
}

// decode reads the reply to c, with its last parameter to into unless that is
// nil. It clocks nothing behind the frame's last word. What is no reply to c in
// every byte is ErrUnclear, but the chip's own "no", which is ErrRejected, and a
// reply to another command, which is errOther.
func (r *Reply) decode(src source, c Command, into []byte) error {
	r.src, r.at, r.total, r.params, r.data = src, word, 0, 0, 0
	start, err := r.next()
	if err != nil {
		return err
	}
	cmd, _ := r.next() // of the same word
	n, _ := r.next()
	switch {
	case start == startError:
		last, _ := r.next()
		if cmd == 0 && n == endCommand && last == 0 {
			return ErrRejected
		}
		return ErrUnclear
	case start == startCommand && cmd != byte(c)|replyFlag && cmd&replyFlag != 0 && Command(cmd&^replyFlag).layout() != "":
		return errOther
	case start != startCommand || cmd != byte(c)|replyFlag:
		return ErrUnclear
	}
	if err := r.decodeParams(c, int(n), into); err != nil {
		return err
	}
	end, err := r.next()
	if err != nil {
		return err
	}
	if end != endCommand {
		return ErrUnclear
	}
	for ; r.at < word; r.at++ {
		if r.win[r.at] != 0 {
			return ErrUnclear
		}
	}
	return nil
}

func (r *Reply) decodeParams(c Command, n int, into []byte) error {
	layout := c.layout()
	if optional := layout[len(layout)-1] == orNone; optional {
		layout = layout[:len(layout)-1]
		if n == 0 {
			return nil
		}
	}
	if layout[0] != list && n != len(layout) || n > maxParams {
		return ErrUnclear
	}
	begin := 0
	for i := 0; i < n; i++ {
		size, err := r.length(c)
		if err != nil {
			return err
		}
		if want := layout[0]; want != list {
			if want = layout[i]; want != anyLen && size != int(want-'0') {
				return ErrUnclear
			}
		}
		if into != nil && i == n-1 {
			if size > len(into) {
				return ErrUnclear
			}
			if err := r.read(into[:size]); err != nil {
				return err
			}
			r.data, size = size, 0
		}
		if size > len(r.buf)-begin {
			return ErrUnclear
		}
		if err := r.read(r.buf[begin : begin+size]); err != nil {
			return err
		}
		begin += size
		r.ends[i] = uint16(begin)
		r.params = i + 1
	}
	return nil
}

func (r *Reply) length(c Command) (int, error) {
	n, err := r.next()
	if err != nil || !c.wideReply() {
		return int(n), err
	}
	low, err := r.next()
	return int(n)<<8 | int(low), err
}

// next returns the next byte. Words are clocked whole: the frame goes on at
// least to the end of the word that a byte of it is in.
func (r *Reply) next() (byte, error) {
	if r.at == word {
		if err := r.clock(r.win[:]); err != nil {
			return 0, err
		}
		r.at = 0
	}
	b := r.win[r.at]
	r.at++
	return b, nil
}

// read fills p, with whole words directly.
func (r *Reply) read(p []byte) error {
	n := copy(p, r.win[r.at:])
	r.at += n
	p = p[n:]
	if whole := len(p) &^ (word - 1); whole > 0 {
		if err := r.clock(p[:whole]); err != nil {
			return err
		}
		p = p[whole:]
	}
	for i := range p {
		b, err := r.next()
		if err != nil {
			return err
		}
		p[i] = b
	}
	return nil
}

func (r *Reply) clock(p []byte) error {
	if r.total += len(p); r.total > MaxFrame {
		return ErrUnclear
	}
	return r.src.read(p)
}
