//go:build !tinygo

package espat_test

import (
	"context"
	"io"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/boards/boardbench"
	"github.com/netdev-go/netdev/sim/espat"
)

// busPer reports what went over the UART for each KiB of payload.
func busPer(b *testing.B, before, after espat.Stats, payload int) {
	kib := float64(payload) / 1024
	b.ReportMetric(float64(after.Commands-before.Commands)/kib, "commands/KB")
	b.ReportMetric(float64(after.BytesIn-before.BytesIn)/kib, "bytes-to-module/KB")
	b.ReportMetric(float64(after.BytesOut-before.BytesOut)/kib, "bytes-from-module/KB")
}

// far returns a stream, and a peer's end of it that f is run with.
func far(b *testing.B, f func(c io.ReadWriter)) (netdev.Netdever, *espat.Chip, int) {
	board, chip := boot(b, static, nil)
	peer, err := board.Peer()
	if err != nil {
		b.Fatal(err)
	}
	at := netip.AddrPortFrom(peer.Addr(netdev.AF_INET), peer.FreePort())
	l, err := peer.Listen(context.Background(), "tcp", at.String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		f(c)
	}()
	fd, err := board.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	if err == nil {
		err = board.Connect(fd, "", at)
	}
	if err != nil {
		b.Fatal(err)
	}
	return board, chip, fd
}

func BenchmarkSend(b *testing.B) {
	dev, chip, fd := far(b, func(c io.ReadWriter) { io.Copy(io.Discard, c) })
	payload := make([]byte, 4096)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	before := chip.Stats()
	for b.Loop() {
		if _, err := dev.Send(fd, payload, 0, never); err != nil {
			b.Fatal(err)
		}
	}
	busPer(b, before, chip.Stats(), b.N*len(payload))
}

func BenchmarkRecv(b *testing.B) {
	chunk := make([]byte, 4096)
	dev, chip, fd := far(b, func(c io.ReadWriter) {
		for {
			if _, err := c.Write(chunk); err != nil {
				return
			}
		}
	})
	buf := make([]byte, 4096)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	before := chip.Stats()
	for b.Loop() {
		for got := 0; got < len(buf); {
			n, err := dev.Recv(fd, buf[got:], 0, never)
			if err != nil {
				b.Fatal(err)
			}
			got += n
		}
	}
	busPer(b, before, chip.Stats(), b.N*len(buf))
}

func BenchmarkEchoOfOneByte(b *testing.B) {
	dev, chip, fd := far(b, func(c io.ReadWriter) { io.Copy(c, c) })
	one := []byte{1}
	b.ReportAllocs()
	before := chip.Stats()
	for b.Loop() {
		if _, err := dev.Send(fd, one, 0, never); err != nil {
			b.Fatal(err)
		}
		if _, err := dev.Recv(fd, one, 0, never); err != nil {
			b.Fatal(err)
		}
	}
	after := chip.Stats()
	b.ReportMetric(float64(after.Commands-before.Commands)/float64(b.N), "commands/op")
	b.ReportMetric(float64(after.BytesIn-before.BytesIn)/float64(b.N), "bytes-to-module/op")
	b.ReportMetric(float64(after.BytesOut-before.BytesOut)/float64(b.N), "bytes-from-module/op")
}

// BenchmarkDatagrams is a datagram to a peer by SendTo, and its echo by RecvFrom.
func BenchmarkDatagrams(b *testing.B) {
	board, _ := boot(b, static, nil)
	boardbench.Datagrams(b, board)
}
