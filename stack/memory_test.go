package stack_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/udp"
)

func TestTheTableOfMemoryAddsUp(t *testing.T) {
	for name, c := range map[string]stack.Config{"zero": {}, "host": stack.Host(), "small board": stack.SmallBoard()} {
		m := c.Memory()
		sum := m.Ring + m.Blocks + m.Sockets + m.Connections + m.InFlight + m.Neighbours + m.Reassembly + m.Names + m.Rest + m.Calls
		if m.Total() != sum || sum <= 0 {
			t.Errorf("%s: Total = %d, the parts sum up to %d", name, m.Total(), sum)
		}
		if s := m.String(); strings.Count(s, "\n") != 11 || !strings.Contains(s, "\ntotal ") {
			t.Errorf("%s:\n%s", name, s)
		}
		t.Logf("%s:\n%s", name, m)
	}
	if zero, host := (stack.Config{}).Memory(), stack.Host().Memory(); zero != host {
		t.Errorf("the zero Config takes %d bytes, Host %d", zero.Total(), host.Total())
	}
}

// A board has no memory left to take when the first fragments come.
func TestMemoryIsTakenAtOnceWhereThatIsAsked(t *testing.T) {
	c := stack.SmallBoard()
	c.Clock = &handClock{now: time.Unix(1, 0)}
	s, r := recorded(t, c)
	fd, name := bound(t, s, anywhere)
	b := datagramTo(addrB, addrA, name.Port(), strings.Repeat("x", 400))[ethernet.HeaderLen+ipv4.HeaderLen:]
	first := packetOf(ipv4.Header{Protocol: udp.Protocol, Src: addrB, Dst: addrA, Flags: ipv4.MoreFragments}, b[:200])
	last := packetOf(ipv4.Header{Protocol: udp.Protocol, Src: addrB, Dst: addrA, FragmentOffset: 200}, b[200:])
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.handler(first)
	r.handler(last)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 256 {
		t.Errorf("two fragments took %d bytes", n)
	}
	if got, _ := recv(t, s, fd); len(got) != 400 {
		t.Errorf("%d bytes", len(got))
	}
}
