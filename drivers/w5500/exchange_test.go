//go:build !tinygo

package w5500_test

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim"
)

// peerOf adds a host to a board's network.
func peerOf(t *testing.T, b interface{ Peer() (*sim.Peer, error) }) *sim.Peer {
	t.Helper()
	p, err := b.Peer()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// exchange sends 50 kB from dev to a peer and back over TCP, and a datagram each
// way.
func exchange(t *testing.T, dev netdev.Netdever, p *sim.Peer) {
	t.Helper()
	exchangeStream(t, dev, p)
	exchangeDatagrams(t, dev, p)
}

func exchangeStream(t *testing.T, dev netdev.Netdever, p *sim.Peer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	l, err := p.Listen(ctx, "tcp", ":700")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			io.Copy(c, c)
			c.Close()
		}
	}()
	d := net.Dialer{Device: dev}
	c, err := d.DialContext(ctx, "tcp", "peer.netdev:700")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	out := bytes.Repeat([]byte("0123456789"), 5000)
	go c.Write(out)
	in := make([]byte, len(out))
	if n, err := io.ReadFull(c, in); err != nil || !bytes.Equal(in, out) {
		t.Fatalf("%d of %d bytes came back: %v", n, len(out), err)
	}
}

func exchangeDatagrams(t *testing.T, dev netdev.Netdever, p *sim.Peer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	d := net.Dialer{Device: dev}
	pc, err := p.ListenPacket(ctx, "udp", ":701")
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	u, err := d.DialContext(ctx, "udp", "peer.netdev:701")
	if err != nil {
		t.Fatal(err)
	}
	defer u.Close()
	u.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := u.Write([]byte("ping")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, from, err := pc.ReadFrom(buf)
	if err != nil || string(buf[:n]) != "ping" {
		t.Fatalf("the peer heard %q: %v", buf[:n], err)
	}
	if from.String() != u.LocalAddr().String() {
		t.Errorf("it came from %v, not from %v", from, u.LocalAddr())
	}
	pc.WriteTo([]byte("pong"), from)
	if n, err = u.Read(buf); err != nil || string(buf[:n]) != "pong" {
		t.Fatalf("the answer is %q: %v", buf[:n], err)
	}
}
