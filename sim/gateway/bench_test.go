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
	s := benchBoard(b)
	l, err := stdnet.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	d := net.Dialer{Device: s}
	if board, err = d.Dial("tcp", fmt.Sprintf("10.0.2.1:%d", l.Addr().(*stdnet.TCPAddr).Port)); err != nil {
		b.Fatal(err)
	}
	if host, err = l.Accept(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { board.Close(); host.Close() })
	return board, host
}

// benchBoard returns a board behind a gateway.
func benchBoard(b *testing.B) *stack.Stack {
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
	return s
}

// BenchmarkDatagrams is a datagram from a board to the real host's loopback, and its
// echo back.
func BenchmarkDatagrams(b *testing.B) {
	s := benchBoard(b)
	echo, err := stdnet.ListenUDP("udp4", &stdnet.UDPAddr{IP: stdnet.IPv4(127, 0, 0, 1)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { echo.Close() })
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := echo.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			echo.WriteToUDPAddrPort(buf[:n], from)
		}
	}()
	d := net.Dialer{Device: s}
	conn, err := d.Dial("udp", fmt.Sprintf("10.0.2.1:%d", echo.LocalAddr().(*stdnet.UDPAddr).Port))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	buf := make([]byte, 512)
	b.SetBytes(2 * int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := conn.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEcho is a ping of the gateway itself.
func BenchmarkEcho(b *testing.B) {
	s := benchBoard(b)
	payload := make([]byte, 56)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Ping(b.Context(), gwAddr, payload); err != nil {
			b.Fatal(err)
		}
	}
}
