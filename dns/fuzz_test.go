//go:build !tinygo

package dns

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	miekg "github.com/miekg/dns"
	"golang.org/x/net/dns/dnsmessage"
)

// Whatever bytes come, reading them keeps within its bounds, and takes no
// address that another reader of the same message does not see in it.
func FuzzReply(f *testing.F) {
	q := new(miekg.Msg).SetQuestion("www.example.", miekg.TypeA)
	for _, lines := range [][]string{
		{"www.example. 60 IN A 192.0.2.1", "www.example. 60 IN A 192.0.2.2"},
		{"www.example. 60 IN CNAME b.example.", "b.example. 4294967295 IN CNAME c.example."},
		{"www.example. 60 IN CNAME www.example."},
		{},
	} {
		m := zone(f, lines...)(q, false)
		m.SetEdns0(1232, false)
		m.Compress = true
		msg, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(msg, false)
		f.Add(msg[:len(msg)-3], true)
	}
	f.Fuzz(func(t *testing.T, msg []byte, aaaa bool) {
		q := &query{name: dnsmessage.MustNewName("www.example."), qtype: dnsmessage.TypeA}
		if aaaa {
			q.qtype = dnsmessage.TypeAAAA
		}
		if len(msg) >= 2 {
			q.id = binary.BigEndian.Uint16(msg)
		}
		const day = 24 * time.Hour
		r, err := q.read(msg, 0, day)
		if err != nil {
			if err != errNotOurs && err != ErrBadAnswer || r.addrs != nil {
				t.Fatalf("%v, %v", r, err)
			}
			return
		}
		switch {
		case r.ttl < 0 || r.ttl > day, len(r.addrs) > maxAddrs, r.aliases > maxAliases:
			t.Fatalf("out of bounds: %+v", r)
		case r.alias != "" && (len(r.addrs) > 0 || r.noName):
			t.Fatalf("an alias to follow, and an end: %+v", r)
		case r.noName && len(r.addrs) > 0:
			t.Fatalf("no name, and its addresses: %+v", r)
		}
		m := new(miekg.Msg)
		if m.Unpack(msg) != nil {
			return
		}
		for _, a := range r.addrs {
			if !slices.ContainsFunc(m.Answer, func(rr miekg.RR) bool {
				switch rr := rr.(type) {
				case *miekg.A:
					return rr.A.Equal(a.AsSlice())
				case *miekg.AAAA:
					return rr.AAAA.Equal(a.AsSlice())
				}
				return false
			}) {
				t.Fatalf("%v is in no answer of %v", a, m)
			}
		}
	})
}
