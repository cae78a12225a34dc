package tcp

import (
	"net/netip"
	"testing"
)

func TestTableFindsWhatIsIn(t *testing.T) {
	table := newTable(newEngine(1, Config{}).cfg.Rand)
	six := netip.MustParseAddr("2001:db8::1")
	var conns []*Conn
	for i := range 3000 {
		p := Path{Local: portB, Remote: netip.AddrPortFrom(addrA, uint16(i))}
		if i%3 == 0 {
			p = Path{Local: netip.AddrPortFrom(six, 80), Remote: netip.AddrPortFrom(six.Next(), uint16(i))}
		}
		c := &Conn{Path: p}
		table.add(c)
		conns = append(conns, c)
	}
	find := func(c *Conn) *Conn {
		return table.find(c.Local.Addr(), c.Remote.Addr(), c.Local.Port(), c.Remote.Port())
	}
	for i, c := range conns {
		if find(c) != c {
			t.Fatalf("%d is not found", i)
		}
		if i%2 == 0 {
			table.remove(c)
		}
	}
	for i, c := range conns {
		if got := find(c); i%2 == 0 && got != nil || i%2 == 1 && got != c {
			t.Fatalf("%d: found %p", i, got)
		}
	}
	if table.n != 1500 || len(table.buckets) < 2048 {
		t.Errorf("%d in %d buckets", table.n, len(table.buckets))
	}
}

// Without the seed nobody can aim at one bucket.
func TestTableSpreadsPorts(t *testing.T) {
	table := newTable(newEngine(1, Config{}).cfg.Rand)
	var n [256]int
	for port := range 1 << 14 {
		n[table.hash(addrB, addrA, 80, uint16(port*4))&255]++
	}
	for i, k := range n {
		if k < 20 || k > 120 {
			t.Errorf("bucket %d has %d of %d, 64 would be even", i, k, 1<<14)
		}
	}
}
