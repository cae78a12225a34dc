package espat

import (
	"net/netip"
	"strconv"
	"strings"
)

// A param is one of a command's parameters.
type param struct {
	text   string
	quoted bool
	given  bool
}

// parse splits parameters at their commas. In a string a backslash stands before a
// comma, a quote and a backslash that are meant.
func parse(text string) (list []param, ok bool) {
	for {
		var p param
		if strings.HasPrefix(text, `"`) {
			p.quoted, p.given = true, true
			var b []byte
			i := 1
			for ; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' && i+1 < len(text) {
					i++
				}
				b = append(b, text[i])
			}
			if i == len(text) {
				return nil, false
			}
			p.text, text = string(b), text[i+1:]
		} else {
			n := strings.IndexByte(text, ',')
			if n < 0 {
				n = len(text)
			}
			p.text, text = text[:n], text[n:]
			p.given = p.text != ""
		}
		list = append(list, p)
		if text == "" {
			return list, true
		}
		if text[0] != ',' {
			return nil, false
		}
		text = text[1:]
	}
}

// A call is a command that runs.
type call struct {
	s      *session
	name   string
	kind   byte // 0 to execute, '?' a query, '=' a set
	params []param
	failed bool
}

// next returns the next parameter, which is not there at the end.
func (c *call) next() (p param) {
	if len(c.params) > 0 {
		p, c.params = c.params[0], c.params[1:]
	}
	return p
}

// number returns the next parameter, a number of that range; other where it is left
// out, and where other is below the range it may not be.
func (c *call) number(least, most, other int) int {
	p := c.next()
	if !p.given && other >= least {
		return other
	}
	n, err := strconv.Atoi(p.text)
	if err != nil || p.quoted || n < least || n > most {
		c.failed = true
		return least
	}
	return n
}

// text returns the next parameter, a string of at most so many bytes.
func (c *call) text(most int) string {
	p := c.next()
	if p.given && !p.quoted || len(p.text) > most {
		c.failed = true
	}
	return p.text
}

// addr returns the next parameter, an IPv4 address.
func (c *call) addr() netip.Addr {
	p := c.next()
	if !p.given {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(p.text)
	if err != nil || !a.Is4() || !p.quoted {
		c.failed = true
	}
	return a
}

// complete reports whether all parameters were good, and there are no more.
func (c *call) complete() bool { return !c.failed && len(c.params) == 0 }

func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		if strings.IndexByte(`,"\`, text[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(text[i])
	}
	b.WriteByte('"')
	return b.String()
}
