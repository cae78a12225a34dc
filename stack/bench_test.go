package stack_test

import (
	"io"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

func BenchmarkTCPBulk(b *testing.B) {
	x, y := pair(b, stack.Config{})
	bulk(b, x, y)
}

// bulk measures one connection from x to y.
func bulk(b *testing.B, x, y *stack.Stack) {
	b.Helper()
	fx, fy := connected(b, x, y)
	const chunk = 64 << 10
	done := make(chan error, 1)
	go func() {
		buf := make([]byte, chunk)
		for {
			if _, err := y.Recv(fy, buf, 0, never); err != nil {
				done <- err
				return
			}
		}
	}()
	buf := make([]byte, chunk)
	b.SetBytes(chunk)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := x.Send(fx, buf, 0, never); err != nil {
			b.Fatal(err)
		}
	}
	must(b, x.Shutdown(fx, netdev.SHUT_WR))
	if err := <-done; err != io.EOF {
		b.Fatal(err)
	}
}

func BenchmarkTCPPingPong(b *testing.B) {
	x, y := pair(b, stack.Config{})
	fx, fy := connected(b, x, y)
	must(b, x.SetSockOpt(fx, netdev.SOL_TCP, netdev.TCP_NODELAY, true))
	must(b, y.SetSockOpt(fy, netdev.SOL_TCP, netdev.TCP_NODELAY, true))
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 64)
		for {
			n, err := y.Recv(fy, buf, 0, never)
			if err != nil {
				return
			}
			if _, err := y.Send(fy, buf[:n], 0, never); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 64)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := x.Send(fx, buf, 0, never); err != nil {
			b.Fatal(err)
		}
		for n := 0; n < len(buf); {
			m, err := x.Recv(fx, buf[n:], 0, never)
			if err != nil {
				b.Fatal(err)
			}
			n += m
		}
	}
	b.StopTimer()
	must(b, x.Close(fx))
	<-done
}

// Connect, a byte each way, close.
func BenchmarkTCPConnections(b *testing.B) {
	x, y := pair(b, stack.Config{})
	lfd, name := listen(b, y, addrB, 128)
	go func() {
		buf := make([]byte, 1)
		for {
			fd, _, err := y.Accept(lfd)
			if err != nil {
				return
			}
			y.Recv(fd, buf, 0, never)
			y.Send(fd, buf, 0, never)
			y.Recv(fd, buf, 0, never)
			y.Close(fd)
		}
	}()
	buf := make([]byte, 1)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		fd, err := x.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		must(b, err)
		if err := x.Connect(fd, "", name); err != nil {
			b.Fatal(err)
		}
		x.Send(fd, buf, 0, never)
		if n, err := x.Recv(fd, buf, 0, never); n != 1 || err != nil {
			b.Fatal(n, err)
		}
		x.Close(fd)
	}
}

// Datagrams one after the other, each received before the next is sent.
func BenchmarkUDPInStep(b *testing.B) {
	x, y := pair(b, stack.Config{})
	fx, _ := bound(b, x, addrA)
	fy, name := bound(b, y, addrB)
	buf := make([]byte, 64)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := x.SendTo(fx, buf, 0, name, never); err != nil {
			b.Fatal(err)
		}
		if _, _, err := y.RecvFrom(fy, buf, 0, never); err != nil {
			b.Fatal(err)
		}
	}
}

// Datagrams as fast as they go in, and how many of them come out.
func BenchmarkUDPFlood(b *testing.B) {
	x, y := pair(b, stack.Config{})
	fx, _ := bound(b, x, addrA)
	fy, name := bound(b, y, addrB)
	done := make(chan int)
	go func() {
		n := 0
		buf := make([]byte, 64)
		for {
			if _, _, err := y.RecvFrom(fy, buf, 0, never); err != nil {
				done <- n
				return
			}
			n++
		}
	}()
	buf := make([]byte, 64)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := x.SendTo(fx, buf, 0, name, never); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	y.Close(fy)
	b.ReportMetric(float64(<-done)/float64(b.N), "received/sent")
}
