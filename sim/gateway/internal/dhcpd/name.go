package dhcpd

import (
	"strconv"
	"strings"
)

const maxLabel = 63 // RFC 1035 §2.3.4

// label returns the first label of a host name in lower case, or "" where it
// is none that a resolver would take (RFC 1123 §2.1).
func label(name string) string {
	name = strings.ToLower(strings.TrimRight(name, "\x00")) // some clients count the end of a C string
	name, _, _ = strings.Cut(name, ".")
	if name == "" || len(name) > maxLabel || name[0] == '-' || name[len(name)-1] == '-' {
		return ""
	}
	for _, c := range []byte(name) {
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return ""
		}
	}
	return name
}

// nameFor returns name, with a number where another board has it already.
func (s *Server) nameFor(client, name string) string {
	name = label(name)
	if name == "" {
		return ""
	}
	for n, next := 1, name; ; {
		if !s.reserved[next] && !s.table.named(client, next) {
			return next
		}
		n++
		suffix := "-" + strconv.Itoa(n)
		next = name[:min(len(name), maxLabel-len(suffix))] + suffix
	}
}
