//go:build !tinygo

package host_test

import (
	"context"
	"io"
	"net"
	"testing"

	"github.com/netdev-go/netdev/drivers/host"
)

func TestTheResolversOwnSocketsReachTheKernel(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), soon())
	defer cancel()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	must(t, err)
	defer pc.Close()
	c, err := host.DialKernel(ctx, "udp", pc.LocalAddr().String())
	must(t, err)
	defer c.Close()
	if _, ok := c.(net.PacketConn); !ok {
		t.Errorf("Go's resolver would take a %T for a stream", c)
	}
	_, err = c.Write([]byte("question"))
	must(t, err)
	buf := make([]byte, 100)
	n, from, err := pc.ReadFrom(buf)
	if err != nil || string(buf[:n]) != "question" || from.String() != c.LocalAddr().String() {
		t.Errorf("%q from %v, %v; sent from %v", buf[:n], from, err, c.LocalAddr())
	}

	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here:", err)
	}
	defer l.Close()
	c, err = host.DialKernel(ctx, "tcp", l.Addr().String())
	must(t, err)
	peer, err := l.Accept()
	must(t, err)
	defer peer.Close()
	c.Write([]byte("question"))
	c.Close()
	if b, err := io.ReadAll(peer); err != nil || string(b) != "question" {
		t.Errorf("%q, %v", b, err)
	}
	l.Close()
	if c, err := host.DialKernel(ctx, "tcp", l.Addr().String()); err == nil {
		c.Close()
		t.Error("connected to a listener that is closed")
	}
}
