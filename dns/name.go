package dns

import (
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// maxName is the longest name without its final dot (RFC 1035 §2.3.4).
const maxName = 253

// validName tells whether name, without its final dot, can be a host's: labels
// of letters, digits, hyphens within and underscores, the last one not a number
// (RFC 1123 §2.1), so that what looks like an address is never asked for.
func validName(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	label, digits := 0, 0 // bytes of this label, and those that are digits
	for i := 0; i < len(name); i++ {
		b := name[i]
		switch {
		case 'a' <= b|0x20 && b|0x20 <= 'z', b == '_':
		case '0' <= b && b <= '9':
			digits++
		case b == '-':
			if label == 0 || i+1 == len(name) || name[i+1] == '.' {
				return false
			}
		case b == '.':
			if label == 0 {
				return false
			}
			label, digits = 0, 0
			continue
		default:
			return false
		}
		if label++; label > 63 {
			return false
		}
	}
	return label > digits
}

// within tells whether name is domain or below it.
func within(name, domain string) bool {
	cut := len(name) - len(domain)
	return cut >= 0 && strings.EqualFold(name[cut:], domain) && (cut == 0 || name[cut-1] == '.')
}

var loopback = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}

// special returns the addresses of a name that no server must be asked for, and
// whether name is one. name has no final dot.
func special(name string) ([]netip.Addr, bool) {
	switch {
	case within(name, "localhost"): // RFC 6761 §6.3
		return loopback, true
	case within(name, "invalid"), within(name, "onion"): // RFC 6761 §6.4, RFC 7686
		return nil, true
	}
	return nil, false
}

// candidates returns the full names, without the final dot, that host may stand
// for, in the order in which to try them.
func candidates(host string, search []string, ndots int) []string {
	name, absolute := strings.CutSuffix(host, ".")
	if absolute {
		search = nil
	}
	if len(search) > maxSearch {
		search = search[:maxSearch]
	}
	asIs := strings.Count(name, ".") >= ndots
	var names []string
	if asIs {
		names = append(names, name)
	}
	for _, domain := range search {
		domain = strings.TrimSuffix(domain, ".")
		if full := name + "." + domain; domain != "" && validName(full) {
			names = append(names, full)
		}
	}
	if !asIs {
		names = append(names, name)
	}
	return names
}

// families returns the types to ask for on network, or none.
func families(network string) []dnsmessage.Type {
	switch network {
	case "ip":
		return []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
	case "ip4":
		return []dnsmessage.Type{dnsmessage.TypeA}
	case "ip6":
		return []dnsmessage.Type{dnsmessage.TypeAAAA}
	}
	return nil
}

// fitting returns those of addrs that network has, in a slice of its own.
func fitting(addrs []netip.Addr, network string) []netip.Addr {
	var fit []netip.Addr
	for _, a := range addrs {
		a = a.Unmap()
		if network == "ip" || a.Is4() == (network == "ip4") {
			fit = append(fit, a)
		}
	}
	return fit
}
