package tcp_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/internal/block"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

const ms = time.Millisecond

// A host is an Engine whose peers are scripts, and its time.
type host struct {
	t     *testing.T
	e     *tcp.Engine
	pool  *block.Pool
	now   time.Duration
	peers []*script
	buf   [9216]byte
	long  []byte // where long segments go, of which a script sees the pieces
	longs int    // how many there were
	whole bool   // that a script sees them as they are
}

// newHost returns a host. Where c is silent, it has NewReno, of which tests can tell
// the window, and an ample pool.
func newHost(t *testing.T, c tcp.Config) *host {
	h := &host{t: t, pool: c.Pool, now: time.Hour}
	if h.pool == nil {
		h.pool = block.NewPool(block.Config{BlockSize: 2048, Blocks: 8192})
		c.Pool = h.pool
	}
	if c.Congestion == nil {
		c.Congestion = congestion.NewReno
	}
	c.Rand = rand.New(rand.NewPCG(1, 2)).Uint64
	h.long = make([]byte, 1<<16)
	h.e = tcp.New(c)
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		h.settled()
		h.e.Fail(h.now, errors.New("the test is over"))
		h.pump()
		h.settled()
		if n := h.pool.InUse(); n != 0 {
			t.Errorf("%d blocks have not come back", n)
		}
	})
	return h
}

// A script is one peer of a host, by hand.
type script struct {
	*host
	c             *tcp.Conn
	l             *tcp.Listener
	local, remote netip.AddrPort
	iss, irs      wire.Seq // the host's, once it has sent a SYN, and ours
	tsIn, tsOut   bool     // that a SYN of ours, and of the host's, had timestamps
	tsVal         uint32   // the last that the host has sent
	lastEcho      uint32   // and what it echoed
	lastWindow    uint16
	acked         wire.Seq // the last that the host has acknowledged
	scaled        bool     // that our SYN offered to scale
	shift         uint8    // what its windows are scaled by, if both sides scale
	edge          wire.Seq // the furthest right edge of its window
	sent          []segment
	written       int
	read          int
}

type segment struct {
	at   time.Duration
	h    wire.Header
	data int
}

var (
	hostAddr = netip.MustParseAddr("10.0.0.1")
	peerAddr = netip.MustParseAddr("10.0.0.2")
)

// peer returns a script for a peer at a port, talking to a port of the host's.
func (h *host) peer(hostPort, port uint16) *script {
	s := &script{
		host:   h,
		local:  netip.AddrPortFrom(hostAddr, hostPort),
		remote: netip.AddrPortFrom(peerAddr, port),
		irs:    0xfffff800 + wire.Seq(port&1), // numbers wrap around in most tests
	}
	h.peers = append(h.peers, s)
	return s
}

// server returns a script whose host listens.
func server(t *testing.T, c tcp.Config, o tcp.Options) *script {
	s := newHost(t, c).peer(80, 40000)
	l, err := s.e.Listen(netip.AddrPortFrom(netip.IPv4Unspecified(), 80), 8, o)
	if err != nil || l == nil {
		t.Fatalf("Listen: %v, %v", l, err)
	}
	s.l = l
	return s
}

// client returns a script whose host has dialled.
func client(t *testing.T, c tcp.Config, o tcp.Options) *script {
	s := newHost(t, c).peer(50000, 80)
	s.dial(o)
	return s
}

func (s *script) dial(o tcp.Options) {
	s.t.Helper()
	s.settled()
	c, err := s.e.Dial(s.now, s.local, s.remote, o)
	if err != nil || c == nil {
		s.t.Fatalf("Dial: %v, %v", c, err)
	}
	s.c = c
	s.pump()
}

// plain is a SYN's options of a peer that speaks no extension: MSS 1000, so that
// segments and windows of a trace are round.
const plain = "<mss 1000>"

// established returns a connection that was accepted from a peer whose SYN has these
// options, with a round trip of rtt.
func established(t *testing.T, c tcp.Config, o tcp.Options, options string, rtt time.Duration) *script {
	t.Helper()
	s := server(t, c, o)
	s.handshake(options, rtt)
	return s
}

