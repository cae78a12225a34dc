package stack_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// A small board fills the window that its buffers allow, whatever the round trip: its
// peer neither waits for more than one segment before it acknowledges, nor is it kept
// waiting for a window.
func TestASmallBoardFillsItsWindow(t *testing.T) {
	for _, rtt := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		for i, sends := range []bool{true, true, true, false, false, false} {
			piece := []int{1 << 20, 700, 700}[i%3] // of a call
			nagle := i%3 == 2
			synctest.Test(t, func(t *testing.T) {
				const rounds = 200
				config := stack.SmallBoard()
				total := rounds * config.MaxBuffer
				da, db := cable(t)
				must(t, da.Impair(ether.Both, ether.Impairment{Delay: rtt / 2}))
				host := stack.Config{Address: netip.PrefixFrom(addrB, 24)}
				config.Address = netip.PrefixFrom(addrA, 24)
				a, b := newStack(t, da, config), newStack(t, db, host)
				must(t, a.NetConnect(nil))
				must(t, b.NetConnect(nil))
				fa, fb := connected(t, a, b)
				for s, fd := range map[*stack.Stack]int{a: fa, b: fb} {
					must(t, s.SetSockOpt(fd, netdev.IPPROTO_TCP, netdev.TCP_NODELAY, !nagle))
				}
				from, to, ff, ft := a, b, fa, fb
				if !sends {
					from, to, ff, ft = b, a, fb, fa
				}
				go func() {
					for data := make([]byte, total); len(data) > 0; {
						n, err := from.Send(ff, data[:min(piece, len(data))], 0, never)
						if err != nil {
							return
						}
						data = data[n:]
					}
					from.Shutdown(ff, netdev.SHUT_WR)
				}()
				begin := time.Now()
				buf := make([]byte, 4096)
				for got := 0; got < total; {
					n, err := to.Recv(ft, buf, 0, never)
					if err != nil || n == 0 {
						t.Fatalf("%d of %d bytes, %v", got, total, err)
					}
					got += n
				}
				share := float64(rounds) * float64(rtt) / float64(time.Since(begin))
				t.Logf("round trip %v, board sends %v, %d bytes a call, Nagle %v: %.0f %% of a window of %d each round trip", rtt, sends, piece, nagle, 100*share, config.MaxBuffer)
				if share < 0.8 {
					t.Errorf("round trip %v, board sends %v, %d bytes a call, Nagle %v: %.2f of the window", rtt, sends, piece, nagle, share)
				}
			})
		}
	}
}
