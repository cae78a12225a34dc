package stack_test

import (
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// steady returns how much f allocates once everything has what it needs, the
// queues of the cable among them.
func steady(f func()) float64 {
	for range 2000 {
		f()
	}
	return testing.AllocsPerRun(200, f)
}

func TestNoAllocationPerDatagram(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, _ := bound(t, a, addrA)
	fb, name := bound(t, b, addrB)
	buf := make([]byte, 3000) // two fragments and a third
	for _, n := range []int{0, 64, 1472, 3000} {
		if allocs := steady(func() {
			if _, err := a.SendTo(fa, buf[:n], 0, name, soon()); err != nil {
				t.Error(err)
			}
			if _, _, err := b.RecvFrom(fb, buf[:n], 0, soon()); err != nil {
				t.Error(err)
			}
		}); allocs > 0 {
			t.Errorf("%v allocations for a datagram of %d bytes", allocs, n)
		}
	}
}

func TestNoAllocationPerSegment(t *testing.T) {
	a, b := pair(t, stack.Config{})
	fa, fb := connected(t, a, b)
	must(t, a.SetSockOpt(fa, netdev.SOL_TCP, netdev.TCP_NODELAY, true))
	buf := make([]byte, 32<<10)
	for _, n := range []int{1, 1460, 32 << 10} {
		if allocs := steady(func() {
			if _, err := a.Send(fa, buf[:n], 0, soon()); err != nil {
				t.Error(err)
			}
			for got := 0; got < n; {
				m, err := b.Recv(fb, buf[:n], 0, soon())
				if err != nil {
					t.Error(err)
				}
				got += m
			}
		}); allocs > 0 {
			t.Errorf("%v allocations to send and receive %d bytes", allocs, n)
		}
	}
}

// heap returns how much is held by what lives.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestIdleConnectionsTakeAKibibyteAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pair(t, stack.Config{})
		lfd, name := listen(t, b, addrB, 16)
		buf := make([]byte, 5)
		connect := func(n int) {
			for range n {
				fd, err := a.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
				must(t, err)
				must(t, a.Connect(fd, "", name))
				afd, _, err := b.Accept(lfd)
				must(t, err)
				// What has carried data keeps nothing of that.
				for _, end := range []struct {
					from, to   *stack.Stack
					fdOf, toFd int
				}{{a, b, fd, afd}, {b, a, afd, fd}} {
					if _, err := end.from.Send(end.fdOf, buf, 0, never); err != nil {
						t.Fatal(err)
					}
					if _, err := end.to.Recv(end.toFd, buf, 0, never); err != nil {
						t.Fatal(err)
					}
				}
			}
			time.Sleep(time.Second) // for the last delayed acknowledgements
		}
		connect(500)
		const n = 4000
		before := heap()
		for range n / 500 {
			connect(500)
		}
		each := (heap() - before) / (2 * n)
		t.Logf("%d bytes for each end of an idle connection", each)
		if each > 1024 {
			t.Errorf("an idle end takes %d bytes", each)
		}
		for _, s := range []*stack.Stack{a, b} {
			if c := s.Counters(); c.BlocksInUse != 0 {
				t.Errorf("%d blocks are in use", c.BlocksInUse)
			}
		}
	})
}

func TestNoAllocationPerForwardedPacket(t *testing.T) {
	var gateway *stack.Stack
	board, gateway := routed(t, &stack.Forward{UDP: func(from, to netip.AddrPort, payload []byte) {
		if err := gateway.SendUDPFrom(to, from, payload); err != nil {
			t.Error(err)
		}
	}})
	fd, _ := bound(t, board, addrA)
	buf := make([]byte, 3000)
	for _, n := range []int{64, 3000} {
		if allocs := steady(func() {
			if _, err := board.SendTo(fd, buf[:n], 0, at(elsewhere, 53), soon()); err != nil {
				t.Error(err)
			}
			if _, _, err := board.RecvFrom(fd, buf[:n], 0, soon()); err != nil {
				t.Error(err)
			}
		}); allocs > 0 {
			t.Errorf("%v allocations for %d bytes there and back", allocs, n)
		}
	}
}
