package icmp

import (
	"bytes"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/wire/icmpv4"
	"github.com/netdev-go/netdev/wire/ipv4"
)

var (
	us   = netip.MustParseAddr("10.0.2.15")
	them = netip.MustParseAddr("192.0.2.1")
)

// packet is one with a payload of n bytes.
func packet(src, dst netip.Addr, protocol uint8, n int) ipv4.Packet {
	h := ipv4.Header{Src: src, Dst: dst, Protocol: protocol, TTL: 64, TotalLen: ipv4.HeaderLen + n}
	b := make([]byte, h.TotalLen)
	h.Emit(b)
	return b
}

// message is an error about a packet of ours that was n bytes long.
func message(h icmpv4.Header, n int) icmpv4.Message {
	quote := packet(us, them, 6, n-ipv4.HeaderLen)
	quote = quote[:min(len(quote), ipv4.HeaderLen+8)]
	b := make([]byte, h.Len()+len(quote))
	copy(b[h.Emit(b):], quote)
	icmpv4.Message(b).FillChecksum()
	return b
}

// RFC 1122 §4.2.3.9 tells soft from hard for TCP; the errors, and what the RFC does
// not say, are as ip(7) and icmp(7) of Linux have them.
func TestWhatUnreachableMeans(t *testing.T) {
	for code, want := range map[uint8]struct {
		err  error
		hard bool
	}{
		icmpv4.CodeNetUnreachable:      {netdev.ErrNetUnreachable, false},
		icmpv4.CodeHostUnreachable:     {netdev.ErrHostUnreachable, false},
		icmpv4.CodeProtocolUnreachable: {netdev.ErrProtocolNotSupported, true},
		icmpv4.CodePortUnreachable:     {netdev.ErrConnRefused, true},
		icmpv4.CodeFragmentationNeeded: {netdev.ErrMessageTooLong, false},
		icmpv4.CodeSourceRouteFailed:   {netdev.ErrNotSupported, false},
		icmpv4.CodeNetUnknown:          {netdev.ErrNetUnreachable, true},
		icmpv4.CodeHostUnknown:         {netdev.ErrHostUnreachable, true},
		icmpv4.CodeSourceIsolated:      {netdev.ErrHostUnreachable, true},
		icmpv4.CodeNetProhibited:       {netdev.ErrNetUnreachable, true},
		icmpv4.CodeHostProhibited:      {netdev.ErrHostUnreachable, true},
		icmpv4.CodeNetTOS:              {netdev.ErrNetUnreachable, false},
		icmpv4.CodeHostTOS:             {netdev.ErrHostUnreachable, false},
		icmpv4.CodeAdminProhibited:     {netdev.ErrHostUnreachable, true},
		icmpv4.CodePrecedenceViolation: {netdev.ErrHostUnreachable, true},
		icmpv4.CodePrecedenceCutoff:    {netdev.ErrHostUnreachable, true},
		16:                             {netdev.ErrHostUnreachable, false},
	} {
		f, ok := Decode(message(icmpv4.Unreachable(code), 60))
		if !ok || f.Err != want.err || f.Hard != want.hard || (f.MTU != 0) != (code == icmpv4.CodeFragmentationNeeded) {
			t.Errorf("code %d: %v, %+v, want %v, hard %v", code, ok, f, want.err, want.hard)
		}
		if f.Quote.Src() != us || f.Quote.Dst() != them || len(f.Quote.Payload()) != 8 {
			t.Errorf("code %d quotes %x", code, f.Quote)
		}
	}
}

func TestOtherErrorsAreSoft(t *testing.T) {
	for _, h := range []icmpv4.Header{
		icmpv4.TimeExceeded(icmpv4.CodeTTLExceeded), icmpv4.TimeExceeded(icmpv4.CodeReassemblyExceeded), icmpv4.ParameterProblem(8),
	} {
		if f, ok := Decode(message(h, 60)); !ok || f.Hard || f.Err == nil || f.MTU != 0 {
			t.Errorf("%+v: %v, %+v", h, ok, f)
		}
	}
}

func TestWhatIsNotHeeded(t *testing.T) {
	for _, h := range []icmpv4.Header{
		icmpv4.Echo(1, 2), icmpv4.EchoReply(1, 2), icmpv4.Redirect(icmpv4.CodeRedirectHost, us), {Type: icmpv4.TypeSourceQuench}, {Type: 200},
	} {
		if _, ok := Decode(message(h, 60)); ok {
			t.Errorf("%+v is heeded", h)
		}
	}
	whole := message(icmpv4.Unreachable(1), 60)
	for n := icmpv4.HeaderLen; n < len(whole); n++ {
		if _, ok := Decode(whole[:n]); ok {
			t.Errorf("one that quotes %d bytes is heeded", n-icmpv4.HeaderLen)
		}
	}
	if _, ok := Decode(whole); !ok {
		t.Error("the whole is not")
	}
}

// RFC 1191 §4 and §5.
func TestMTUOfFragmentationNeeded(t *testing.T) {
	for _, c := range []struct{ told, sent, want int }{
		{1400, 1500, 1400},
		{0, 1500, 1492}, // an old router does not say
		{0, 1492, 1006},
		{0, 508, 296},
		{0, 296, ipv4.MinMTU},
		{20, 1500, ipv4.MinMTU},
		{68, 1500, 68},
	} {
		if f, ok := Decode(message(icmpv4.FragmentationNeeded(c.told), c.sent)); !ok || f.MTU != c.want {
			t.Errorf("told %d of a packet of %d: %d, want %d", c.told, c.sent, f.MTU, c.want)
		}
	}
}

func TestPlateausDescendToTheLeast(t *testing.T) {
	var got []int
	for n := math.MaxInt; n > ipv4.MinMTU; n = Plateau(n) {
		got = append(got, n)
	}
	if len(got) != 11 || Plateau(1) != ipv4.MinMTU {
		t.Errorf("%v", got)
	}
}

func TestDecodeAllocatesNothing(t *testing.T) {
	m := message(icmpv4.Unreachable(3), 60)
	p := NewPathMTU(16, func() uint64 { return 1 })
	now := time.Second
	if n := testing.AllocsPerRun(100, func() {
		if f, ok := Decode(m); !ok || !f.Hard {
			t.Fatal("not decoded")
		}
		now += time.Hour
		p.Reduce(now, them, 1000, 1500)
		if mtu, _ := p.Lookup(now, them, 1500); mtu != 1000 {
			t.Fatal("not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(message(icmpv4.Unreachable(3), 60)))
	f.Add([]byte(message(icmpv4.FragmentationNeeded(0), 1500)))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := icmpv4.Parse(b)
		if err != nil {
			return
		}
		before := bytes.Clone(b)
		fault, ok := Decode(m)
		if !bytes.Equal(b, before) {
			t.Error("the message has changed")
		}
		if ok && (fault.Err == nil || len(fault.Quote.Payload()) < 8 || fault.MTU != 0 && fault.MTU < ipv4.MinMTU) {
			t.Errorf("%+v", fault)
		}
		if p, err := ipv4.Parse(b); err == nil {
			if Answerable(p, netip.PrefixFrom(us, 24), false) && (QuoteLen(p) > len(p) || p.FragmentOffset() > 0) {
				t.Errorf("answerable: %+v", p.Header())
			}
		}
	})
}
