package stack_test

import (
	"strings"
	"testing"

	"github.com/netdev-go/netdev/stack"
)

func TestTheTableOfMemoryAddsUp(t *testing.T) {
	for name, c := range map[string]stack.Config{"zero": {}, "host": stack.Host(), "small board": stack.SmallBoard()} {
		m := c.Memory()
		sum := m.Ring + m.Blocks + m.Sockets + m.Connections + m.InFlight + m.Neighbours + m.Reassembly + m.Names + m.Rest
		if m.Total() != sum || sum <= 0 {
			t.Errorf("%s: Total = %d, the parts sum up to %d", name, m.Total(), sum)
		}
		if s := m.String(); strings.Count(s, "\n") != 10 || !strings.Contains(s, "\ntotal ") {
			t.Errorf("%s:\n%s", name, s)
		}
		t.Logf("%s:\n%s", name, m)
	}
	if zero, host := (stack.Config{}).Memory(), stack.Host().Memory(); zero != host {
		t.Errorf("the zero Config takes %d bytes, Host %d", zero.Total(), host.Total())
	}
}
