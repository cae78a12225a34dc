package espat

import (
	"strings"
	"sync"
	"time"
)

// maxLine is the length of a command, its end included.
const maxLine = 256

// gap is how long the line is quiet where what came before is a piece of its own.
const gap = 20 * time.Millisecond

// input is what has come from the MCU.
type input struct {
	line []byte
	long bool      // the line has more than there is room for
	last time.Time // when the last byte came
	held []byte    // the front of what may be +++ by itself

	mu   sync.Mutex
	busy bool // a command runs
	want int  // bytes that CIPSEND still wants
}

// escape, with a gap before it and behind it, ends the data of a CIPSEND.
const escape = "+++"

// read takes what the MCU sends, until the session ends.
func (s *session) read() {
	buf := make([]byte, 512)
	for s.ctx.Err() == nil {
		n, err := s.port.Read(buf)
		if err != nil {
			return
		}
		if n == 0 {
			s.quiet()
			continue
		}
		if !s.pause() {
			return
		}
		now := time.Now()
		fresh := now.Sub(s.in.last) >= gap
		s.in.last = now
		s.take(buf[:n], fresh)
	}
}

// take takes a piece of what came: fresh where there was a gap before it.
func (s *session) take(b []byte, fresh bool) {
	if s.wanted() > 0 && (fresh || len(s.in.held) > 0) {
		all := append(s.in.held, b...)
		if strings.HasPrefix(escape, string(all)) {
			s.in.held = all
			return
		}
		b, s.in.held = all, nil
	}
	for len(b) > 0 {
		if n := min(s.wanted(), len(b)); n > 0 {
			s.deliver(append([]byte(nil), b[:n]...))
			b = b[n:]
			continue
		}
		s.takeByte(b[0])
		b = b[1:]
	}
}

// quiet waits for more. What may be the escape is one when nothing follows.
func (s *session) quiet() {
	if len(s.in.held) == 0 {
		s.port.WaitReadable(-1)
		return
	}
	if left := time.Until(s.in.last.Add(gap)); left > 0 {
		s.port.WaitReadable(left)
		return
	}
	held := s.in.held
	s.in.held = nil
	if string(held) == escape {
		s.deliver(nil)
		return
	}
	s.take(held, false)
}

func (s *session) wanted() int {
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	return s.in.want
}

// deliver gives the command that runs its data; nil is the escape.
func (s *session) deliver(b []byte) {
	s.in.mu.Lock()
	if s.in.want -= len(b); b == nil {
		s.in.want = 0
	}
	s.in.mu.Unlock()
	select {
	case s.data <- b:
	case <-s.ctx.Done():
	}
}

// collect prompts for n bytes and gives f each piece, until it has them all. It
// reports whether it has.
func (s *session) collect(n int, f func(b []byte)) bool {
	s.in.mu.Lock()
	s.in.want = n
	s.in.mu.Unlock()
	s.out.end("\r\nOK\r\n\r\n>")
	for n > 0 {
		select {
		case b := <-s.data:
			if b == nil {
				return false
			}
			f(b)
			n -= len(b)
		case <-s.ctx.Done():
			return false
		}
	}
	return true
}

// takeByte takes a byte of a line.
func (s *session) takeByte(b byte) {
	in := &s.in
	s.mu.Lock()
	echo := s.echo
	s.mu.Unlock()
	if len(in.line) >= maxLine {
		in.long = true
		in.line = in.line[:0]
	}
	in.line = append(in.line, b)
	if b != '\n' {
		return
	}
	line, long := string(in.line), in.long
	in.line, in.long = in.line[:0], false
	if echo && !long {
		s.out.echo(line)
	}
	s.takeLine(strings.TrimRight(line, "\r\n"), long)
}

func (s *session) takeLine(line string, long bool) {
	if line == "" && !long {
		return
	}
	if long {
		line = ""
		s.chip.count(func(s *Stats) { s.Abuse++ })
	}
	s.in.mu.Lock()
	busy := s.in.busy
	s.in.busy = true
	s.in.mu.Unlock()
	if busy {
		s.chip.count(func(s *Stats) { s.Busy++ })
		s.out.echo("\r\nbusy p...\r\n")
		return
	}
	select {
	case s.work <- line:
	case <-s.ctx.Done():
	}
}

// free lets the next command come.
func (s *session) free() {
	s.in.mu.Lock()
	s.in.busy = false
	s.in.mu.Unlock()
}
