//go:build !tinygo

package w5500_test

import (
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	driver "github.com/netdev-go/netdev/drivers/w5500"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/boards/boardbench"
	"github.com/netdev-go/netdev/sim/w5500"
)

// What the bus carries for a kilobyte, by how the driver hears of the chip.
var ways = []struct {
	name string
	set  func(*driver.Config)
}{
	{"interrupt", func(*driver.Config) {}},
	{"pin", func(c *driver.Config) { c.OnInterrupt = nil }},
	{"polled", func(c *driver.Config) { c.OnInterrupt, c.Interrupt = nil, nil }},
	{"verify", func(c *driver.Config) { c.Verify = true }},
}

func benchmark(b *testing.B, f func(b *testing.B, dev netdev.Netdever, chip *w5500.Chip, fd int, peer stdnet.Conn)) {
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			board, chip := boot(b, boards.Config{}, way.set)
			p, err := board.Peer()
			if err != nil {
				b.Fatal(err)
			}
			l, err := p.Listen(context.Background(), "tcp", ":9")
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			fd, err := board.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
			if err != nil {
				b.Fatal(err)
			}
			if err := board.Connect(fd, "", netip.AddrPortFrom(p.Addr(netdev.AF_INET), 9)); err != nil {
				b.Fatal(err)
			}
			c, err := l.Accept()
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			b.ReportAllocs()
			b.ResetTimer()
			f(b, board, chip, fd, c)
		})
	}
}

// report tells what the bus carried, for so many bytes.
func report(b *testing.B, before, after w5500.Stats, bytes int) {
	kilo := float64(bytes) / 1024
	b.ReportMetric(float64(after.Transactions-before.Transactions)/kilo, "frames/KB")
	b.ReportMetric(float64(after.ToChip-before.ToChip)/kilo, "clocked/KB")
	b.ReportMetric(float64(after.FromChip-before.FromChip)/kilo, "read/KB")
}

const kilobyte = 1024

func BenchmarkSend(b *testing.B) {
	benchmark(b, func(b *testing.B, dev netdev.Netdever, chip *w5500.Chip, fd int, peer stdnet.Conn) {
		got := make(chan int64)
		go func() {
			n, _ := io.Copy(io.Discard, peer)
			got <- n
		}()
		buf := make([]byte, kilobyte)
		b.SetBytes(kilobyte)
		before := chip.Stats()
		for range b.N {
			if _, err := dev.Send(fd, buf, 0, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
		dev.Close(fd)
		if n := <-got; n != int64(b.N*kilobyte) {
			b.Fatalf("%d bytes arrived of %d", n, b.N*kilobyte)
		}
		report(b, before, chip.Stats(), b.N*kilobyte)
	})
}

func BenchmarkRecv(b *testing.B) {
	benchmark(b, func(b *testing.B, dev netdev.Netdever, chip *w5500.Chip, fd int, peer stdnet.Conn) {
		go func() {
			buf := make([]byte, kilobyte)
			for range b.N {
				peer.Write(buf)
			}
		}()
		buf := make([]byte, 4*kilobyte)
		b.SetBytes(kilobyte)
		before := chip.Stats()
		for left := b.N * kilobyte; left > 0; {
			n, err := dev.Recv(fd, buf, 0, time.Time{})
			if err != nil {
				b.Fatal(err)
			}
			left -= n
		}
		report(b, before, chip.Stats(), b.N*kilobyte)
	})
}

// An echo of one byte has no sleep in its way where the chip interrupts.
func BenchmarkEcho(b *testing.B) {
	benchmark(b, func(b *testing.B, dev netdev.Netdever, chip *w5500.Chip, fd int, peer stdnet.Conn) {
		go io.Copy(peer, peer)
		buf := make([]byte, 1)
		before := chip.Stats()
		for range b.N {
			if _, err := dev.Send(fd, buf, 0, time.Time{}); err != nil {
				b.Fatal(err)
			}
			if _, err := dev.Recv(fd, buf, 0, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
		after := chip.Stats()
		b.ReportMetric(float64(after.Transactions-before.Transactions)/float64(b.N), "frames/op")
		b.ReportMetric(float64(after.ToChip-before.ToChip)/float64(b.N), "clocked/op")
	})
}

// BenchmarkDatagrams is a datagram to a peer by SendTo, and its echo by RecvFrom.
func BenchmarkDatagrams(b *testing.B) {
	board, _ := boot(b, boards.Config{}, nil)
	boardbench.Datagrams(b, board)
}
