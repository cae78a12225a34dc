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

func (r *Route) same(s *Route) bool {
	return r.Prefix == s.Prefix && r.Gateway == s.Gateway && r.Interface == s.Interface
}

// before tells whether r counts before s.
func (r *Route) before(s *Route) bool {
	if r.Prefix.Bits() != s.Prefix.Bits() {
		return r.Prefix.Bits() > s.Prefix.Bits()
	}
	return r.Metric < s.Metric
}

// Table is a table of routes. The zero value is empty. Looking up takes time in
// proportion to how many there are, which is little for the few of a host.
type Table struct {
	routes []Route // in the order in which they count
}

// Add puts r into the table, in the place of one with the same prefix, gateway
// and interface, and behind those that are as good. What the prefix has behind its
// length does not count, and one that is not valid is not put in.
func (t *Table) Add(r Route) {
	if !r.Prefix.IsValid() {
		return
	}
	r.Prefix = r.Prefix.Masked()
	t.Remove(r.same)
	i := 0
	for i < len(t.routes) && !r.before(&t.routes[i]) {
		i++
	}
	if len(t.routes) == cap(t.routes) {
		t.routes = append(make([]Route, 0, max(2, len(t.routes)+1)), t.routes...) // a host has two
	}
	t.routes = append(t.routes, Route{})
	copy(t.routes[i+1:], t.routes[i:])
	t.routes[i] = r
}

// Remove takes those routes out for which f is true.
func (t *Table) Remove(f func(*Route) bool) {
	kept := t.routes[:0]
	for i := range t.routes {
		if !f(&t.routes[i]) {
			kept = append(kept, t.routes[i])
		}
	}
	t.routes = kept
}

// Lookup returns the route to dst, nil if there is none. It is valid until the
// table changes.
func (t *Table) Lookup(dst netip.Addr) *Route {
	dst = dst.WithZone("") // a prefix contains no address with a zone
	for i := range t.routes {
		if t.routes[i].Prefix.Contains(dst) {
			return &t.routes[i]
		}
	}
	return nil
}

// Len returns how many routes there are.
func (t *Table) Len() int { return len(t.routes) }

// At returns route i, in the order in which they count.
func (t *Table) At(i int) Route { return t.routes[i] }
