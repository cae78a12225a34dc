//go:build !tinygo

package net_test

import (
	"io"
	stdnet "net"
	"strconv"
	"testing"
)

// stacks are what is compared: Go's net on the kernel, and ours on the same
// kernel as a device, with all of its capabilities and with none.
func onEachStack(b *testing.B, f func(b *testing.B, w world)) {
	b.Run("stack=go", func(b *testing.B) { f(b, goNet) })
	for _, d := range devices {
		b.Run("stack="+d.name, func(b *testing.B) {
			use(b, d.open())
			f(b, ourNet)
		})
	}
}

func benchPair(b *testing.B, w world) (c, s stdnet.Conn) {
	b.Helper()
	l, err := w.listen("tcp", loopback0)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	if c, err = w.dial("tcp", l.Addr().String()); err != nil {
		b.Fatal(err)
	}
	if s, err = l.Accept(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close(); s.Close() })
	return c, s
}

func BenchmarkTCPBulk(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		b.Run("size="+strconv.Itoa(size), func(b *testing.B) {
			onEachStack(b, func(b *testing.B, w world) {
				c, s := benchPair(b, w)
				go io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{s}, make([]byte, 64<<10))
				buf := make([]byte, size)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := c.Write(buf); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkTCPPingPong(b *testing.B) {
	onEachStack(b, func(b *testing.B, w world) {
		c, s := benchPair(b, w)
		go io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{s}, make([]byte, 64))
		buf := make([]byte, 1)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Write(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := c.Read(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The client resets the connection, so that no port waits in TIME-WAIT while
// the benchmark runs.
func BenchmarkTCPDialAcceptReset(b *testing.B) {
	onEachStack(b, func(b *testing.B, w world) {
		l, err := w.listen("tcp", loopback0)
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		accepted := make(chan stdnet.Conn)
		go func() {
			defer close(accepted)
			for {
				s, err := l.Accept()
				if err != nil {
					return
				}
				accepted <- s
			}
		}()
		b.ReportAllocs()
		for b.Loop() {
			c, err := w.dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			s := <-accepted
			c.(interface{ SetLinger(int) error }).SetLinger(0)
			c.Close()
			s.Close()
		}
	})
}

func BenchmarkUDPPingPong(b *testing.B) {
	onEachStack(b, func(b *testing.B, w world) {
		echo, err := stdnet.ListenUDP("udp", &stdnet.UDPAddr{IP: stdnet.IPv4(127, 0, 0, 1)})
		if err != nil {
			b.Fatal(err)
		}
		defer echo.Close()
		go func() {
			for buf := make([]byte, 64); ; {
				n, from, err := echo.ReadFromUDPAddrPort(buf)
				if err != nil {
					return
				}
				echo.WriteToUDPAddrPort(buf[:n], from)
			}
		}()
		c, err := w.dial("udp", echo.LocalAddr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		buf := make([]byte, 1)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Write(buf); err != nil {
				b.Fatal(err)
			}
			if _, err := c.Read(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}
