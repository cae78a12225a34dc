//go:build !tinygo

package wifinina_test

import (
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/boards/boardbench"
)

// What the bus carries for a kilobyte each way, and for an echo of one byte.
func BenchmarkBus(b *testing.B) {
	for _, firmware := range []string{"2.0.0", "1.4.8"} {
		b.Run("firmware="+firmware+"/way=out", func(b *testing.B) { busBench(b, firmware, out) })
		b.Run("firmware="+firmware+"/way=in", func(b *testing.B) { busBench(b, firmware, in) })
		b.Run("firmware="+firmware+"/way=echo", func(b *testing.B) { busBench(b, firmware, echo) })
	}
}

const piece = 16 << 10

func out(b *testing.B, dev netdev.Netdever, fd int, c stdnet.Conn) (bytes int) {
	go io.Copy(io.Discard, c)
	data := pattern(piece)
	for b.Loop() {
		n, err := dev.Send(fd, data, 0, never)
		if bytes += n; err != nil {
			b.Fatal(err)
		}
	}
	return bytes
}

func in(b *testing.B, dev netdev.Netdever, fd int, c stdnet.Conn) (bytes int) {
	go func() {
		for data := pattern(piece); ; {
			if _, err := c.Write(data); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, piece)
	for b.Loop() {
		for got := 0; got < piece; {
			n, err := dev.Recv(fd, buf[:piece-got], 0, never)
			if got += n; err != nil {
				b.Fatal(err)
			}
		}
		bytes += piece
	}
	return bytes
}

func echo(b *testing.B, dev netdev.Netdever, fd int, c stdnet.Conn) (bytes int) {
	go io.Copy(c, c)
	buf := make([]byte, 1)
	for b.Loop() {
		if _, err := dev.Send(fd, buf, 0, never); err != nil {
			b.Fatal(err)
		}
		if _, err := dev.Recv(fd, buf, 0, never); err != nil {
			b.Fatal(err)
		}
	}
	return 0
}

func busBench(b *testing.B, firmware string, f func(*testing.B, netdev.Netdever, int, stdnet.Conn) int) {
	board, chip, err := boards.WifiNINA(boards.Config{Firmware: firmware})
	must(b, err)
	defer board.Stop()
	must(b, board.NetConnect(&netlink.ConnectParams{}))
	p, err := board.Peer()
	must(b, err)
	l, err := p.Listen(context.Background(), "tcp4", ":7")
	must(b, err)
	fd, err := board.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	must(b, err)
	must(b, board.Connect(fd, "", netip.AddrPortFrom(p.Addr(netdev.AF_INET), 7)))
	c, err := l.Accept()
	must(b, err)
	defer c.Close()
	b.ReportAllocs()
	before := chip.Stats()
	bytes := f(b, board, fd, c)
	b.StopTimer()
	after := chip.Stats()
	per, unit := float64(b.N), "op"
	if bytes > 0 {
		b.SetBytes(int64(bytes / b.N))
		per, unit = float64(bytes)/1024, "KiB"
	}
	b.ReportMetric(float64(after.Transactions-before.Transactions)/per, "transactions/"+unit)
	b.ReportMetric(float64(after.ToChip-before.ToChip)/per, "bytes-to-chip/"+unit)
	b.ReportMetric(float64(after.FromChip-before.FromChip)/per, "bytes-from-chip/"+unit)
}

// BenchmarkDatagrams is a datagram to a peer by SendTo, and its echo by RecvFrom.
func BenchmarkDatagrams(b *testing.B) {
	board, _, err := boards.WifiNINA(boards.Config{})
	must(b, err)
	defer board.Stop()
	must(b, board.NetConnect(&netlink.ConnectParams{}))
	boardbench.Datagrams(b, board)
}
