package route

import "net/netip"

// Route is a way to the addresses of a prefix.
type Route struct {
	Prefix    netip.Prefix
	Gateway   netip.Addr // the next hop; not valid where they are on the link itself
	Interface int
	Metric    int        // of two routes for a prefix the one with less counts
	Source    netip.Addr // what to speak from there, if valid
}

// Hop returns who is next on the way to dst: the gateway, or dst itself.
func (r *Route) Hop(dst netip.Addr) netip.Addr {
	if r.Gateway.IsValid() {
		return r.Gateway
	}
	return dst
}

// Table is a table of routes. The zero value is empty.
type Table struct {
	routes []Route // those with the longest prefix first, then by metric
}

// Add puts r into the table, in the place of one with the same prefix, gateway
// and interface. The bits of the prefix behind its length do not count. A prefix
// that is not valid is not put in.
func (t *Table) Add(r Route) {}

// Remove takes those routes out for which f is true.
func (t *Table) Remove(f func(*Route) bool) {}

// Lookup returns the route to dst, nil if there is none. It is valid until the
// table changes.
func (t *Table) Lookup(dst netip.Addr) *Route { return nil }

// Len returns how many routes there are.
func (t *Table) Len() int { return len(t.routes) }

// At returns route i, in the order in which they count.
func (t *Table) At(i int) Route { return t.routes[i] }

// Source returns which of the addresses of an interface, with their prefixes, to
// speak to dst from: dst itself if it is among them, else one of the same scope,
// else the one that has most of its leading bits in common (RFC 6724 §5). It is
// not valid if there is none of dst's family.
func Source(own []netip.Prefix, dst netip.Addr) netip.Addr { return netip.Addr{} }
