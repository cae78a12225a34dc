package at

import "net/netip"

// Fields are the parameters of a line, between commas. Each method takes the
// next one off the front, with its comma, and returns whether it was there and
// well-formed; of what was not, nothing is taken.
type Fields []byte

// Prefixed returns the parameters of a line that begins with prefix.
func Prefixed(line []byte, prefix string) (Fields, bool) {
	if !hasPrefix(line, prefix) {
		return nil, false
	}
	return Fields(line[len(prefix):]), true
}

// next returns the field at the front and what is behind its comma.
func (f Fields) next() (field, rest []byte) {
	quoted := false
	for i := 0; i < len(f); i++ {
		switch c := f[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == ',' && !quoted:
			return f[:i], f[i+1:]
		}
	}
	return f, nil
}

// Skip takes a field of any kind.
func (f *Fields) Skip() { _, *f = f.next() }

// Uint takes a decimal number from 0 to most.
func (f *Fields) Uint(most int) (int, bool) {
	b, rest := f.next()
	n, ok := uint(b, most)
	if ok {
		*f = rest
	}
	return n, ok
}

// Int takes a decimal number with or without a sign, of up to 9 digits.
func (f *Fields) Int() (int, bool) {
	b, rest := f.next()
	sign := 1
	if len(b) > 0 && b[0] == '-' {
		sign, b = -1, b[1:]
	}
	n, ok := uint(b, 999999999)
	if ok {
		*f = rest
	}
	return sign * n, ok
}

// Bytes takes a string, with its quotes or without. It is part of the line.
// Escapes are not undone; see [Unescape].
func (f *Fields) Bytes() []byte {
	b, rest := f.next()
	*f = rest
	if n := len(b); n >= 2 && b[0] == '"' && b[n-1] == '"' {
		return b[1 : n-1]
	}
	return b
}

// Addr takes an IPv4 address, with its quotes or without.
func (f *Fields) Addr() (netip.Addr, bool) {
	g := *f
	a, ok := addr4(g.Bytes())
	if ok {
		*f = g
	}
	return a, ok
}

// AddrPort takes an IPv4 address and a port.
func (f *Fields) AddrPort() (netip.AddrPort, bool) {
	g := *f
	a, ok := g.Addr()
	port, ok2 := g.Uint(1<<16 - 1)
	if !ok || !ok2 {
		return netip.AddrPort{}, false
	}
	*f = g
	return netip.AddrPortFrom(a, uint16(port)), true
}

func uint(b []byte, most int) (n int, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n > most/10 { // so that it does not overflow
			return 0, false
		}
		if n = 10*n + int(c-'0'); n > most {
			return 0, false
		}
	}
	return n, true
}

// addr4 is netip.ParseAddr without its string.
func addr4(b []byte) (netip.Addr, bool) {
	var a [4]byte
	for i := range a {
		end := 0
		for end < len(b) && b[end] != '.' {
			end++
		}
		n, ok := uint(b[:end], 255)
		if !ok || end > 3 || (i < 3) != (end < len(b)) {
			return netip.Addr{}, false
		}
		a[i] = byte(n)
		b = b[min(end+1, len(b)):]
	}
	return netip.AddrFrom4(a), true
}

// Unescape returns the string that b spells.
func Unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			i++
		}
		out = append(out, b[i])
	}
	return string(out)
}