func (s *script) handshake(options string, rtt time.Duration) {
	s.t.Helper()
	s.in("S 0:0 " + options)
	s.out("S. 0:0 ack 1")
	s.pass(rtt)
	s.in(". 1:1 ack 1")
	s.accept()
	s.state(tcp.StateEstablished)
}

func (s *script) accept() {
	s.t.Helper()
	if s.c = s.l.Accept(s.now); s.c == nil {
		s.t.Fatal("no connection to accept")
	}
	s.pump()
}

// pump takes what the engine has to send.
func (h *host) pump() {
	h.t.Helper()
	for {
		n, mss, p := h.e.OutputLong(h.now, h.buf[:], h.long)
		if n == 0 {
			return
		}
		if h.longs += min(mss, 1); mss > 0 && !h.whole {
			pieces, err := cut(h.long[:n], mss, p)
			if err != nil {
				h.t.Fatalf("sent %x: %v", h.long[:n], err)
			}
			for _, piece := range pieces {
				h.find(p).take(piece)
			}
			continue
		}
		b := h.buf[:]
		if mss > 0 {
			b = h.long
		}
		b = b[:n]
		seg, err := wire.Parse(b)
		if err != nil {
			h.t.Fatalf("sent %x: %v", b, err)
		}
		if !seg.ChecksumOK(p.Local.Addr(), p.Remote.Addr()) {
			h.t.Fatalf("sent a wrong checksum: %x", b)
		}
		if seg.SrcPort() != p.Local.Port() || seg.DstPort() != p.Remote.Port() {
			h.t.Fatalf("sent from %d to %d on %v", seg.SrcPort(), seg.DstPort(), p)
		}
		if s := h.find(p); s != nil {
			s.take(seg)
		} else {
			h.t.Fatalf("sent %x from %v to %v", b, p.Local, p.Remote)
		}
	}
}

func (h *host) find(p *tcp.Path) *script {
	for _, s := range h.peers {
		if s.local == p.Local && s.remote == p.Remote {
			return s
		}
	}
	return nil
}

func (s *script) take(seg wire.Segment) {
	s.t.Helper()
	h, err := seg.Header()
	if err != nil {
		s.t.Fatalf("sent %x: %v", []byte(seg), err)
	}
	ts := h.Options.Has&wire.HasTimestamps != 0
	if h.Flags.Has(wire.SYN) {
		s.iss, s.tsOut = h.Seq, ts
		s.shift = h.Options.WindowScale
	}
	if ts {
		s.tsVal, s.lastEcho = h.Options.TSVal, h.Options.TSEcr
	}
	s.window(&h)
	if !h.Flags.Any(wire.SYN|wire.RST) && ts != (s.tsIn && s.tsOut) {
		s.t.Errorf("timestamps %v in %s", ts, s.text(&segment{h: h, data: len(seg.Payload())}))
	}
	from := h.Seq.Diff(s.iss) - 1
	if want := pattern(from, len(seg.Payload())); !bytes.Equal(seg.Payload(), want) {
		s.t.Errorf("wrong data in %s", s.text(&segment{h: h, data: len(want)}))
	}
	s.sent = append(s.sent, segment{s.now, h, len(seg.Payload())})
}

// window notes an announced window, whose right edge never moves back (RFC 9293
// §3.8.6.2.1) but for what scaling rounds away.
func (s *script) window(h *wire.Header) {
	s.t.Helper()
	if !h.Flags.Has(wire.ACK) || h.Flags.Has(wire.RST) {
		return
	}
	s.lastWindow = h.Window
	shift := s.shift
	if h.Flags.Has(wire.SYN) || !s.scaled {
		shift = 0
	}
	edge := h.Ack.Add(int(h.Window) << shift)
	if s.acked != 0 && edge.Diff(s.edge) <= -(1<<shift) {
		s.t.Errorf("the window shrank by %d in %s", s.edge.Diff(edge), s.text(&segment{h: *h}))
	}
	if s.acked == 0 || s.edge.Less(edge) {
		s.edge = edge
	}
	s.acked = h.Ack
}

// pattern returns the n bytes at offset from of what either side says.
func pattern(from, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		at := from + i
		b[i] = byte(at) ^ byte(at>>8) ^ byte(at>>16)
	}
	return b
}

