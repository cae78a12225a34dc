// Package boardbench has the benchmarks that the drivers of chips share.
package boardbench

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/boards"
)

// Datagrams is a datagram of 512 bytes to a peer by SendTo, and its echo by RecvFrom.
func Datagrams(b *testing.B, board *boards.Board) {
	dev, ok := netdev.As[netdev.PacketNetdever](board)
	if !ok {
		b.Fatal("no PacketNetdever")
	}
	peer, err := board.Peer()
	if err != nil {
		b.Fatal(err)
	}
	echo, err := peer.ListenPacket(context.Background(), "udp4", ":7")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { echo.Close() })
	go func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := echo.ReadFrom(buf)
			if err != nil {
				return
			}
			echo.WriteTo(buf[:n], from)
		}
	}()
	fd, err := board.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, 0)
	if err == nil {
		err = board.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), 4000))
	}
	if err != nil {
		b.Fatal(err)
	}
	to, buf := netip.AddrPortFrom(peer.Addr(netdev.AF_INET), 7), make([]byte, 512)
	b.SetBytes(2 * int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := dev.SendTo(fd, buf, 0, to, time.Time{}); err != nil {
			b.Fatal(err)
		}
		if _, _, err := dev.RecvFrom(fd, buf, 0, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}
