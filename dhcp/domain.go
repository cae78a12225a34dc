package dhcp

import "github.com/netdev-go/netdev/wire/dhcpv4"

const (
	maxName  = 253 // bytes of a domain name as text
	maxLabel = 63
)

// domainOf returns a domain name that came as text, or "" if it is not one.
func (c *Config) domainOf(b []byte) string {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	if len(b) > 0 && b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if len(b) > c.MaxText {
		return ""
	}
	label := 0
	for _, ch := range b {
		if ch != '.' {
			label++
		}
		if ch == '.' && label == 0 || label > maxLabel || ch != '.' && !isNameByte(ch) {
			return ""
		}
		if ch == '.' {
			label = 0
		}
	}
	if label == 0 {
		return ""
	}
	return string(b)
}

// isNameByte reports whether c is found in names of hosts. Names go from here into
// questions, logs and files, so that others are not taken.
func isNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// searchOf returns the domains of a search list (RFC 3397), as far as it is well
// formed.
func (c *Config) searchOf(m dhcpv4.Message) []string {
	var buf []byte
	if m.Split(dhcpv4.OptDomainSearch) {
		n := 0
		for it := m.Options(); it.Next(); {
			if it.Code() == dhcpv4.OptDomainSearch {
				n += len(it.Data())
			}
		}
		buf = make([]byte, n)
	}
	list := m.DomainSearch(buf)
	var names []string
	var text []byte
	for at := 0; at < len(list) && len(names) < c.most(maxSearch); {
		var next int
		text, next = appendName(text[:0], list, at)
		if next == 0 {
			break
		}
		if name := c.domainOf(text); name != "" {
			names = append(names, name)
		}
		at = next
	}
	return names
}

// appendName appends the name at list[at:] to b, each label with a dot behind it, and
// returns where the list goes on, or 0 where there is no name. A pointer leads to
// what stands before it, so that names end.
func appendName(b, list []byte, at int) (name []byte, next int) {
	limit := len(list)
	for at < limit {
		n := int(list[at])
		switch {
		case n == 0:
			if next == 0 {
				next = at + 1
			}
			return b, next
		case n <= maxLabel:
			end := at + 1 + n
			if end > limit || len(b)+n > maxName {
				return nil, 0
			}
			b = append(append(b, list[at+1:end]...), '.')
			at = end
		case n >= 0xc0:
			if at+1 >= limit {
				return nil, 0
			}
			if next == 0 {
				next = at + 2
			}
			to := (n&0x3f)<<8 | int(list[at+1])
			if to >= at {
				return nil, 0
			}
			limit, at = at, to
		default:
			return nil, 0
		}
	}
	return nil, 0
}
