package stack_test

import (
	"io"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// offloaded returns two stacks on devices that cut segments, as their configurations
// have them.
func offloaded(t testing.TB, a, b ether.Config, ca, cb stack.Config) (x, y *stack.Stack, dx, dy *ether.Device) {
	t.Helper()
	dx, dy, err := ether.Cable(a, b)
	must(t, err)
	t.Cleanup(func() {
		must(t, dx.Close())
		must(t, dy.Close())
	})
	ca.Address, cb.Address = netip.PrefixFrom(addrA, 24), netip.PrefixFrom(addrB, 24)
	x, y = newStack(t, dx, ca), newStack(t, dy, cb)
	must(t, x.NetConnect(nil))
	must(t, y.NetConnect(nil))
	return x, y, dx, dy
}

func BenchmarkTCPBulkOffload(b *testing.B) {
	long := ether.Config{Queue: 1024, Offload: true}
	x, y, _, _ := offloaded(b, long, long, stack.Config{}, stack.Config{})
	fx, fy := connected(b, x, y)
	const chunk = 64 << 10
	done := make(chan error, 1)
	go func() {
		buf := make([]byte, chunk)
		for {
			if _, err := y.Recv(fy, buf, 0, never); err != nil {
				done <- err
				return
			}
		}
	}()
	buf := make([]byte, chunk)
	b.SetBytes(chunk)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := x.Send(fx, buf, 0, never); err != nil {
			b.Fatal(err)
		}
	}
	must(b, x.Shutdown(fx, netdev.SHUT_WR))
	if err := <-done; err != io.EOF {
		b.Fatal(err)
	}
}
