package stack_test

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
	"github.com/netdev-go/netdev/wire/tcp"
	"github.com/netdev-go/netdev/wire/udp"
)

// A card is a device without a network: the test hands frames in.
type card struct {
	handler func([]byte)
	sent    int
	longest int
}

var (
	_       netlink.FrameDevice = (*card)(nil)
	cardMAC                     = [6]byte{2, 0, 0, 0, 0, 1}
	peerMAC                     = [6]byte{2, 0, 0, 0, 0, 2}
)

func (c *card) HardwareAddr6() ([6]byte, error)        { return cardMAC, nil }
func (c *card) SetEthRecvHandler(h func([]byte))       { c.handler = h }
func (c *card) EthPoll([]byte) (off, n int, err error) { return 0, 0, nil }
func (c *card) MaxFrameSizeAndOffset() (max, off int)  { return 1514, 0 }
func (c *card) SendOffsetEthFrame(frame []byte) error {
	c.sent++
	c.longest = max(c.longest, len(frame))
	return nil
}

// A handClock stands still until it is moved.
type handClock struct {
	now    time.Time
	timers []*handTimer
}

type handTimer struct {
	c  *handClock
	at time.Time // zero: off
	f  func()
}

func (c *handClock) Now() time.Time { return c.now }

func (c *handClock) AfterFunc(d time.Duration, f func()) stack.Timer {
	t := &handTimer{c: c, at: c.now.Add(d), f: f}
	c.timers = append(c.timers, t)
	return t
}

func (t *handTimer) Reset(d time.Duration) bool {
	was := !t.at.IsZero()
	t.at = t.c.now.Add(d)
	return was
}

func (t *handTimer) Stop() bool {
	was := !t.at.IsZero()
	t.at = time.Time{}
	return was
}

// pass lets time go by, and timers go off.
func (c *handClock) pass(d time.Duration) {
	c.now = c.now.Add(d)
	for _, t := range c.timers {
		if !t.at.IsZero() && !t.at.After(c.now) {
			t.at = time.Time{}
			t.f()
		}
	}
}

// A target is a stack with a socket of each kind, which frames are thrown at.
type target struct {
	*stack.Stack
	card  *card
	clock *handClock
	udp   int
	lfd   int
	out   int // a connection under way
}

func newTarget(t testing.TB) *target {
	g := &target{card: &card{}, clock: &handClock{now: time.Unix(1, 0)}}
	seed := uint64(1)
	c := stack.SmallBoard()
	c.Blocks, c.Reassembly, c.Ring = 64, 4096, 8
	c.Address, c.Gateway = netip.PrefixFrom(addrA, 24), addrB
	c.Clock = g.clock
	c.Rand = func() uint64 { seed = seed*6364136223846793005 + 1442695040888963407; return seed >> 7 }
	s, err := stack.New(g.card, c)
	must(t, err)
	g.Stack = s
	must(t, s.NetConnect(nil))
	socket := func(stype, protocol int) int {
		fd, err := s.Socket(netdev.AF_INET, stype, protocol)
		must(t, err)
		must(t, s.SetNonblock(fd, true))
		return fd
	}
	g.udp = socket(netdev.SOCK_DGRAM, 0)
	must(t, s.Bind(g.udp, at(anywhere, 7)))
	must(t, s.JoinGroup(g.udp, group, ""))
	g.lfd = socket(netdev.SOCK_STREAM, 0)
	must(t, s.Bind(g.lfd, at(anywhere, 80)))
	must(t, s.Listen(g.lfd, 2))
	socket(netdev.SOCK_RAW, netdev.IPPROTO_ICMP)
	g.out = socket(netdev.SOCK_STREAM, 0)
	if err := s.Connect(g.out, "", at(addrB, 81)); err != netdev.ErrInProgress {
		t.Fatal(err)
	}
	return g
}

