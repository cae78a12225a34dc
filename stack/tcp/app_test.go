package tcp_test

import (
	"bytes"
	"time"

	"github.com/netdev-go/netdev/stack/tcp"
)

// An app writes total bytes, closes its direction, reads until EOF, and closes. It
// never sleeps but for being woken, or, as a slow reader, for its time.
type app struct {
	*side
	c       *tcp.Conn
	total   int
	chunk   int           // of one Write; 0: 4096
	every   time.Duration // a slow reader reads slice bytes each time
	slice   int
	deaf    bool // reads nothing at all
	stay    bool // does not close
	frail   bool // expects that the connection may end in an error
	written int
	read    int
	eof     bool
	shut    bool
	closed  bool
	wake    time.Duration
	buf     [8192]byte
	lends   bool // writes without a copy
	out     [8192]byte
	posts   int // a reader that waits has so many bytes of memory posted
	posting tcp.Posting
}

func (a *app) run() {
	if a.closed {
		return
	}
	if err := a.c.Err(); err != nil {
		if a.frail {
			a.closed = true
			a.c.Close(a.now)
			return
		}
		a.fail("%v: %v after %d written, %d read", a.addr, err, a.written, a.read)
		return
	}
	a.writes()
	a.reads()
	if a.eof && a.shut && !a.stay {
		a.closed = true
		a.c.Close(a.now)
	}
}

func (a *app) writes() {
	write := a.c.Write
	if a.lends {
		write = a.c.Lend
	}
	for !a.shut {
		a.c.Recall()
		n := min(a.total-a.written, len(a.out))
		if a.chunk > 0 {
			n = min(n, a.chunk)
		}
		if n == 0 {
			clear(a.out[:])
			if !a.stay {
				a.shut = true
				a.c.CloseWrite(a.now)
			}
			return
		}
		fill(a.out[:n], a.written)
		if n = write(a.now, a.out[:n]); n == 0 {
			return
		}
		a.written += n
		a.pull()
	}
}

func (a *app) reads() {
	if a.posting.Buf != nil {
		a.c.Post(nil)
		a.got(a.posting.Buf[:a.posting.N])
		a.posting = tcp.Posting{}
	}
	left := 1 << 30
	if a.every > 0 {
		if a.wake > 0 {
			return
		}
		left = a.slice
	}
	for !a.deaf && !a.eof && left > 0 {
		b := a.buf[:min(left, len(a.buf))]
		n := 0
		if a.posts == 0 || a.c.Buffered() > 0 { // who has memory posted need not Read
			n = a.c.Read(a.now, b)
		}
		if n == 0 {
			if a.eof = a.c.EOF(); !a.eof && a.every == 0 && a.posts > 0 {
				a.posting.Buf = make([]byte, a.posts)
				a.c.Post(&a.posting)
			}
			break
		}
		a.got(b[:n])
		left -= n
		a.pull()
	}
	if a.every > 0 && !a.eof {
		a.wake = a.now + a.every
	}
}

// got checks bytes that were read.
func (a *app) got(b []byte) {
	if !same(b, a.read) {
		a.fail("%v read other bytes from %d on", a.addr, a.read)
	}
	a.read += len(b)
}

// tape is what everybody says: it has no period that a segment or a block has.
var tape = append(pattern(0, 1<<20), pattern(0, 9000)...)

func fill(b []byte, from int) { copy(b, tape[from%(1<<20):]) }

func same(b []byte, from int) bool { return bytes.Equal(b, tape[from%(1<<20):][:len(b)]) }
