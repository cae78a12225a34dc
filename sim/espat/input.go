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
	long bool // the line has more than there is room for

	mu      sync.Mutex
	busy    bool // a command runs
	want    int  // bytes that CIPSEND still wants
	payload []byte
	plus    bool // the payload so far is a piece with nothing but +++
}

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
		for b := buf[:n]; len(b) > 0; {
			if k := s.takePayload(b); k > 0 {
				b = b[k:]
				continue
			}
			s.takeByte(b[0])
			b = b[1:]
		}
	}
}

// quiet waits for more.
func (s *session) quiet() {
	s.in.mu.Lock()
	cancels := s.in.want > 0 && string(s.in.payload) == "+++"
	s.in.mu.Unlock()
	if !cancels {
		s.port.WaitReadable(-1)
		return
	}
	begin := time.Now()
	s.port.WaitReadable(gap)
	if s.port.Buffered() > 0 || time.Since(begin) < gap {
		return
	}
	s.in.mu.Lock()
	s.in.want, s.in.payload = 0, nil
	s.in.mu.Unlock()
	s.deliver(nil)
}

// takePayload takes what CIPSEND wants, and returns how much that was.
func (s *session) takePayload(b []byte) int {
	in := &s.in
	in.mu.Lock()
	if in.want == 0 {
		in.mu.Unlock()
		return 0
	}
	n := min(in.want, len(b))
	in.payload = append(in.payload, b[:n]...)
	in.want -= n
	whole := in.payload
	done := in.want == 0
	in.mu.Unlock()
	if done {
		s.deliver(whole)
	}
	return n
}

func (s *session) deliver(payload []byte) {
	select {
	case s.data <- payload:
	case <-s.ctx.Done():
	}
}

// await has the reader collect n bytes, and returns them, or nil.
func (s *session) await(n int, prompt string) []byte {
	s.in.mu.Lock()
	s.in.want, s.in.payload = n, make([]byte, 0, n)
	s.in.mu.Unlock()
	s.out.end(prompt)
	select {
	case b := <-s.data:
		return b
	case <-s.ctx.Done():
		return nil
	}
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
		s.out.echo("busy p...\r\n")
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