// use does with sockets what programs do.
func (g *target) use(t testing.TB) {
	buf := make([]byte, 512)
	g.RecvFrom(g.udp, buf, 0, never)
	if fd, _, err := g.Accept(g.lfd); err == nil {
		g.Recv(fd, buf, netdev.MSG_DONTWAIT, never)
		g.Send(fd, buf, netdev.MSG_DONTWAIT, never)
		must(t, g.Close(fd))
	}
	if g.Recv(g.out, buf, 0, never); true {
		g.Send(g.out, buf[:100], 0, never)
	}
}

// frames returns one of each kind to begin with.
func frames(g *target) [][]byte {
	build := func(t ethernet.EtherType, dst [6]byte, payload []byte) []byte {
		b := make([]byte, ethernet.MaxHeaderLen+len(payload))
		h := ethernet.Header{Dst: dst, Src: peerMAC, Type: t}
		n := h.Emit(b)
		return b[:n+copy(b[n:], payload)]
	}
	ip := func(h ipv4.Header, payload []byte) []byte {
		b := make([]byte, ipv4.MaxHeaderLen+len(payload))
		h.TTL, h.TotalLen = 64, h.Len()+len(payload)
		if !h.Src.IsValid() {
			h.Src = addrB
		}
		if !h.Dst.IsValid() {
			h.Dst = addrA
		}
		n := h.Emit(b)
		return build(ethernet.TypeIPv4, cardMAC, b[:n+copy(b[n:], payload)])
	}
	segment := func(h tcp.Header, data string) []byte {
		b := make([]byte, tcp.MaxHeaderLen+len(data))
		b = append(b[:h.Emit(b)], data...)
		tcp.Segment(b).FillChecksum(addrB, addrA)
		return ip(ipv4.Header{Protocol: tcp.Protocol}, b)
	}
	datagram := func(dst netip.Addr, data string) []byte {
		b := make([]byte, udp.HeaderLen, udp.HeaderLen+len(data))
		h := udp.Header{SrcPort: 9, DstPort: 7, Length: uint16(cap(b))}
		h.Emit(b)
		b = append(b, data...)
		udp.Datagram(b).FillChecksum(addrB, dst)
		return ip(ipv4.Header{Protocol: udp.Protocol, Dst: dst}, b)
	}
	message := func(h icmpv4.Header, data []byte) []byte {
		b := make([]byte, icmpv4.HeaderLen+len(data))
		copy(b[h.Emit(b):], data)
		icmpv4.Message(b).FillChecksum()
		return ip(ipv4.Header{Protocol: icmpv4.Protocol}, b)
	}
	ask, here := arp.Request(peerMAC, addrB, addrA), arp.Header{Op: arp.OpReply, SenderHW: peerMAC, SenderIP: addrB, TargetHW: cardMAC, TargetIP: addrA}
	askBytes, hereBytes := make([]byte, arp.Len), make([]byte, arp.Len)
	ask.Emit(askBytes)
	here.Emit(hereBytes)
	local, _ := g.GetSockName(g.out)
	lost := make([]byte, ipv4.HeaderLen+8)
	q := ipv4.Header{TotalLen: 60, TTL: 1, Protocol: tcp.Protocol, Src: addrA, Dst: addrB}
	binary.BigEndian.PutUint16(lost[q.Emit(lost):], local.Port())
	binary.BigEndian.PutUint16(lost[ipv4.HeaderLen+2:], 81)
	return [][]byte{
		build(ethernet.TypeARP, ethernet.Broadcast, askBytes),
		build(ethernet.TypeARP, cardMAC, hereBytes),
		segment(tcp.Header{SrcPort: 9, DstPort: 80, Seq: 1, Flags: tcp.SYN, Window: 1000}, ""),
		segment(tcp.Header{SrcPort: 9, DstPort: 80, Seq: 2, Ack: 1, Flags: tcp.ACK | tcp.PSH, Window: 1000}, "GET /"),
		segment(tcp.Header{SrcPort: 81, DstPort: local.Port(), Seq: 7, Ack: 1, Flags: tcp.SYN | tcp.ACK, Window: 1000}, ""),
		segment(tcp.Header{SrcPort: 81, DstPort: local.Port(), Seq: 7, Flags: tcp.RST}, ""),
		datagram(addrA, "hello"),
		datagram(group, "hello, all"),
		datagram(netip.MustParseAddr("10.0.0.255"), "anybody"),
		message(icmpv4.Echo(1, 2), []byte("ping")),
		message(icmpv4.Unreachable(icmpv4.CodePortUnreachable), lost),
		message(icmpv4.FragmentationNeeded(576), lost),
		ip(ipv4.Header{Protocol: udp.Protocol, ID: 5, Flags: ipv4.MoreFragments}, make([]byte, 64)),
		ip(ipv4.Header{Protocol: udp.Protocol, ID: 5, FragmentOffset: 64}, make([]byte, 30)),
		ip(ipv4.Header{Protocol: 2, Dst: netip.MustParseAddr("224.0.0.1")}, []byte{0x11, 100, 0xee, 0x9b, 0, 0, 0, 0}),
	}
}

