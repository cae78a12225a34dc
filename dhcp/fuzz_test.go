package dhcp_test

import (
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// Three messages in a row to a client that has just asked, each made to belong to the
// exchange, so that what is behind the header is what is tried.
func FuzzInput(f *testing.F) {
	tr := newTrace(&testing.T{}, nil)
	tr.c.Start(tr.now)
	b := make([]byte, dhcpv4.MaxLen)
	n, _, _ := tr.c.Output(tr.now, b)
	discover, err := oracle.FromBytes(b[:n])
	if err != nil {
		f.Fatal(err)
	}
	offer := reply(discover, oracle.MessageTypeOffer).ToBytes()
	ack := reply(discover, oracle.MessageTypeAck, oracle.WithDNS(server), search("lan.example", "example"),
		routes(to("0.0.0.0/0", server))).ToBytes()
	f.Add(offer, ack, reply(discover, oracle.MessageTypeNak).ToBytes())
	f.Add(offer, ack, ack)
	f.Add(ack, []byte{}, offer[:250])
	f.Fuzz(func(t *testing.T, first, second, third []byte) {
		c := dhcp.New(dhcp.Config{HardwareAddr: hw, Rand: middle})
		now := time.Second
		c.Start(now)
		w := &witness{c: c}
		xid := make([]byte, 4)
		for _, payload := range [][]byte{first, second, third} {
			payload = append([]byte(nil), payload...)
			if n, _, ok := c.Output(now, b); ok {
				copy(xid, dhcpv4.Message(b[:n])[4:8])
			}
			if len(payload) > 34 {
				copy(payload[4:8], xid)
				copy(payload[28:34], hw[:])
			}
			c.Input(now, payload)
			if err := w.check(now); err != nil {
				t.Fatal(err)
			}
			if l := c.Lease(); l != nil {
				if !l.Addr.IsValid() || !l.Server.IsValid() || len(l.DNS) > 4 || len(l.Routes) > 16 || len(l.Search) > 8 {
					t.Fatalf("the lease is %+v", *l)
				}
				if d := c.Deadline(); l.Expiry != 0 && (l.T1 > l.T2 || l.T2 > l.Expiry || d <= now || d > l.T1 && c.State() == dhcp.StateBound) {
					t.Fatalf("T1 %v, T2 %v, end %v, deadline %v", l.T1, l.T2, l.Expiry, d)
				}
			} else if d := c.Deadline(); d <= now {
				t.Fatalf("the deadline in %v is %v, now is %v", c.State(), d, now)
			}
			now += time.Second
			if d := c.Deadline(); d != 0 && len(payload)%2 == 0 {
				now = d
			}
			c.Advance(now)
		}
	})
}
