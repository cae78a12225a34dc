package dhcpd

import (
	"encoding/binary"
	"hash/fnv"
	"net/netip"
	"time"
)

// A table has the bindings of a network.
type table struct {
	prefix   netip.Prefix
	server   netip.Addr
	first    uint32 // the pool: what is given to clients that ask for nothing
	size     uint32
	max      int
	fixed    map[[6]byte]netip.Addr
	keeper   map[netip.Addr][6]byte // fixed the other way round
	byAddr   map[netip.Addr]*binding
	byClient map[string]*binding
}

func newTable(c Config) *table {
	t := &table{
		prefix: c.Prefix, server: c.Server, max: c.MaxLeases, fixed: c.Fixed,
		keeper: make(map[netip.Addr][6]byte, len(c.Fixed)),
		byAddr: make(map[netip.Addr]*binding), byClient: make(map[string]*binding),
	}
	for mac, addr := range c.Fixed {
		t.keeper[addr] = mac
	}
	t.first = number(c.First)
	t.size = number(broadcast(c.Prefix)) - t.first
	return t
}

// number is an IPv4 address as a number.
func number(a netip.Addr) uint32 {
	b := a.As4()
	return binary.BigEndian.Uint32(b[:])
}

func address(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, n)))
}

func broadcast(p netip.Prefix) netip.Addr {
	return address(number(p.Masked().Addr()) | 1<<(32-p.Bits()) - 1)
}

// assignable reports whether a client may have addr, in the pool or not.
func (t *table) assignable(addr netip.Addr) bool {
	return t.prefix.Contains(addr) && addr != t.server && addr != t.prefix.Masked().Addr() && addr != broadcast(t.prefix)
}

// available reports whether client, of that hardware address, may have addr now.
func (t *table) available(client string, mac [6]byte, addr netip.Addr) bool {
	b := t.byAddr[addr]
	return t.assignable(addr) && t.keptFor(mac, addr) && (b == nil || b.client == client)
}

// keptFor reports whether addr is kept for nobody but mac, and mac for no address
// but addr.
func (t *table) keptFor(mac [6]byte, addr netip.Addr) bool {
	keeper, kept := t.keeper[addr]
	fixed, ok := t.fixed[mac]
	return (!kept || keeper == mac) && (!ok || fixed == addr)
}

// choose returns the address to offer: the one the client has, the one it asks
// for, the one that is kept for it, or one that its hardware address decides. It is invalid when there is
// none left.
func (t *table) choose(client string, mac [6]byte, wish netip.Addr) netip.Addr {
	if b := t.byClient[client]; b != nil {
		return b.Addr
	}
	if len(t.byAddr) >= t.max && !t.withdrawOffer() {
		return netip.Addr{}
	}
	if t.available(client, mac, wish) {
		return wish
	}
	if addr, ok := t.fixed[mac]; ok && t.available(client, mac, addr) {
		return addr
	}
	if addr := t.hashed(mac); addr.IsValid() {
		return addr
	}
	if t.withdrawOffer() {
		return t.hashed(mac)
	}
	return netip.Addr{}
}

func (t *table) hashed(mac [6]byte) netip.Addr {
	h := fnv.New32a()
	h.Write(mac[:])
	start := h.Sum32() % t.size
	for i := range t.size {
		addr := address(t.first + (start+i)%t.size)
		if t.assignable(addr) && t.keptFor(mac, addr) && t.byAddr[addr] == nil {
			return addr
		}
	}
	return netip.Addr{}
}

// withdrawOffer frees the address of the oldest offer that was not taken up, so
// that a flood of clients that only ask keeps nobody out.
func (t *table) withdrawOffer() bool {
	var oldest *binding
	for _, b := range t.byAddr {
		if b.state == offered && (oldest == nil || b.Expires.Before(oldest.Expires)) {
			oldest = b
		}
	}
	if oldest == nil {
		return false
	}
	t.remove(oldest)
	return true
}

// bind makes or changes the client's binding.
func (t *table) bind(client string, l Lease, s state) *binding {
	b := t.byClient[client]
	if b != nil && b.Addr != l.Addr {
		t.remove(b)
		b = nil
	}
	if b == nil {
		b = &binding{client: client}
		t.byAddr[l.Addr] = b
		t.byClient[client] = b
	}
	b.Lease, b.state = l, s
	return b
}

// decline keeps addr from everybody until the time.
func (t *table) decline(addr netip.Addr, until time.Time) {
	t.byAddr[addr] = &binding{Lease: Lease{Addr: addr, Expires: until}, state: declined}
}

func (t *table) remove(b *binding) {
	delete(t.byAddr, b.Addr)
	delete(t.byClient, b.client)
}

// expire removes what is past its time, and calls gone with each lease among it.
func (t *table) expire(now time.Time, gone func(Lease)) {
	for _, b := range t.byAddr {
		if b.Expires.After(now) {
			continue
		}
		t.remove(b)
		if b.state == leased {
			gone(b.Lease)
		}
	}
}

// named reports whether another client's lease or offer has the name.
func (t *table) named(client, name string) bool {
	for _, b := range t.byAddr {
		if b.client != client && b.Name == name {
			return true
		}
	}
	return false
}
