package stack

import "net/netip"

// ports are the sockets of one protocol that have a local port of their own.
type ports struct {
	chains []*socket // by the lowest bits of the port
}

// newPorts has a chain for each eight of the sockets that there may be.
func newPorts(sockets int) ports {
	n := 4
	for n < sockets/8 && n < 4096 {
		n *= 2
	}
	return ports{make([]*socket, n)}
}

// chain returns the beginning of the chain of a port, which others are in too.
func (p *ports) chain(port uint16) **socket { return &p.chains[int(port)&(len(p.chains)-1)] }

func (p *ports) add(k *socket) {
	c := p.chain(k.local.Port())
	k.next, *c = *c, k
}

func (p *ports) remove(k *socket) {
	unlink(p.chain(k.local.Port()), k)
}

// unlink takes k out of a list.
func unlink(list **socket, k *socket) {
	for ; *list != nil; list = &(*list).next {
		if *list == k {
			*list, k.next = k.next, nil
			return
		}
	}
}

// first returns the first socket of a chain.
func (p *ports) first(port uint16) *socket { return *p.chain(port) }

// taken reports whether another socket keeps k from being bound to local.
func (p *ports) taken(k *socket, local netip.AddrPort) bool {
	for o := p.first(local.Port()); o != nil; o = o.next {
		if o != k && o.local.Port() == local.Port() && overlap(o.local.Addr(), local.Addr()) && !shares(o, k) {
			return true
		}
	}
	return false
}

// inUse reports whether any socket has the port.
func (p *ports) inUse(port uint16) bool {
	for o := p.first(port); o != nil; o = o.next {
		if o.local.Port() == port {
			return true
		}
	}
	return false
}

func overlap(a, b netip.Addr) bool {
	return a == b || a.IsUnspecified() || b.IsUnspecified()
}

// shares reports whether both sockets have agreed to have the same port. As on
// Linux, SO_REUSEADDR does not let a stream have a listener's port.
func shares(a, b *socket) bool {
	if a.has(reusePort) && b.has(reusePort) {
		return true
	}
	return a.has(reuseAddr) && b.has(reuseAddr) && a.listener == nil && b.listener == nil
}
