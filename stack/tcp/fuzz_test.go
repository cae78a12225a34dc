package tcp

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/block"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// hostile drives an Engine by bytes: segments that nearly fit an established
// connection or a Listener, rubbish, time, and an application that does anything.
type hostile struct {
	t    *testing.T
	in   []byte
	p    *pair
	e    *Engine
	l    *Listener
	c    *Conn
	own  []*Conn
	now  time.Duration
	buf  [1600]byte
	lent [5000]byte
	port uint16
}

func (h *hostile) byte() byte {
	if len(h.in) == 0 {
		return 0
	}
	b := h.in[0]
	h.in = h.in[1:]
	return b
}

func (h *hostile) word() uint32 { return uint32(h.byte())<<8 | uint32(h.byte()) }

// near returns a number about base, or a wild one.
func (h *hostile) near(base wire.Seq) wire.Seq {
	d := int8(h.byte())
	switch k := h.byte() % 6; k {
	case 0:
		return base + wire.Seq(d)
	case 1:
		return base + wire.Seq(int(d)*1000)
	case 2:
		if d == 0 {
			return wire.Seq(h.word()<<16 | h.word())
		}
	}
	return base
}

// segment makes up one for c.
func (h *hostile) segment(c *Conn) {
	hdr := wire.Header{SrcPort: c.Remote.Port(), DstPort: c.Local.Port()}
	hdr.Flags = wire.Flags(h.byte())
	if k := h.byte() % 32; k > 1 {
		hdr.Flags = hdr.Flags&(wire.PSH|wire.URG) | wire.ACK
	} else if k == 1 {
		hdr.Flags = wire.FIN | wire.ACK
	}
	hdr.Seq, hdr.Ack = h.near(c.rcvNxt), h.near(c.sndNxt)
	hdr.Window = uint16(h.word())
	o := &hdr.Options
	if h.byte()%8 != 0 && c.is(useTimestamps) {
		o.Has |= wire.HasTimestamps
		o.TSVal, o.TSEcr = c.tsRecent+uint32(int8(h.byte())/64), tick(h.now)+c.tsOffset-uint32(h.byte())
	}
	for n := h.byte() % 4; n > 0; n-- {
		left := c.sndUna + wire.Seq(h.word()%8000)
		o.AddSACK(wire.SACKBlock{Left: left, Right: left + wire.Seq(h.word()%4000)})
	}
	if hdr.Flags.Has(wire.SYN) {
		o.Has |= wire.OptionSet(h.byte()) &^ wire.HasSACK
		o.MSS, o.WindowScale = uint16(h.word()), h.byte()&15
	}
	n := hdr.Emit(h.buf[:])
	data := 0
	if h.byte()%2 == 0 {
		data = int(h.word()) % 1400
	}
	clear(h.buf[n : n+data])
	s := wire.Segment(h.buf[:n+data])
	s.FillChecksum(c.Remote.Addr(), c.Local.Addr())
	h.e.Input(h.now, c.Remote.Addr(), c.Local.Addr(), s)
}

func (h *hostile) step() {
	c := h.c
	if len(h.own) > 0 && h.byte()%2 == 0 {
		c = h.own[int(h.byte())%len(h.own)]
	}
	switch op := h.byte() % 32; op {
	default:
		h.segment(c)
	case 6:
		n := int(h.byte())
		n = copy(h.buf[:], h.in[:min(len(h.in), n)])
		h.e.Input(h.now, addrA, addrB, h.buf[:n])
	case 7: // a SYN, or an ACK of a cookie
		h.port++
		stranger := &Conn{Path: Path{Local: portB, Remote: netip.AddrPortFrom(addrA, 2000+h.port%7)}}
		stranger.rcvNxt, stranger.sndNxt = wire.Seq(h.word()), wire.Seq(h.word())
		h.segment(stranger)
	case 8:
		h.now += time.Duration(h.byte()) * time.Duration(h.byte()) * 100 * time.Microsecond
		h.e.Advance(h.now)
	case 9:
		for range h.byte() % 16 {
			c.Write(h.now, h.buf[:])
		}
	case 10:
		c.Read(h.now, h.buf[:min(int(h.word()), len(h.buf))])
	case 11:
		if h.byte()%8 == 0 {
			c.CloseWrite(h.now)
		}
	case 12:
		if a := h.l.Accept(h.now); a != nil {
			h.own = append(h.own, a)
		}
	case 13:
		if i := len(h.own) - 1; i >= 0 && h.byte()%4 == 0 {
			if h.byte()%2 == 0 {
				h.own[i].Close(h.now)
			} else {
				h.own[i].Abort(h.now)
			}
			h.own = h.own[:i]
		}
	case 14:
		err := errTest
		if h.byte()%2 == 0 {
			err = netdev.ErrMessageTooLong
		}
		h.e.Unreachable(h.now, c.Local, c.Remote, uint32(h.near(c.sndUna)), err, h.byte()%2 == 0, int(h.word()))
	case 15:
		o := c.Options()
		o.NoDelay, o.KeepAlive.On, o.KeepAlive.Idle = h.byte()%2 == 0, h.byte()%2 == 0, time.Second
		o.RecvBuffer, o.SendBuffer = int(h.word())*int(h.byte()%2), int(h.word())*int(h.byte()%2)
		c.SetOptions(h.now, o)
	case 16:
		c.Lend(h.now, h.lent[:min(int(h.word()), len(h.lent))])
	case 17:
		c.Recall()
	case 18:
		c.Post(&Posting{Buf: make([]byte, h.word()%3000)})
	case 19:
		c.Post(nil)
	}
	h.drain()
	h.check()
}

