//go:build !tinygo

package wifinina_test

// A part says what a byte on the bus belongs to.
type part byte

const (
	head  part = iota // start, command, number of parameters
	size              // a parameter's length
	param             // a parameter that is no data
	data              // bytes of a user's
	tail              // end and padding
	other             // no frame: what is clocked to get into step
)

// A reader follows the frames of one direction, byte by byte, as long as nothing
// is wrong with them.
type reader struct {
	reply bool

	at     int // in the frame
	cmd    byte
	left   int // parameters to come
	width  int // bytes of a length
	length int
	digits int // of the length, to come
	body   int // bytes of the parameter, to come
	part   part
}

// next takes a byte, and tells which command it belongs to, and what it is.
func (r *reader) next(b byte) (cmd byte, p part) {
	r.part = tail
	switch {
	case r.at == 0:
		r.cmd, r.part = 0, head
		if b != 0xE0 {
			r.part = other
		}
		r.left = -1
	case r.part == other || r.left == -2: // the rest of a word
		r.part = other
	case r.at == 1:
		r.cmd, r.part = b&0x7F, head
		r.width = 1
		if wide := r.cmd; r.reply && (wide == 0x45 || wide == 0x78 || wide == 0x7A) ||
			!r.reply && (wide == 0x44 || wide == 0x45 || wide == 0x46 || wide == 0x77 || wide == 0x79) {
			r.width = 2
		}
	case r.at == 2:
		r.left, r.part = int(b), head
		r.digits, r.length = r.width, 0
	case r.body > 0:
		r.body--
		r.part = r.kind()
		if r.body == 0 {
			r.left--
			r.digits, r.length = r.width, 0
		}
	case r.left > 0:
		r.part = size
		r.length = r.length<<8 | int(b)
		if r.digits--; r.digits == 0 {
			if r.body = r.length; r.body == 0 {
				r.left--
				r.digits, r.length = r.width, 0
			}
		}
	}
	if r.at == 0 && r.part == other {
		r.left = -2
	}
	p = r.part
	r.at++
	if r.at%4 == 0 && (r.left == -2 || r.left == 0 && p == tail) {
		r.at = 0
	}
	return r.cmd, p
}

// kind tells data from other parameters: it is the last of those that have some.
func (r *reader) kind() part {
	carries := !r.reply && (r.cmd == 0x77 || r.cmd == 0x44) || r.reply && (r.cmd == 0x78 || r.cmd == 0x45)
	if carries && r.left == 1 {
		return data
	}
	return param
}
