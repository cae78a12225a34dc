//go:build !tinygo

package net_test

import (
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// A site is where two ends talk: two stacks on a cable, or the kernel's loopback to
// compare with.
type site struct {
	listen       func(address string) (stdnet.Listener, error)
	dial         func(address string) (stdnet.Conn, error)
	listenPacket func(address string) (udpConn, error) // on the side that listens
	dialPacket   func(address string) (udpConn, error) // on the other one, unconnected
	server, home string                                // a host of either side
}

type udpConn interface {
	stdnet.PacketConn
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

func kernelSite(testing.TB) site {
	packet := func(address string) (udpConn, error) {
		c, err := stdnet.ListenPacket("udp4", address)
		if err != nil {
			return nil, err
		}
		return c.(*stdnet.UDPConn), nil
	}
	return site{
		listen:       func(address string) (stdnet.Listener, error) { return stdnet.Listen("tcp", address) },
		dial:         func(address string) (stdnet.Conn, error) { return stdnet.Dial("tcp", address) },
		listenPacket: packet, dialPacket: packet,
		server: "127.0.0.1", home: "127.0.0.1",
	}
}

// stackSite joins two stacks by a cable. A direct one hands frames over in the
// sender's call, several at a time.
func stackSite(t testing.TB, direct bool) site {
	t.Helper()
	end := ether.Config{Queue: 1024}
	if direct {
		end.Direct, end.Batch = true, 32
	}
	da, db, err := ether.Cable(end, end)
	if err != nil {
		t.Fatal(err)
	}
	start := func(dev *ether.Device, address string) *stack.Stack {
		s, err := stack.New(dev, stack.Config{Address: netip.MustParsePrefix(address)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Stop(); dev.Close() })
		if err := s.NetConnect(nil); err != nil {
			t.Fatal(err)
		}
		return s
	}
	client, server := net.Dialer{Device: start(da, "10.0.0.1/16")}, net.ListenConfig{Device: start(db, "10.0.0.2/16")}
	near := net.ListenConfig{Device: client.Device}
	packet := func(lc *net.ListenConfig, address string) (udpConn, error) {
		c, err := lc.ListenPacket(context.Background(), "udp4", address)
		if err != nil {
			return nil, err
		}
		return c.(*net.UDPConn), nil
	}
	return site{
		listen: func(address string) (stdnet.Listener, error) {
			return server.Listen(context.Background(), "tcp", address)
		},
		dial:         func(address string) (stdnet.Conn, error) { return client.Dial("tcp", address) },
		listenPacket: func(address string) (udpConn, error) { return packet(&server, address) },
		dialPacket:   func(address string) (udpConn, error) { return packet(&near, address) },
		server:       "10.0.0.2", home: "10.0.0.1",
	}
}

func atEachSite(b *testing.B, f func(b *testing.B, s site)) {
	b.Run("site=direct", func(b *testing.B) { f(b, stackSite(b, true)) })
	b.Run("site=queued", func(b *testing.B) { f(b, stackSite(b, false)) })
	b.Run("site=kernel", func(b *testing.B) { f(b, kernelSite(b)) })
}

// serve calls f with each connection that a listener accepts, in a goroutine, and
// returns where it listens.
func (s site) serve(t testing.TB, f func(c stdnet.Conn)) string {
	t.Helper()
	l, err := s.listen(s.server + ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go f(c)
		}
	}()
	return l.Addr().String()
}

func (s site) mustDial(t testing.TB, address string) stdnet.Conn {
	t.Helper()
	c, err := s.dial(address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// echo answers each message of size bytes with itself, until the peer closes.
func echo(size int) func(c stdnet.Conn) {
	return func(c stdnet.Conn) {
		defer c.Close()
		for buf := make([]byte, size); ; {
			if _, err := io.ReadFull(c, buf); err != nil {
				return
			}
			if _, err := c.Write(buf); err != nil {
				return
			}
		}
	}
}

// exchange sends buf and reads as much into it.
func exchange(t testing.TB, c stdnet.Conn, buf []byte) {
	if _, err := c.Write(buf); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadFull(c, buf); err != nil {
		t.Error(err)
	}
}

func BenchmarkStackBulk(b *testing.B) {
	atEachSite(b, func(b *testing.B, s site) {
		const chunk = 64 << 10
		done := make(chan struct{})
		c := s.mustDial(b, s.serve(b, func(c stdnet.Conn) {
			defer close(done)
			for buf := make([]byte, chunk); ; {
				if _, err := c.Read(buf); err != nil {
					c.Close()
					return
				}
			}
		}))
		buf := make([]byte, chunk)
		b.SetBytes(chunk)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Write(buf); err != nil {
				b.Fatal(err)
			}
		}
		c.Close()
		<-done
	})
}

func BenchmarkStackPingPong(b *testing.B) {
	atEachSite(b, func(b *testing.B, s site) {
		c := s.mustDial(b, s.serve(b, echo(64)))
		defer c.Close()
		buf := make([]byte, 64)
		b.ReportAllocs()
		for b.Loop() {
			exchange(b, c, buf)
		}
	})
}

// Connect, a byte each way, close.
func BenchmarkStackConnections(b *testing.B) {
	atEachSite(b, func(b *testing.B, s site) {
		address := s.serve(b, echo(1))
		buf := make([]byte, 1)
		b.ReportAllocs()
		for b.Loop() {
			c := s.mustDial(b, address)
			exchange(b, c, buf)
			c.Close()
		}
	})
}

// Each connection echoes a KiB, with a goroutine for each of its ends. An operation
// is one echo on each of them.
func BenchmarkStackManyConnections(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		for _, direct := range []bool{true, false} {
			b.Run("connections="+strconv.Itoa(n)+"/direct="+strconv.FormatBool(direct), func(b *testing.B) {
				s := stackSite(b, direct)
				address := s.serve(b, echo(1024))
				turns := make([]chan struct{}, n)
				var over sync.WaitGroup
				for i := range turns {
					c, turn := s.mustDial(b, address), make(chan struct{}, 1)
					turns[i] = turn
					go func() {
						defer c.Close()
						buf := make([]byte, 1024)
						for range turn {
							exchange(b, c, buf)
							over.Done()
						}
					}()
				}
				b.ReportAllocs()
				for b.Loop() {
					over.Add(n)
					for _, turn := range turns {
						turn <- struct{}{}
					}
					over.Wait()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/echo")
				for _, turn := range turns {
					close(turn)
				}
			})
		}
	}
}

// Datagrams that are answered, one at a time.
func BenchmarkStackDatagramPingPong(b *testing.B) {
	atEachSite(b, func(b *testing.B, s site) {
		x, y, to := s.packets(b)
		go func() {
			for buf := make([]byte, 64); ; {
				n, from, err := y.ReadFromUDPAddrPort(buf)
				if err != nil {
					return
				}
				y.WriteToUDPAddrPort(buf[:n], from)
			}
		}()
		buf := make([]byte, 64)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.WriteToUDPAddrPort(buf, to); err != nil {
				b.Fatal(err)
			}
			if _, _, err := x.ReadFromUDPAddrPort(buf); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Datagrams as fast as they go in, and how many of them come out.
func BenchmarkStackDatagrams(b *testing.B) {
	atEachSite(b, func(b *testing.B, s site) {
		x, y, to := s.packets(b)
		received := make(chan int)
		go func() {
			n := 0
			for buf := make([]byte, 64); ; n++ {
				if _, _, err := y.ReadFromUDPAddrPort(buf); err != nil {
					received <- n
					return
				}
			}
		}()
		buf := make([]byte, 64)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := x.WriteToUDPAddrPort(buf, to); err != nil {
				b.Fatal(err)
			}
		}
		y.Close()
		n := <-received
		b.ReportMetric(float64(n)/float64(b.N), "received/sent")
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "received/s")
	})
}

// packets returns a socket of either side, and the address of the second one.
func (s site) packets(t testing.TB) (x, y udpConn, to netip.AddrPort) {
	t.Helper()
	x, err := s.dialPacket(s.home + ":0")
	if err != nil {
		t.Fatal(err)
	}
	y, err = s.listenPacket(s.server + ":0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(); y.Close() })
	return x, y, y.LocalAddr().(*stdnet.UDPAddr).AddrPort()
}

func TestNoAllocationOnStacks(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes pools allocate")
	}
	s := stackSite(t, true)
	steady := func(f func()) float64 {
		for range 2000 { // the queues of the cable have their memory now
			f()
		}
		return testing.AllocsPerRun(500, f)
	}
	c := s.mustDial(t, s.serve(t, echo(100)))
	defer c.Close()
	buf := make([]byte, 100)
	if n := steady(func() { exchange(t, c, buf) }); n != 0 {
		t.Errorf("%v allocations a round trip", n)
	}
	x, y, to := s.packets(t)
	if n := steady(func() {
		if _, err := x.WriteToUDPAddrPort(buf, to); err != nil {
			t.Error(err)
		}
		if _, _, err := y.ReadFromUDPAddrPort(buf); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a datagram", n)
	}
}

// What the user holds counts too. Both ends have waited in a Read once.
func TestIdleConnectionsOnStacksTakeAKibibyteAtMost(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes everything larger")
	}
	synctest.Test(t, func(t *testing.T) {
		const first, n = 500, 4000
		s := stackSite(t, true)
		l, err := s.listen(s.server + ":0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		conns := make([]stdnet.Conn, 0, 2*(first+n))
		buf := make([]byte, 1)
		connect := func(n int) {
			for range n {
				c := s.mustDial(t, l.Addr().String())
				x, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				for _, way := range [][2]stdnet.Conn{{c, x}, {x, c}} {
					send := time.AfterFunc(time.Millisecond, func() { way[0].Write(buf) })
					if _, err := way[1].Read(buf); err != nil {
						t.Fatal(err)
					}
					send.Stop()
				}
				conns = append(conns, c, x)
			}
			time.Sleep(time.Second) // for the last delayed acknowledgements
		}
		connect(first)
		before := heapInUse()
		connect(n)
		each := (heapInUse() - before) / (2 * n)
		t.Logf("%d bytes for each end of an idle connection", each)
		if each > 1024 {
			t.Errorf("an idle end takes %d bytes", each)
		}
		for _, c := range conns {
			c.Close()
		}
		time.Sleep(time.Minute)
	})
}

// heapInUse is how much is held by what lives.
func heapInUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
