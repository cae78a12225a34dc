package espat

import (
	"fmt"
	"strings"
)

// Error codes of AT+SYSLOG=1.
const (
	codeNoAT        = 0x01030000
	codeParameters  = 0x01070000
	codeUnsupported = 0x01090000
	codeFailed      = 0x010A0000
	codeOperation   = 0x010C0000
)

// A failure ends a command in ERROR.
type failure struct {
	code  uint32
	errno int    // of a socket; 0 is none
	text  string // what is said before ERROR
}

func (f *failure) Error() string { return fmt.Sprintf("%08X", f.code) }

var (
	errParameters = &failure{code: codeParameters}
	errFailed     = &failure{code: codeFailed}
)

// done, as an error, is of a command that has ended its reply itself.
type done struct{}

func (done) Error() string { return "done" }

// A handler runs a command, of the kinds that it is registered for.
type handler func(c *call) error

var commands = make(map[string]map[byte]handler)

// register adds a command: to execute, to query, to set; nil is none.
func register(name string, execute, query, set handler) {
	m := make(map[byte]handler)
	for kind, h := range map[byte]handler{0: execute, '?': query, '=': set} {
		if h != nil {
			m[kind] = h
		}
	}
	commands[name] = m
}

// execute runs commands, one after the other.
func (s *session) execute() {
	for {
		select {
		case line := <-s.work:
			s.chip.count(func(s *Stats) { s.Commands++ })
			s.finish(s.dispatch(line))
		case <-s.ctx.Done():
			return
		}
	}
}

// finish ends a reply.
func (s *session) finish(err error) {
	switch err := err.(type) {
	case nil:
		s.free()
		s.out.end("\r\nOK\r\n")
	case done:
	case *failure:
		s.mu.Lock()
		syslog := s.syslog
		s.mu.Unlock()
		text := err.text
		if syslog && err.errno != 0 {
			text += fmt.Sprintf("+ERRNO:0x%x\r\n", err.errno)
		}
		if syslog {
			text += fmt.Sprintf("ERR CODE:0x%08x\r\n", err.code)
		}
		s.chip.count(func(s *Stats) { s.Errors++ })
		s.free()
		s.out.end(text + "\r\nERROR\r\n")
	}
}

// dispatch runs the command of a line.
func (s *session) dispatch(line string) error {
	if !strings.HasPrefix(line, "AT") {
		return &failure{code: codeNoAT}
	}
	name, rest := line[2:], ""
	c := &call{s: s}
	if i := strings.IndexAny(name, "=?"); i >= 0 {
		c.kind, name, rest = name[i], name[:i], name[i+1:]
	}
	c.name = strings.TrimPrefix(name, "+")
	m := commands[c.name]
	if m == nil || strings.HasPrefix(name, "+") == basic[c.name] {
		return &failure{code: codeUnsupported}
	}
	h := m[c.kind]
	if h == nil || c.kind == '?' && rest != "" || c.kind == '=' && rest == "?" {
		return &failure{code: codeOperation}
	}
	if c.kind == '=' {
		var ok bool
		if c.params, ok = parse(rest); !ok {
			return errParameters
		}
	}
	return h(c)
}

// basic are the commands without a plus.
var basic = map[string]bool{"": true, "E0": true, "E1": true}

func (s *session) linef(format string, args ...any) { s.out.line(fmt.Sprintf(format, args...)) }
