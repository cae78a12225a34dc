package dhcpv4_test

import (
	"testing"

	"github.com/netdev-go/netdev/wire/dhcpv4"
)

func TestNothingAllocates(t *testing.T) {
	b, buf := make([]byte, dhcpv4.MaxLen), make([]byte, 600)
	split := overloaded("340103 770161 77026263 ff", "770164 ff", "770165 ff")
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := ack(b); err != nil {
			t.Fatal(err)
		}
		for _, raw := range [...][]byte{capturedAck, split} {
			m, err := dhcpv4.Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			use(m, buf)
		}
		if _, err := dhcpv4.Parse(b[:1]); err == nil {
			t.Fatal("parsed nothing")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations a message", allocs)
	}
}
