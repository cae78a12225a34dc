//go:build !tinygo

package host_test

import (
	"io"
	"net"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// hostPair is two connected sockets of a device.
func hostPair(b *testing.B) (d *host.Device, client, server int) {
	b.Helper()
	d = host.New()
	lfd, addr := listen(b, d, 1)
	client = stream(b, d)
	must(b, d.Connect(client, "", addr))
	server, _, err := d.Accept(lfd)
	must(b, err)
	b.Cleanup(func() { d.Close(server) })
	return d, client, server
}

// stdPair is the same of Go's own net, for comparison.
func stdPair(b *testing.B) (client, server net.Conn) {
	b.Helper()
	l, addr := stdListen(b)
	client, err := net.Dial("tcp4", addr.String())
	must(b, err)
	server, err = l.Accept()
	must(b, err)
	b.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func BenchmarkTCPBulk(b *testing.B) {
	const size = 64 << 10
	b.Run("device=host", func(b *testing.B) {
		d, client, server := hostPair(b)
		go func() {
			buf := make([]byte, size)
			for {
				if _, err := d.Recv(server, buf, 0, never); err != nil {
					return
				}
			}
		}()
		buf := make([]byte, size)
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Send(client, buf, 0, never); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("device=none", func(b *testing.B) {
		client, server := stdPair(b)
		go func() {
			buf := make([]byte, size)
			for {
				if _, err := server.Read(buf); err != nil {
					return
				}
			}
		}()
		buf := make([]byte, size)
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.Write(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkTCPPingPong(b *testing.B) {
	b.Run("device=host", func(b *testing.B) {
		d, client, server := hostPair(b)
		go func() {
			buf := make([]byte, 64)
			for {
				n, err := d.Recv(server, buf, 0, never)
				if err != nil {
					return
				}
				d.Send(server, buf[:n], 0, never)
			}
		}()
		buf := make([]byte, 64)
		b.SetBytes(64)
		b.ReportAllocs()
		for b.Loop() {
			d.Send(client, buf, 0, never)
			if err := recvAll(d, client, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("device=none", func(b *testing.B) {
		client, server := stdPair(b)
		go io.Copy(struct{ io.Writer }{server}, struct{ io.Reader }{server})
		buf := make([]byte, 64)
		b.SetBytes(64)
		b.ReportAllocs()
		for b.Loop() {
			client.Write(buf)
			if _, err := io.ReadFull(client, buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkUDPPingPong(b *testing.B) {
	b.Run("device=host", func(b *testing.B) {
		d := host.New()
		client, from := bound(b, d)
		server, to := bound(b, d)
		buf := make([]byte, 64)
		b.ReportAllocs()
		b.SetBytes(64)
		for b.Loop() {
			d.SendTo(client, buf, 0, to, never)
			d.RecvFrom(server, buf, 0, never)
			d.SendTo(server, buf, 0, from, never)
			if _, _, err := d.RecvFrom(client, buf, 0, never); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("device=none", func(b *testing.B) {
		client, from := stdUDP(b)
		server, to := stdUDP(b)
		buf := make([]byte, 64)
		b.ReportAllocs()
		b.SetBytes(64)
		for b.Loop() {
			client.WriteToUDPAddrPort(buf, to)
			server.ReadFromUDPAddrPort(buf)
			server.WriteToUDPAddrPort(buf, from)
			if _, _, err := client.ReadFromUDPAddrPort(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkConnect(b *testing.B) {
	b.Run("device=host", func(b *testing.B) {
		d := host.New()
		lfd, addr := listen(b, d, 16)
		b.ReportAllocs()
		for b.Loop() {
			fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
			must(b, err)
			d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 0)
			must(b, d.Connect(fd, "", addr))
			afd, _, err := d.Accept(lfd)
			must(b, err)
			d.Close(fd)
			d.Close(afd)
		}
	})
	b.Run("device=none", func(b *testing.B) {
		l, addr := stdListen(b)
		b.ReportAllocs()
		for b.Loop() {
			c, err := net.Dial("tcp4", addr.String())
			must(b, err)
			c.(*net.TCPConn).SetLinger(0)
			s, err := l.Accept()
			must(b, err)
			c.Close()
			s.Close()
		}
	})
}