// An input is frames, each behind its length and how long after the one before it
// comes, in milliseconds.
func inputOf(frames ...[]byte) (b []byte) {
	for _, f := range frames {
		b = binary.BigEndian.AppendUint16(b, uint16(len(f)))
		b = append(b, 10)
		b = append(b, f...)
	}
	return b
}

// mend makes the checksums right, so that what comes behind them is reached.
func mend(frame []byte) {
	f, err := ethernet.Parse(frame)
	if err != nil || f.Type() != ethernet.TypeIPv4 {
		return
	}
	p, err := ipv4.Parse(f.Payload())
	if err != nil {
		return
	}
	p.FillChecksum()
	if p.IsFragment() {
		return
	}
	switch b := p.Payload(); p.Protocol() {
	case tcp.Protocol:
		if seg, err := tcp.Parse(b); err == nil {
			seg.FillChecksum(p.Src(), p.Dst())
		}
	case udp.Protocol:
		if d, err := udp.Parse(b); err == nil {
			d.FillChecksum(p.Src(), p.Dst())
		}
	case icmpv4.Protocol:
		if m, err := icmpv4.Parse(b); err == nil {
			m.FillChecksum()
		}
	}
}

func FuzzFrames(f *testing.F) {
	g := newTarget(f)
	all := frames(g)
	for _, frame := range all {
		f.Add(inputOf(frame))
	}
	f.Add(inputOf(all...))
	f.Fuzz(func(t *testing.T, input []byte) {
		g := newTarget(t)
		for len(input) >= 3 {
			n := min(int(binary.BigEndian.Uint16(input)), len(input)-3, 1514)
			g.clock.pass(time.Duration(input[2]) * time.Millisecond)
			frame := append([]byte(nil), input[3:3+n]...)
			input = input[3+n:]
			if n > 0 && n%2 == 0 {
				mend(frame)
			}
			g.card.handler(frame)
			g.use(t)
			if g.card.sent > 1<<16 {
				t.Fatal("no end of answers")
			}
		}
		// Whatever came, the stack goes on.
		c := g.Counters()
		if c.BlocksPeak > c.Blocks || g.card.longest > 1514 {
			t.Fatalf("%d blocks of %d, a frame of %d bytes", c.BlocksPeak, c.Blocks, g.card.longest)
		}
		for range 40 {
			g.clock.pass(10 * time.Second)
		}
		before := g.card.sent
		g.card.handler(frames(g)[9])
		g.card.handler(frames(g)[1])
		g.card.handler(frames(g)[9])
		if g.card.sent == before {
			t.Error("a ping finds no answer any more")
		}
		must(t, g.Stop())
		if c := g.Counters(); c.Sockets != 0 {
			t.Errorf("%d sockets are open", c.Sockets)
		}
		runtime.KeepAlive(g)
	})
}
