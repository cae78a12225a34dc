package dhcp_test

import (
	"testing"
	"unsafe"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/wire/dhcpv4"
)

// renewal returns what renews a lease, which changes nothing.
func renewal(t testing.TB) func() {
	mods := []oracle.Modifier{
		oracle.WithDNS(server, other), oracle.WithRouter(server),
		search("lan.example", "example"), routes(to("0.0.0.0/0", server)),
	}
	tr := boundTrace(t, func(c *dhcp.Config) { c.Hostname = "board.lan.example" }, mods...)
	tr.next(tr.c.Deadline() - tr.now)
	answer := dhcpv4.Message(reply(tr.sends(oracle.MessageTypeRequest, "10.0.2.1"), oracle.MessageTypeAck, mods...).ToBytes())
	tr.c.Input(tr.now, answer)
	tr.is(dhcp.StateBound, dhcp.EventNone)
	b := make([]byte, dhcpv4.MaxLen)
	return func() {
		tr.now = tr.c.Deadline()
		tr.c.Advance(tr.now)
		if _, _, ok := tr.c.Output(tr.now, b); !ok {
			t.Fatal("nothing is sent")
		}
		copy(answer[4:8], b[4:8])
		tr.c.Input(tr.now, answer)
		if tr.c.State() != dhcp.StateBound || tr.c.Event() != dhcp.EventNone {
			t.Fatal("the lease is not renewed")
		}
	}
}

func TestARenewalThatChangesNothingAllocatesNothing(t *testing.T) {
	if allocs := testing.AllocsPerRun(100, renewal(t)); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkRenewal(b *testing.B) {
	renew := renewal(b)
	b.ReportAllocs()
	for b.Loop() {
		renew()
	}
}

func TestAClientIsSmall(t *testing.T) {
	client, lease := unsafe.Sizeof(dhcp.Client{}), unsafe.Sizeof(dhcp.Lease{})
	t.Logf("a client takes %d bytes, a lease %d and what is in its lists", client, lease)
	if client > 256 || lease > 320 {
		t.Error("that is more than a board was told")
	}
}
