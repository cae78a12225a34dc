package gateway_test

import (
	"fmt"
	"io"
	stdnet "net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

// BenchmarkBulk is one connection from a board to the real host's loopback, and
// back.
func BenchmarkBulk(b *testing.B) {
	for _, direction := range []string{"out", "in"} {
		b.Run("direction="+direction, func(b *testing.B) {
			board, host := benchPair(b)
			from, to := stdnet.Conn(board), host
			if direction == "in" {
				from, to = host, board
			}
			const chunk = 64 << 10
			b.SetBytes(chunk)
			b.ReportAllocs()
			done := make(chan error, 1)
			go func() {
				_, err := io.CopyN(io.Discard, to, int64(b.N)*chunk)
				done <- err
			}()
			buf := make([]byte, chunk)
			b.ResetTimer()
			for range b.N {
				if _, err := from.Write(buf); err != nil {
					b.Fatal(err)
				}
			}
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		})
	}
}

// benchPair returns both ends of a connection from a board through a gateway.
func benchPair(b *testing.B) (board, host stdnet.Conn) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	near, far, err := ether.Cable(ether.Config{Name: "gateway", Queue: 4096}, ether.Config{Name: "board", Queue: 4096})
	must(err)
	gw, err := gateway.New(gateway.Config{Device: near})
	must(err)
	must(gw.Start())
	s, err := stack.New(far, stack.Config{Address: netip.MustParsePrefix("10.0.2.9/24"), Gateway: gwAddr})
	must(err)
	must(s.NetConnect(nil))
	b.Cleanup(func() {
		s.Stop()
		gw.Close()
		near.Close()
		far.Close()
	})
	l, err := stdnet.Listen("tcp4", "127.0.0.1:0")
	must(err)
	b.Cleanup(func() { l.Close() })
	d := net.Dialer{Device: s}
	board, err = d.Dial("tcp", fmt.Sprintf("10.0.2.1:%d", l.Addr().(*stdnet.TCPAddr).Port))
	must(err)
	host, err = l.Accept()
	must(err)
	b.Cleanup(func() { board.Close(); host.Close() })
	return board, host
}
