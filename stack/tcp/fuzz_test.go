package tcp_test

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack/tcp"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A hostile is an Engine with some connections, and a peer that sends what it likes.
type hostile struct {
	t     testing.TB
	e     *tcp.Engine
	now   time.Duration
	l     *tcp.Listener
	conns []*tcp.Conn
	say   []byte
	nxt   [4]wire.Seq // of each port, what the Engine has sent last
	ack   [4]wire.Seq // and acknowledged
	ts    [4]uint32
	buf   [2048]byte
}

func (h *hostile) byte() byte {
	if len(h.say) == 0 {
		return 0
	}
	b := h.say[0]
	h.say = h.say[1:]
	return b
}

// near returns a number that is mostly at base or close to it.
func (h *hostile) near(base wire.Seq) wire.Seq {
	switch b := h.byte(); {
	case b < 160:
		return base
	case b < 200:
		return base.Add(int(int8(h.byte())))
	case b < 240:
		return base.Add(int(int16(uint16(h.byte())<<8|uint16(h.byte()))) * 4)
	default:
		return wire.Seq(uint32(h.byte())<<24 | uint32(h.byte()))
	}
}

func (h *hostile) segment() {
	port := h.byte() & 3
	hd := wire.Header{SrcPort: 1000 + uint16(port), DstPort: 80, Seq: h.near(h.ack[port]), Ack: h.near(h.nxt[port])}
	hd.Flags = []wire.Flags{wire.ACK, wire.ACK, wire.ACK, wire.SYN, wire.SYN | wire.ACK, wire.FIN | wire.ACK, wire.RST, wire.ACK | wire.PSH}[h.byte()&7]
	if h.byte() > 240 {
		hd.Flags = wire.Flags(h.byte())
	}
	hd.Window = uint16(h.byte()) << (h.byte() & 15)
	o := &hd.Options
	kinds := h.byte()
	if kinds < 192 {
		kinds = 0x10 // as most segments have it
	}
	if kinds&1 != 0 {
		o.Has |= wire.HasMSS
		o.MSS = uint16(h.byte())<<8 | uint16(h.byte())
	}
	if kinds&2 != 0 {
		o.Has |= wire.HasWindowScale
		o.WindowScale = h.byte()
	}
	if kinds&4 != 0 {
		o.Has |= wire.HasSACKPermitted
	}
	for range kinds >> 3 & 1 {
		a := h.near(h.nxt[port])
		o.AddSACK(wire.SACKBlock{Left: a, Right: a.Add(int(h.byte()) * 50)})
		a = h.near(h.nxt[port])
		o.AddSACK(wire.SACKBlock{Left: a, Right: h.near(a)})
	}
	if kinds&16 != 0 {
		o.Has |= wire.HasTimestamps
		o.TSVal, o.TSEcr = uint32(h.now/time.Millisecond), h.ts[port]
		if h.byte() > 220 {
			o.TSVal, o.TSEcr = uint32(h.byte())<<24, uint32(h.byte())<<24
		}
	}
	n := 0
	if h.byte()&1 != 0 {
		n = int(h.byte()) * 6
	}
	b := h.buf[:hd.Len()+n]
	hd.Emit(b)
	wire.Segment(b).FillChecksum(peerAddr, hostAddr)
	h.e.Input(h.now, peerAddr, hostAddr, b)
}

