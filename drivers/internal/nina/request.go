package nina

// What frames are made of.
const (
	startCommand = 0xE0
	startError   = 0xEF
	replyFlag    = 0x80
	endCommand   = 0xEE
	padding      = 0xFF
	word         = 4 // the chip's DMA moves whole words
)

// MaxFrame is the chip's buffer, of each direction.
const MaxFrame = 4092

// maxHead has room for the longest parameters that are not data: those of a
// StartClient with a name.
const maxHead = 288

// MaxText is the longest name that a parameter carries.
const MaxText = 255

// A Request is a command with its parameters, which are added in the command's
// order. It holds all of them but Data, which stays the caller's until the
// exchange is over.
type Request struct {
	cmd  Command
	n    int
	head [maxHead]byte
	data []byte
	into []byte
	long bool // there was no room
}

func (q *Request) begin(c Command) {
	q.cmd, q.n, q.data, q.into, q.long = c, 3, nil, nil, false
	q.head[0], q.head[1], q.head[2] = startCommand, byte(c), 0
}

// param adds a parameter's length, and returns the room for it, or nil.
func (q *Request) param(n int) []byte {
	wide := 1
	if q.cmd.wideRequest() {
		wide = 2
	}
	if q.data != nil || q.n+wide+n > len(q.head) || wide == 1 && n > MaxText {
		q.long = true
		return nil
	}
	q.length(n)
	q.n += n
	return q.head[q.n-n : q.n]
}

func (q *Request) length(n int) {
	if q.cmd.wideRequest() {
		q.head[q.n] = byte(n >> 8)
		q.n++
	}
	q.head[q.n] = byte(n)
	q.n++
	q.head[2]++
}

// Byte adds a parameter of one byte.
func (q *Request) Byte(v byte) {
	if p := q.param(1); p != nil {
		p[0] = v
	}
}

// Port adds a port, or another number of two bytes, the high one first.
func (q *Request) Port(v uint16) {
	if p := q.param(2); p != nil {
		p[0], p[1] = byte(v>>8), byte(v)
	}
}

// Size adds a number of two bytes, the low one first.
func (q *Request) Size(v uint16) {
	if p := q.param(2); p != nil {
		p[0], p[1] = byte(v), byte(v>>8)
	}
}

// Uint32 adds a number of four bytes, the lowest first.
func (q *Request) Uint32(v uint32) {
	if p := q.param(4); p != nil {
		p[0], p[1], p[2], p[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
	}
}

// Addr adds an IPv4 address.
func (q *Request) Addr(a [4]byte) { copy(q.param(4), a[:]) }

// Text adds a name or a passphrase.
func (q *Request) Text(s string) { copy(q.param(len(s)), s) }

// Data adds the last parameter, which is not copied.
func (q *Request) Data(b []byte) {
	if q.data != nil || q.n+2 > len(q.head) {
		q.long = true
		return
	}
	q.length(len(b))
	q.data = b
}

// Into has the last parameter of the reply stored in b. One that is longer
// makes no sense, and the reply neither.
func (q *Request) Into(b []byte) { q.into = b }

// tail is what follows the parameters: the end, and padding to a whole word.
var tail = [word]byte{endCommand, padding, padding, padding}

func (q *Request) tail() []byte { return tail[:word-(q.n+len(q.data))%word] }

// size is that of the frame.
func (q *Request) size() int { return q.n + len(q.data) + len(q.tail()) }
