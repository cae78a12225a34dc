package tcp

import (
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/checksum"
)

// floor is what moving the bytes takes at least: each is copied twice and summed up
// twice, in pieces of a segment's size.
func BenchmarkFloor(b *testing.B) {
	src, mid, dst := make([]byte, 64<<10), make([]byte, 1448), make([]byte, 64<<10)
	b.SetBytes(int64(len(src)))
	var sum checksum.Sum
	for b.Loop() {
		for off := 0; off < len(src); off += len(mid) {
			n := min(len(mid), len(src)-off)
			copy(mid[:n], src[off:])
			sum = sum.Add(checksum.Of(mid[:n])).Add(checksum.Of(mid[:n]))
			copy(dst[off:], mid[:n])
		}
	}
}

// One connection, both engines and both applications in one loop.
func BenchmarkBulk(b *testing.B) {
	p := newPair(Config{})
	l := p.listen(b, 1)
	client, server := p.connect(b, 1000, l)
	in, out := make([]byte, 64<<10), make([]byte, 64<<10)
	p.now += time.Millisecond
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	move := func() {
		for sent, got := 0, 0; got < len(in); {
			p.now += time.Microsecond
			if sent < len(in) {
				sent += client.Write(p.now, in[sent:])
			}
			p.flush()
			got += server.Read(p.now, out)
			p.flush()
		}
	}
	for range 100 {
		move()
	}
	for b.Loop() {
		move()
	}
}

func BenchmarkPingPong(b *testing.B) {
	p := newPair(Config{})
	l := p.listen(b, 1)
	client, server := p.connect(b, 1000, l)
	msg, buf := make([]byte, 64), make([]byte, 64)
	round := func() {
		p.now += time.Microsecond
		client.Write(p.now, msg)
		p.flush()
		if server.Read(p.now, buf) != 64 {
			b.Fatal("nothing arrived")
		}
		server.Write(p.now, msg)
		p.flush()
		if client.Read(p.now, buf) != 64 {
			b.Fatal("nothing came back")
		}
	}
	round()
	b.ReportAllocs()
	for b.Loop() {
		round()
	}
}

// Connect, a byte each way, close.
func BenchmarkConnect(b *testing.B) {
	p := newPair(Config{MaxTimeWait: 1024})
	l := p.listen(b, 1)
	buf := make([]byte, 8)
	b.ReportAllocs()
	port := uint16(0)
	for b.Loop() {
		p.now += 10 * time.Microsecond
		port++
		client, err := p.a.Dial(p.now, netip.AddrPortFrom(addrA, port|1), netip.AddrPortFrom(addrB, 80), Options{})
		if err != nil {
			p.a.Advance(p.now + time.Hour)
			continue
		}
		p.flush()
		server := l.Accept(p.now)
		client.Write(p.now, buf[:1])
		p.flush()
		server.Read(p.now, buf)
		server.Write(p.now, buf[:1])
		p.flush()
		client.Read(p.now, buf)
		client.Close(p.now)
		p.flush()
		server.Close(p.now)
		p.flush()
	}
}

// A data segment for one of many connections, and the ACK of every second one.
func BenchmarkSegmentIn(b *testing.B) {
	for _, conns := range []int{1, 10000} {
		b.Run("conns="+map[int]string{1: "1", 10000: "10000"}[conns], func(b *testing.B) {
			p := newPair(Config{Pool: block.NewPool(block.Config{BlockSize: 2048, Blocks: 1 << 16})})
			l := p.listen(b, 1)
			clients, servers := make([]*Conn, conns), make([]*Conn, conns)
			for i := range clients {
				clients[i], servers[i] = p.connect(b, uint16(1000+i), l)
			}
			msg, buf := make([]byte, 512), make([]byte, 512)
			b.ReportAllocs()
			b.SetBytes(int64(len(msg)))
			i := 0
			for b.Loop() {
				p.now += time.Microsecond
				c, s := clients[i], servers[i]
				c.Write(p.now, msg)
				p.flush()
				s.Read(p.now, buf)
				if i++; i == conns {
					i = 0
				}
			}
		})
	}
}

func BenchmarkDemux(b *testing.B) {
	for _, conns := range []int{1, 10000} {
		b.Run("conns="+map[int]string{1: "1", 10000: "10000"}[conns], func(b *testing.B) {
			t := newTable(newEngine(1, Config{}).cfg.Rand)
			for i := range conns {
				t.add(&Conn{Path: Path{Local: portB, Remote: netip.AddrPortFrom(addrA, uint16(1000+i))}})
			}
			b.ReportAllocs()
			port := uint16(0)
			for b.Loop() {
				if t.find(addrB, addrA, 80, 1000+port) == nil {
					b.Fatal("not found")
				}
				if port++; int(port) == conns {
					port = 0
				}
			}
		})
	}
}