func (h *hostile) step() {
	var c *tcp.Conn
	i := 0
	if len(h.conns) > 0 {
		i = int(h.byte()) % len(h.conns)
		c = h.conns[i]
	}
	switch op := h.byte() % 32; {
	case op < 18:
		h.segment()
	case op < 22:
		h.now += time.Duration(h.byte()) * time.Millisecond << (h.byte() & 15)
		h.e.Advance(h.now)
	case op == 22:
		if c := h.l.Accept(h.now); c != nil {
			h.conns = append(h.conns, c)
		}
	case op == 23:
		port := h.byte() & 3
		c, err := h.e.Dial(h.now, netip.AddrPortFrom(hostAddr, 80), netip.AddrPortFrom(peerAddr, 1000+uint16(port)), tcp.Options{NoDelay: true})
		if err == nil {
			h.conns = append(h.conns, c)
		}
	case op == 24:
		port := h.byte() & 3
		h.e.Unreachable(h.now, netip.AddrPortFrom(hostAddr, 80), netip.AddrPortFrom(peerAddr, 1000+uint16(port)), uint32(h.near(h.nxt[port])),
			[]error{netdev.ErrMessageTooLong, netdev.ErrHostUnreachable}[h.byte()&1], h.byte()&1 != 0, int(h.byte())*6)
	case c == nil:
	case op == 25:
		c.Write(h.now, make([]byte, int(h.byte())*64))
	case op == 26:
		c.Read(h.now, make([]byte, int(h.byte())*64))
	case op == 27:
		c.CloseWrite(h.now)
	case op == 28:
		c.CloseRead(h.now)
	case op == 29:
		h.conns = append(h.conns[:i], h.conns[i+1:]...)
		if h.byte()&1 == 0 {
			c.Abort(h.now)
		} else {
			c.Close(h.now)
		}
	case op == 30:
		b := h.byte()
		c.SetOptions(h.now, tcp.Options{
			NoDelay: b&1 != 0, KeepAlive: tcp.KeepAlive{On: b&2 != 0}, UserTimeout: time.Duration(b>>2) * time.Second,
			LingerOn: b&4 != 0, SendBuffer: int(b) * 100, RecvBuffer: int(b) * 50,
		})
	default:
		c.QuickACK()
		c.Info()
		c.Ready()
		c.Space()
	}
}

// pump takes what the Engine sends, and looks at it.
func (h *hostile) pump() {
	for i := 0; ; i++ {
		n, p := h.e.Output(h.now, h.buf[:1480])
		if n == 0 {
			break
		}
		s, err := wire.Parse(h.buf[:n])
		if err != nil || !s.ChecksumOK(p.Local.Addr(), p.Remote.Addr()) {
			h.t.Fatalf("sent %x: %v", h.buf[:n], err)
		}
		if port := s.DstPort() - 1000; port < 4 {
			h.nxt[port] = s.Seq().Add(s.Len())
			if s.Flags().Has(wire.ACK) {
				h.ack[port] = s.Ack()
			}
			if val, _, ok := s.Timestamps(); ok {
				h.ts[port] = val
			}
		}
		if i == 20000 {
			h.t.Fatal("sends without end")
		}
	}
	for c, l := h.e.Woken(); c != nil || l != nil; c, l = h.e.Woken() {
		if c != nil {
			c.Ready()
		}
	}
}

// FuzzEngine has a peer send anything to an Engine whose owner does anything: it may
// not panic, must stay within its bounds, and forgets everything in the end.
func FuzzEngine(f *testing.F) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 9))
		b := make([]byte, 0, 4000)
		for len(b) < 4000 {
			b = binary.LittleEndian.AppendUint64(b, rng.Uint64())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, say []byte) { beHostile(t, say) })
}

func beHostile(t testing.TB, say []byte) {
	pool := newBlocks(24)
	h := &hostile{t: t, now: time.Hour, say: say}
	h.e = tcp.New(tcp.Config{
		Pool: pool, Rand: rand.New(rand.NewPCG(1, 1)).Uint64, MaxConns: 6, MaxHalfOpen: 2, MaxTimeWait: 2, MaxAnswers: 3,
		SendBuffer: 16 << 10, RecvBuffer: 16 << 10, MaxSendBuffer: 64 << 10, MaxRecvBuffer: 64 << 10,
	})
	var err error
	if h.l, err = h.e.Listen(netip.AddrPortFrom(hostAddr, 80), 2, tcp.Options{NoDelay: true}); err != nil {
		t.Fatal(err)
	}
	for len(h.say) > 0 {
		h.step()
		h.pump()
		conns, half, tw := h.e.Len()
		if conns+tw > 6+2 || half > 2 || tw > 2 || pool.InUse() > 24 {
			t.Fatalf("%d connections, %d half-open, %d in TIME-WAIT, %d blocks", conns, half, tw, pool.InUse())
		}
	}
	h.e.Fail(h.now, netdev.ErrNetDown)
	for _, c := range h.conns {
		c.Close(h.now)
	}
	h.pump()
	if conns, half, tw := h.e.Len(); conns+half+tw+pool.InUse() != 0 {
		t.Fatalf("%d connections, %d half-open, %d in TIME-WAIT and %d blocks are left", conns, half, tw, pool.InUse())
	}
}