func (s *script) text(seg *segment) string {
	return format(&seg.h, seg.data, s.iss, s.irs)
}

// settled fails the test if segments were sent that it did not expect.
func (h *host) settled() {
	h.t.Helper()
	h.pump()
	for _, s := range h.peers {
		for i := range s.sent {
			h.t.Errorf("sent %s from %v to %v at %v", s.text(&s.sent[i]), s.local, s.remote, s.sent[i].at-time.Hour)
		}
		if len(s.sent) > 0 {
			h.t.FailNow()
		}
	}
}

// in lets a segment arrive.
func (s *script) in(text string) {
	s.t.Helper()
	s.settled()
	s.e.Input(s.now, s.remote.Addr(), s.local.Addr(), s.emit(text))
	s.pump()
}

// emit returns the bytes of a segment to arrive. One without options has timestamps
// where both SYNs had.
func (s *script) emit(text string) []byte {
	l := parseLine(text)
	h, n := l.header(s.irs, s.iss, s.tsVal)
	h.SrcPort, h.DstPort = s.remote.Port(), s.local.Port()
	if h.Flags.Has(wire.SYN) {
		s.tsIn, s.scaled, s.acked = l.ts != nil, l.wscale != "", 0
	}
	if !l.listed && s.tsIn && s.tsOut && !h.Flags.Has(wire.RST) {
		h.Options.Has |= wire.HasTimestamps
		h.Options.TSVal, h.Options.TSEcr = s.clock(), s.tsVal
	}
	b := make([]byte, h.Len()+n)
	h.Emit(b)
	first := number(l.seq) - 1
	if h.Flags.Has(wire.SYN) {
		first++
	}
	copy(b[h.Len():], pattern(first, n))
	wire.Segment(b).FillChecksum(s.remote.Addr(), s.local.Addr())
	return b
}

// clock is the peer's timestamp clock: milliseconds.
func (s *script) clock() uint32 { return uint32(s.now / ms) }

// out expects these segments to have been sent by now, after those that were
// expected before.
func (s *script) out(texts ...string) {
	s.t.Helper()
	s.pump()
	for _, text := range texts {
		if len(s.sent) == 0 {
			s.t.Fatalf("sent nothing, want %s", text)
		}
		l := parseLine(text)
		if got := s.text(&s.sent[0]); !l.matches(got) {
			s.t.Fatalf("sent %s, want %s", got, text)
		}
		s.sent = s.sent[1:]
	}
}

// after expects that the first segment from now on is sent when d has passed, give or
// take a millisecond, and is the first of these, the others following at once.
func (s *script) after(d time.Duration, texts ...string) {
	s.t.Helper()
	s.settled()
	from, limit := s.now, s.now+d+ms
	for len(s.sent) == 0 {
		if !s.step(limit) {
			s.t.Fatalf("sent nothing for %v, want %s", limit-from, texts[0])
		}
	}
	if got := s.now - from; got < d-ms {
		s.t.Fatalf("sent %s after %v, want it after %v", s.text(&s.sent[0]), got, d)
	}
	s.out(texts...)
}

// step goes to the next deadline before limit and reports whether there is one.
func (h *host) step(limit time.Duration) bool {
	h.t.Helper()
	dl := h.e.Deadline()
	if dl == 0 || dl > limit {
		h.now = limit
		return false
	}
	for i := 0; dl != 0 && dl <= h.now; i++ {
		h.e.Advance(h.now)
		h.pump()
		if dl = h.e.Deadline(); i == 100 {
			h.t.Fatalf("the deadline stays at %v, which has passed", dl)
		}
	}
	if dl != 0 && dl <= limit {
		h.now = dl
		h.e.Advance(dl)
		h.pump()
	}
	return true
}

// pass lets d pass, in which nothing may be sent.
func (h *host) pass(d time.Duration) {
	h.t.Helper()
	h.settled()
	for limit := h.now + d; h.step(limit); {
		h.settled()
	}
}

// write writes n bytes more, which must all be taken.
func (s *script) write(n int) {
	s.t.Helper()
	s.settled()
	if got := s.c.Write(s.now, pattern(s.written, n)); got != n {
		s.t.Fatalf("Write took %d of %d", got, n)
	}
	s.written += n
	s.pump()
}

