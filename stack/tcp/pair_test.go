package tcp

import (
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
)

// A pair is two engines whose segments go straight from one to the other.
type pair struct {
	a, b *Engine
	now  time.Duration
	buf  [1600]byte
	segs int
	drop func(from *Engine, seg []byte) bool
}

var (
	addrA = netip.MustParseAddr("10.0.0.1")
	addrB = netip.MustParseAddr("10.0.0.2")
	portB = netip.AddrPortFrom(addrB, 80)
)

func newEngine(seed uint64, c Config) *Engine {
	if c.Pool == nil {
		c.Pool = block.NewPool(block.Config{BlockSize: 2048, Blocks: 8192})
	}
	r := rand.New(rand.NewPCG(seed, 1))
	c.Rand = r.Uint64
	return New(c)
}

func newPair(c Config) *pair {
	return &pair{a: newEngine(1, c), b: newEngine(2, c), now: time.Hour}
}

// flush carries segments until there are none.
func (p *pair) flush() {
	for p.carry(p.a, p.b, addrA, addrB) || p.carry(p.b, p.a, addrB, addrA) {
	}
	for _, e := range []*Engine{p.a, p.b} {
		for c, l := e.Woken(); c != nil || l != nil; c, l = e.Woken() {
		}
	}
}

func (p *pair) carry(from, to *Engine, src, dst netip.Addr) bool {
	any := false
	for {
		n, path := from.Output(p.now, p.buf[:1480])
		if n == 0 {
			return any
		}
		any = true
		if path.Local.Addr() != src || path.Remote.Addr() != dst {
			panic("segment on a wrong path")
		}
		p.segs++
		if p.drop == nil || !p.drop(from, p.buf[:n]) {
			to.Input(p.now, src, dst, p.buf[:n])
		}
	}
}

// step moves on to the next deadline, and tells whether there is one.
func (p *pair) step() bool {
	at := earlier(p.a.Deadline(), p.b.Deadline())
	if at == 0 {
		return false
	}
	p.now = max(p.now, at)
	p.a.Advance(p.now)
	p.b.Advance(p.now)
	p.flush()
	return true
}

// connect returns both ends of a new connection.
func (p *pair) connect(tb testing.TB, port uint16, l *Listener) (client, server *Conn) {
	tb.Helper()
	client, err := p.a.Dial(p.now, netip.AddrPortFrom(addrA, port), portB, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	p.flush()
	server = l.Accept(p.now)
	if server == nil || client.State() != StateEstablished || server.State() != StateEstablished {
		tb.Fatalf("no connection: %v", client.State())
	}
	return client, server
}

func (p *pair) listen(tb testing.TB, backlog int) *Listener {
	tb.Helper()
	l, err := p.b.Listen(portB, backlog, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func TestDataGoesBothWaysAndTheEndIsOrderly(t *testing.T) {
	p := newPair(Config{})
	l := p.listen(t, 1)
	client, server := p.connect(t, 1000, l)
	buf := make([]byte, 100)
	if n := client.Write(p.now, []byte("hello")); n != 5 {
		t.Fatalf("Write took %d", n)
	}
	p.flush()
	if n := server.Read(p.now, buf); string(buf[:n]) != "hello" {
		t.Fatalf("read %q", buf[:n])
	}
	server.Write(p.now, []byte("and back"))
	server.CloseWrite(p.now)
	p.flush()
	if n := client.Read(p.now, buf); string(buf[:n]) != "and back" || !client.EOF() {
		t.Fatalf("read %q, EOF %v", buf[:n], client.EOF())
	}
	client.Close(p.now)
	p.flush()
	if server.State() != StateTimeWait {
		t.Errorf("the end that closed first is in %v", server.State())
	}
	server.Close(p.now)
	for p.step() {
	}
	for _, e := range []*Engine{p.a, p.b} {
		if n, half, tw := e.Len(); n+half+tw != 0 || e.pool.InUse() != 0 {
			t.Errorf("left: %d connections, %d half-open, %d in TIME-WAIT, %d blocks", n, half, tw, e.pool.InUse())
		}
	}
}

func TestMuchDataArrivesWhole(t *testing.T) {
	for _, loss := range []float64{0, 0.001, 0.01, 0.05, 0.2} {
		p := newPair(Config{})
		r := rand.New(rand.NewPCG(7, 7))
		l := p.listen(t, 1)
		client, server := p.connect(t, 1000, l)
		p.drop = func(*Engine, []byte) bool { return r.Float64() < loss }
		const total = 4 << 20
		var sent, got int
		in, out := make([]byte, 8<<10), make([]byte, 8<<10)
		for got < total {
			for i := range in {
				in[i] = byte((sent + i) * 7 >> 3)
			}
			sent += client.Write(p.now, in[:min(len(in), total-sent)])
			p.flush()
			n := server.Read(p.now, out)
			for i, b := range out[:n] {
				if b != byte((got+i)*7>>3) {
					t.Fatalf("wrong byte at %d", got+i)
				}
			}
			got += n
			p.flush()
			if n == 0 && server.Buffered() == 0 && (sent == total || client.Space() == 0) && !p.step() {
				t.Fatalf("loss %v: stalled at %d of %d\n%+v\n%+v\n%+v %v", loss, got, sent, client.Info(), server.Info(), p.b.Counters, server.early)
			}
		}
		t.Logf("loss %v: %v %d segments, %+v", loss, p.now-time.Hour, p.segs, p.a.Counters.RetransSegs)
	}
}
