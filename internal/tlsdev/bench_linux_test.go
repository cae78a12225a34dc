//go:build !tinygo

package tlsdev_test

import (
	"crypto/tls"
	"io"
	stdnet "net"
	"testing"

	"github.com/netdev-go/netdev"
)

func BenchmarkSend(b *testing.B) {
	d := wrapped()
	ln, err := stdnet.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer ln.Close()
	go func() {
		c, err := ln.Accept()
		if err == nil {
			io.Copy(struct{ io.Writer }{io.Discard}, tls.Server(c, peerConfig()))
		}
	}()
	fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close(fd)
	if err := d.ConfigureTLS(fd, both()); err != nil {
		b.Fatal(err)
	}
	if err := d.Connect(fd, "", ln.Addr().(*stdnet.TCPAddr).AddrPort()); err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 64<<10)
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := d.Send(fd, buf, 0, never); err != nil {
			b.Fatal(err)
		}
	}
}
