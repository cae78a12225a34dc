package dhcpv4_test

import (
	"bytes"
	"testing"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

func FuzzMessage(f *testing.F) {
	f.Add(capturedDiscover)
	f.Add(capturedRequest)
	f.Add(capturedAck)
	f.Add(overloaded("340103 770161 77026263 ff", "770164 ff", "770165 ff"))
	buf, out := make([]byte, 1<<16), make([]byte, 1<<17)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := dhcpv4.Parse(b)
		if err != nil {
			return
		}
		use(m, buf)
		for i := range out {
			out[i] = 0xa5
		}
		h := m.Header()
		w := dhcpv4.NewWriter(out, &h)
		for it := m.Options(); it.Next(); {
			if it.Code() != dhcpv4.OptOverload {
				w.Bytes(it.Code(), it.Data())
			}
		}
		n, err := w.End()
		if err != nil {
			t.Fatal(err)
		}
		again, err := dhcpv4.Parse(out[:n])
		if err != nil {
			t.Fatal(err)
		}
		if again.Header() != h {
			t.Fatalf("%+v became %+v", h, again.Header())
		}
		back := again.Options()
		for it := m.Options(); it.Next(); {
			if it.Code() == dhcpv4.OptOverload {
				continue
			}
			if !back.Next() || back.Code() != it.Code() || !bytes.Equal(back.Data(), it.Data()) {
				t.Fatalf("option %d % x became %d % x", it.Code(), it.Data(), back.Code(), back.Data())
			}
		}
		if back.Next() {
			t.Fatalf("option %d came from nowhere", back.Code())
		}
	})
}

// use calls every accessor.
func use(m dhcpv4.Message, buf []byte) (sum int) {
	hw, _ := m.CHAddr6()
	id, _ := m.ServerID()
	ip, _ := m.RequestedIP()
	mask, _ := m.SubnetMask()
	broadcast, _ := m.BroadcastAddr()
	prefix, _ := m.PrefixLen()
	lease, _ := m.LeaseTime()
	t1, _ := m.RenewalTime()
	t2, _ := m.RebindingTime()
	mtu, _ := m.InterfaceMTU()
	size, _ := m.MaxMessageSize()
	v, _ := m.Join(dhcpv4.OptClasslessRoutes, buf)
	for routes := dhcpv4.Routes(v); ; sum++ {
		if _, _, ok := routes.Next(); !ok {
			break
		}
	}
	for _, list := range [...]dhcpv4.Addrs{m.Routers(), m.DNSServers(), m.NTPServers()} {
		for i := range list.Len() {
			sum += int(list.At(i).As4()[0])
		}
	}
	for _, b := range [...][]byte{m.CHAddr(), m.HostName(), m.DomainName(), m.DomainSearch(buf), m.Text(), m.ClientID(), m.ParameterList(), m.File(), m.SName()} {
		sum += len(b)
	}
	return sum + int(hw[0]) + id.BitLen() + ip.BitLen() + mask.BitLen() + broadcast.BitLen() + prefix +
		int(lease+t1+t2) + int(mtu) + int(size) + len(m.Type().String())
}
