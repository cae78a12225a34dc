package tcp

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/internal/checksum"
)

// newFloor returns what moves 64 KiB in the least time: each byte is copied twice and
// summed up twice, in pieces of a segment's size.
func newFloor() (move func(), size int) {
	src, mid, dst := make([]byte, 64<<10), make([]byte, 1448), make([]byte, 64<<10)
	var sum checksum.Sum
	return func() {
		for off := 0; off < len(src); off += len(mid) {
			n := min(len(mid), len(src)-off)
			copy(mid[:n], src[off:])
			sum = sum.Add(checksum.Of(mid[:n])).Add(checksum.Of(mid[:n]))
			copy(dst[off:], mid[:n])
		}
	}, len(src)
}

// A how is what the two applications of a bulk transfer do.
type how struct {
	name  string
	posts bool // the reader has its buffer ready
	lends bool // the writer does not touch its buffer until all is sent
}

// newBulk returns what moves 64 KiB over one connection, both engines and both
// applications in one loop.
func newBulk(b *testing.B, h how) (move func(), size int) {
	p := newPair(Config{})
	l := p.listen(b, 1)
	client, server := p.connect(b, 1000, l)
	in, seg, out := make([]byte, 64<<10), make([]byte, 1480), make([]byte, 64<<10)
	p.now += time.Millisecond
	var posting Posting
	flush := func() {
		for some := true; some; {
			some = false
			for n, _ := p.a.Output(p.now, seg); n > 0; n, _ = p.a.Output(p.now, seg) {
				p.b.Input(p.now, addrA, addrB, seg[:n])
			}
			for n, _ := p.b.Output(p.now, seg); n > 0; n, _ = p.b.Output(p.now, seg) {
				p.a.Input(p.now, addrB, addrA, seg[:n])
				some = true
			}
		}
		for _, e := range []*Engine{p.a, p.b} {
			for c, l := e.Woken(); c != nil || l != nil; c, l = e.Woken() {
			}
		}
	}
	move = func() {
		for sent, got := 0, 0; got < len(in); {
			p.now += time.Microsecond
			switch {
			case sent == len(in):
			case h.lends:
				sent += client.Lend(p.now, in[sent:])
			default:
				sent += client.Write(p.now, in[sent:])
			}
			if h.posts {
				posting = Posting{Buf: out[got:]}
				server.Post(&posting)
			}
			flush()
			if h.posts {
				server.Post(nil)
				got += posting.N
			}
			if h.lends {
				client.Recall()
			}
			got += server.Read(p.now, out[got:])
			flush()
		}
	}
	for range 100 {
		move()
	}
	return move, len(in)
}

func forAll(b *testing.B, run func(*testing.B, how)) {
	for _, h := range []how{
		{name: "plain"},
		{name: "posted", posts: true},
		{name: "posted+lent", posts: true, lends: true},
	} {
		b.Run(h.name, func(b *testing.B) { run(b, h) })
	}
}

func BenchmarkFloor(b *testing.B) {
	move, size := newFloor()
	b.SetBytes(int64(size))
	for b.Loop() {
		move()
	}
}

func BenchmarkBulk(b *testing.B) {
	forAll(b, func(b *testing.B, h how) {
		move, size := newBulk(b, h)
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			move()
		}
	})
}

// BenchmarkBulkToFloor takes turns at the two, so that what else the machine does falls
// on both, and tells how many times as long the connection takes, by the medians.
func BenchmarkBulkToFloor(b *testing.B) {
	forAll(b, func(b *testing.B, h how) {
		const turn = 16
		floor, _ := newFloor()
		bulk, _ := newBulk(b, h)
		var spent [2][]float64
		for b.Loop() {
			for i, move := range []func(){floor, bulk} {
				begin := time.Now()
				for range turn {
					move()
				}
				spent[i] = append(spent[i], float64(time.Since(begin).Nanoseconds())/turn)
			}
		}
		for i := range spent {
			slices.Sort(spent[i])
		}
		f, m := spent[0][b.N/2], spent[1][b.N/2]
		b.ReportMetric(m/f, "ratio")
		b.ReportMetric(f, "floor-ns")
		b.ReportMetric(m, "bulk-ns")
	})
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