// reads reads n bytes, which must be there.
func (s *script) reads(n int) {
	s.t.Helper()
	s.settled()
	b := make([]byte, n)
	if got := s.c.Read(s.now, b); got != n || !bytes.Equal(b, pattern(s.read, n)) {
		s.t.Fatalf("Read = %d of %d, or other bytes", got, n)
	}
	s.read += n
	s.pump()
}

// holds expects that n bytes can be read, and no more.
func (s *script) holds(n int) {
	s.t.Helper()
	if got := s.c.Buffered(); got != n {
		s.t.Fatalf("Buffered() = %d, want %d", got, n)
	}
}

func (s *script) closeWrite() { s.t.Helper(); s.settled(); s.c.CloseWrite(s.now); s.pump() }
func (s *script) abort()      { s.t.Helper(); s.settled(); s.c.Abort(s.now); s.c = nil; s.pump() }

// close closes the connection, which is the engine's from then on.
func (s *script) close() { s.t.Helper(); s.settled(); s.c.Close(s.now); s.c = nil; s.pump() }

func (s *script) state(want tcp.State) {
	s.t.Helper()
	if got := s.c.State(); got != want {
		s.t.Fatalf("state %v, want %v", got, want)
	}
}

// ends expects the connection to have ended with err.
func (s *script) ends(err error) {
	s.t.Helper()
	s.state(tcp.StateClosed)
	if got := s.c.Err(); !errors.Is(got, err) {
		s.t.Fatalf("Err() = %v, want %v", got, err)
	}
}

// gone expects that the engine has no connection left, in TIME-WAIT or not.
func (s *script) gone() {
	s.t.Helper()
	if conns, half, tw := s.e.Len(); conns+half+tw != 0 {
		s.t.Fatalf("%d connections, %d half-open, %d in TIME-WAIT", conns, half, tw)
	}
}

// inTimeWait expects that one connection is in TIME-WAIT and none elsewhere.
func (s *script) inTimeWait() {
	s.t.Helper()
	if conns, _, tw := s.e.Len(); conns != 0 || tw != 1 {
		s.t.Fatalf("%d connections and %d in TIME-WAIT, want 1 in TIME-WAIT", conns, tw)
	}
}

// outAny expects the next segment to be one of these, of which "" is none at all.
func (s *script) outAny(texts ...string) {
	s.t.Helper()
	s.pump()
	got := ""
	if len(s.sent) > 0 {
		got = s.text(&s.sent[0])
	}
	for _, text := range texts {
		if text == "" || got == "" {
			if text == got {
				return
			}
			continue
		}
		if l := parseLine(text); l.matches(got) {
			s.sent = s.sent[1:]
			return
		}
	}
	s.t.Fatalf("sent %q, want one of %q", got, texts)
}

// until expects a segment within d, with nothing else before it.
func (s *script) until(d time.Duration, text string) {
	s.t.Helper()
	for limit := s.now + d; len(s.sent) == 0 && s.step(limit); {
	}
	s.out(text)
}

// in2 lets a segment arrive after others that may not have been acknowledged yet, and
// expects that by the last ACK that is sent now everything is.
func (s *script) in2(text, ack string) {
	s.t.Helper()
	s.pump()
	s.sent = nil
	s.in(text)
	if len(s.sent) == 0 {
		s.t.Fatalf("sent nothing, want %s", ack)
	}
	if l, got := parseLine(s.text(&s.sent[len(s.sent)-1])), ack[len("ack "):]; l.ack != got {
		s.t.Fatalf("acknowledged %s, want %s", l.ack, got)
	}
	s.sent = nil
}

// idle lets up to d pass, and reports whether nothing was sent in it.
func (h *host) idle(d time.Duration) bool {
	h.t.Helper()
	for limit := h.now + d; h.step(limit); {
		for _, s := range h.peers {
			if len(s.sent) > 0 {
				return false
			}
		}
	}
	return true
}

func text(format string, a ...any) string { return fmt.Sprintf(format, a...) }

func newBlocks(n int) *block.Pool {
	return block.NewPool(block.Config{BlockSize: 2048, Blocks: n})
}