// drain takes what the Engine has to say.
func (h *hostile) drain() {
	for n := 0; ; n++ {
		if k, _ := h.e.Output(h.now, h.buf[:1480]); k == 0 {
			break
		}
		if n == 100000 {
			h.t.Fatal("Output does not end")
		}
	}
	for c, l := h.e.Woken(); c != nil || l != nil; c, l = h.e.Woken() {
	}
}

// check looks at everything that must hold whatever a peer says.
func (h *hostile) check() {
	e := h.e
	blocks, conns, sending := 0, 0, 0
	for _, c := range e.table.buckets {
		for ; c != nil; c = c.chain {
			conns++
			if c.state == StateClosed || c.is(isDead) {
				h.t.Fatalf("a connection in %v is in the table", c.state)
			}
			if c.sndNxt.Less(c.sndUna) || c.rcvEdge.Less(c.rcvNxt) && c.state >= StateEstablished {
				h.t.Fatalf("SND.UNA %d SND.NXT %d RCV.NXT %d edge %d", c.sndUna, c.sndNxt, c.rcvNxt, c.rcvEdge)
			}
			if c.state < StateEstablished {
				continue
			}
			sent := c.sndNxt.Diff(c.sndUna)
			if sent > c.snd.Len()+1 || c.sends() && c.tx.flight.Outstanding() != sent {
				h.t.Fatalf("%d sent of %d queued, %d in the scoreboard", sent, c.snd.Len(), c.tx.flight.Outstanding())
			}
			if n := c.tx.flight.Pipe(); c.sends() && (n < 0 || n > sent) {
				h.t.Fatalf("%d in the network of %d sent", n, sent)
			}
			if !c.tx.flight.Empty() && (c.lossAt == 0 || c.loss == lossNone) && c.flags&(sendTLP|sendProbe) == 0 {
				h.t.Fatalf("data under way without a timer in %v", c.state)
			}
			if c.lossAt != 0 && c.timer == 0 && c.state != StateTimeWait {
				h.t.Fatal("a deadline that nobody waits for")
			}
			if c.rcv.Len() > 0 {
				blocks++
			}
			if c.snd.Len() > 0 {
				sending++
			}
		}
	}
	if conns != e.table.n || conns > 64+e.timeWait.n || e.pool.InUse() < blocks+sending || e.sending < sending || e.sending > e.pool.InUse() {
		h.t.Fatalf("%d connections, %d counted; %d blocks in use, %d to send", conns, e.table.n, e.pool.InUse(), e.sending)
	}
	if idleSender.next != (block.Cursor{}) || !idleSender.flight.Empty() || idleSender.congested != nil {
		h.t.Fatal("somebody uses the common sender")
	}
}

func newHostile(t *testing.T, in []byte) *hostile {
	h := &hostile{t: t, in: in, now: time.Hour}
	pool := block.NewPool(block.Config{BlockSize: 256, Blocks: 64 + int(h.byte())})
	h.p = newPair(Config{})
	h.e = newEngine(3, Config{Pool: pool, MaxConns: 8, MaxHalfOpen: 2, MaxTimeWait: 3, MaxAnswers: 4})
	h.p.b = h.e
	h.l = h.p.listen(t, 2)
	return h
}

// connect has another connection made, in order, and its other end forgotten.
func (h *hostile) connect() {
	for c := h.l.Accept(h.now); c != nil; c = h.l.Accept(h.now) {
		c.Abort(h.now)
	}
	h.port++
	h.p.now = h.now
	if _, err := h.p.a.Dial(h.now, netip.AddrPortFrom(addrA, 3000+h.port), portB, Options{}); err != nil {
		h.t.Fatal(err)
	}
	h.p.flush()
	if c := h.l.Accept(h.now); c != nil {
		h.own = append(h.own, c)
	}
	h.p.a.Fail(h.now, errTest)
}

// run takes the bytes for what happens, and then expects everything to come to an end.
func (h *hostile) run() {
	for len(h.in) > 0 {
		if len(h.own) == 0 {
			h.connect()
		}
		if len(h.own) == 0 {
			h.now += time.Second // half-open ones are in the way
			h.e.Advance(h.now)
			h.byte()
			continue
		}
		h.c = h.own[0]
		h.step()
	}
	for _, c := range h.own {
		c.Close(h.now)
	}
	h.l.Close(h.now)
	for range 10000 {
		h.drain()
		at := h.e.Deadline()
		if at == 0 {
			break
		}
		h.now = max(h.now, at)
		h.e.Advance(h.now)
	}
	if idleSender != (sender{}) {
		h.t.Fatal("the sender of those that do not send was written to")
	}
	if n, half, wait := h.e.Len(); n+half+wait != 0 || h.e.pool.InUse() != 0 {
		h.t.Fatalf("left: %d connections, %d half-open, %d in TIME-WAIT, %d blocks", n, half, wait, h.e.pool.InUse())
	}
}

func noise(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 3))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func TestAHostilePeerBreaksNothing(t *testing.T) {
	for seed := range uint64(300) {
		newHostile(t, noise(seed, 6000)).run()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzEngine(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(noise(seed, 600))
	}
	f.Fuzz(func(t *testing.T, in []byte) { newHostile(t, in).run() })
}

var errTest = errors.New("test")
