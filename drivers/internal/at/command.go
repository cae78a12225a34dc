package at

import (
	"net/netip"
	"strconv"
)

// mostCommand is how long a command may be, with its end.
const mostCommand = 256

// A Command is being put together. Parameters get their commas.
type Command struct {
	b     []byte
	first bool  // no parameter yet
	err   error // why it cannot be sent
}

func (m *Command) begin(name string) {
	m.b = append(append(m.b[:0], "AT"...), name...)
	m.first, m.err = true, nil
}

func (m *Command) comma() {
	if !m.first {
		m.b = append(m.b, ',')
	}
	m.first = false
}

// room tells whether n more bytes fit, with a comma and the end.
func (m *Command) room(n int) bool {
	if m.err == nil && len(m.b)+n+3 > mostCommand {
		m.err = ErrTooLong
	}
	return m.err == nil
}

// Int adds a number.
func (m *Command) Int(n int) *Command {
	if m.room(11) {
		m.comma()
		m.b = strconv.AppendInt(m.b, int64(n), 10)
	}
	return m
}

// Quoted adds a string, of which the characters , " and \ are escaped. One with
// an end of line has no spelling: the command is then not sent.
func (m *Command) Quoted(s string) *Command {
	if !m.room(2*len(s) + 2) {
		return m
	}
	m.comma()
	m.b = append(m.b, '"')
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ',', '"', '\\':
			m.b = append(m.b, '\\')
		case '\r', '\n', 0:
			m.err = ErrCharacter
		}
		m.b = append(m.b, s[i])
	}
	m.b = append(m.b, '"')
	return m
}

// Addr adds an address as a string.
func (m *Command) Addr(a netip.Addr) *Command {
	if m.room(2 + 39) {
		m.comma()
		m.b = append(m.b, '"')
		m.b = a.AppendTo(m.b)
		m.b = append(m.b, '"')
	}
	return m
}

// Omit leaves a parameter out.
func (m *Command) Omit() *Command {
	if m.room(0) {
		m.comma()
	}
	return m
}
