package igmp

import (
	"fmt"
	"math/rand"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/wire/igmp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

const start = time.Hour

var (
	groupA = netip.MustParseAddr("239.1.2.3")
	groupB = netip.MustParseAddr("239.4.5.6")
	router = netip.MustParseAddr("10.0.2.1")
	local  = netip.MustParseAddr("10.0.2.15")
)

type emitter interface {
	Len() int
	Emit([]byte) int
}

// packet is an IGMP packet as a router, or another member, sends it.
func packet(dst netip.Addr, m emitter) ipv4.Packet {
	h := ipv4.Header{Src: router, Dst: dst, TTL: 1, Protocol: igmp.Protocol, Options: ipv4.RouterAlert[:]}
	h.TotalLen = h.Len() + m.Len()
	b := make([]byte, h.TotalLen)
	m.Emit(b[h.Emit(b):])
	return b
}

func generalV3(tenths int) ipv4.Packet {
	return packet(allSystems, &igmp.Query{MaxRespTime: tenths, Robustness: 2, Interval: 125})
}

func groupV3(g netip.Addr, tenths int, sources ...netip.Addr) ipv4.Packet {
	return packet(g, &igmp.Query{MaxRespTime: tenths, Group: g, Robustness: 2, Interval: 125, Sources: sources})
}

func queryV2(g netip.Addr, tenths uint8) ipv4.Packet {
	dst := g
	if !g.IsValid() {
		dst = allSystems
	}
	return packet(dst, &igmp.Header{Type: igmp.TypeQuery, MaxRespTime: tenths, Group: g})
}

func queryV1() ipv4.Packet { return queryV2(netip.Addr{}, 0) }

// A probe is a Host and its clock.
type probe struct {
	*Host
	t   *testing.T
	now time.Duration
}

func host(t *testing.T, c Config) *probe {
	c.Rand = rand.New(rand.NewSource(1)).Uint64
	return &probe{New(c), t, start}
}

func names(t igmp.RecordType) string {
	return [...]string{"?", "IS_IN", "IS_EX", "TO_IN", "TO_EX", "ALLOW", "BLOCK"}[t]
}

// sent returns what the host sends now, each message in a word or a few.
func (p *probe) sent() []string {
	p.t.Helper()
	var all []string
	for {
		b := []byte(strings.Repeat("\xa5", 1476))
		n, dst := p.Output(p.now, b)
		if n == 0 {
			return all
		}
		m, err := igmp.Parse(b[:n])
		if err != nil || !m.ChecksumOK() {
			p.t.Fatalf("%x: %v", b[:n], err)
		}
		var s string
		switch m.Type() {
		case igmp.TypeV3Report:
			for r := m.Records(); r.Next(); {
				s += fmt.Sprintf("%s(%v) ", names(r.Record().Type()), r.Record().Group())
			}
			s = strings.TrimSpace(s)
			if dst != v3Routers {
				p.t.Errorf("a report of version 3 goes to %v", dst)
			}
		case igmp.TypeV2Report, igmp.TypeV1Report:
			s = fmt.Sprintf("report%d(%v)", m.Version(), m.Group())
			if dst != m.Group() {
				p.t.Errorf("%s goes to %v", s, dst)
			}
		case igmp.TypeLeave:
			s = fmt.Sprintf("leave(%v)", m.Group())
			if dst != allRouters {
				p.t.Errorf("%s goes to %v", s, dst)
			}
		default:
			s = fmt.Sprintf("%#x", m.Type())
		}
		all = append(all, s)
	}
}

func (p *probe) expect(want ...string) {
	p.t.Helper()
	if got := p.sent(); !slices.Equal(got, want) {
		p.t.Errorf("after %v: %q, want %q", p.now-start, got, want)
	}
}

// within goes on to the deadline, which is to be between least and most from now.
func (p *probe) within(least, most time.Duration) {
	p.t.Helper()
	d := p.Deadline()
	if d < p.now+least || d > p.now+most {
		p.t.Fatalf("after %v the next deadline is %v on, want %v to %v", p.now-start, d-p.now, least, most)
	}
	p.now = d
}

func (p *probe) quiet() {
	p.t.Helper()
	p.expect()
	if d := p.Deadline(); d != 0 {
		p.t.Errorf("after %v a deadline %v on", p.now-start, d-p.now)
	}
	p.now += 20 * time.Second
	p.expect()
	p.now -= 20 * time.Second
}

// settle joins groups and lets all be told.
func (p *probe) settle(groups ...netip.Addr) {
	p.t.Helper()
	for _, g := range groups {
		if !p.Join(p.now, g) {
			p.t.Fatalf("%v cannot be joined", g)
		}
	}
	for p.sent(); p.Deadline() != 0; p.sent() {
		p.now = p.Deadline()
	}
}

// RFC 3376 §5.1: at once, and again Robustness - 1 times within a second each.
func TestAJoinIsToldTwice(t *testing.T) {
	p := host(t, Config{})
	if !p.Join(p.now, groupA) || !p.Member(groupA) || p.Member(groupB) {
		t.Error("not a member, or of too much")
	}
	p.expect("TO_EX(239.1.2.3)")
	p.within(0, time.Second)
	p.expect("TO_EX(239.1.2.3)")
	p.quiet()
	if !p.Join(p.now, groupA) {
		t.Error("joined again, it is refused")
	}
	p.quiet()
}

func TestALeaveIsToldTwiceAndForgotten(t *testing.T) {
	p := host(t, Config{Groups: 1})
	p.settle(groupA)
	p.Leave(p.now, groupA)
	if p.Member(groupA) {
		t.Error("still a member")
	}
	p.expect("TO_IN(239.1.2.3)")
	p.Leave(p.now, groupA) // is no news
	p.expect()
	p.within(0, time.Second)
	p.expect("TO_IN(239.1.2.3)")
	p.quiet()
	if len(p.groups) != 0 {
		t.Error("it is held on to")
	}
	p.Leave(p.now, groupA)
	p.Leave(p.now, groupB)
	p.quiet()
	p.settle(groupB)
}

func TestAChangeOfMindIsTold(t *testing.T) {
	p := host(t, Config{})
	p.Join(p.now, groupA)
	p.Join(p.now, groupB)
	p.expect("TO_EX(239.4.5.6) TO_EX(239.1.2.3)")
	p.Leave(p.now, groupA)
	p.expect("TO_IN(239.1.2.3)")
	p.Join(p.now, groupA)
	p.expect("TO_EX(239.1.2.3)")
	var later []string
	for p.Deadline() != 0 {
		p.now = p.Deadline()
		later = append(later, p.sent()...)
	}
	slices.Sort(later)
	if want := []string{"TO_EX(239.1.2.3)", "TO_EX(239.4.5.6)"}; !slices.Equal(later, want) {
		t.Errorf("later %q, want %q", later, want)
	}
}

func TestAllSystemsIsNeverTold(t *testing.T) {
	p := host(t, Config{})
	if !p.Member(allSystems) || !p.Join(p.now, allSystems) {
		t.Error("not a member of 224.0.0.1")
	}
	p.Leave(p.now, allSystems)
	if !p.Member(allSystems) {
		t.Error("left 224.0.0.1")
	}
	p.Input(p.now, generalV3(100))
	p.now += 10 * time.Second
	p.quiet()
}

func TestOnlyGroupsOfIPv4CanBeJoined(t *testing.T) {
	p := host(t, Config{Groups: 2})
	for _, a := range []netip.Addr{local, {}, netip.MustParseAddr("ff02::1"), netip.MustParseAddr("::ffff:239.1.2.3")} {
		if p.Join(p.now, a) || p.Member(a) {
			t.Errorf("%v was joined", a)
		}
	}
	p.settle(groupA, groupB)
	if third := groupB.Next(); p.Join(p.now, third) || p.Member(third) {
		t.Error("three groups where there is room for two")
	}
	p.Leave(p.now, groupA)
	p.settle(groupB.Next()) // in the place of the one that was left
	if p.Member(groupA) || !p.Member(groupB) {
		t.Error("the wrong one made room")
	}
}

// RFC 3376 §5.2.
func TestAGeneralQueryIsAnsweredForAllGroupsInOneReport(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA, groupB)
	p.Input(p.now, generalV3(100))
	p.expect()
	p.within(0, 10*time.Second)
	p.expect("IS_EX(239.1.2.3) IS_EX(239.4.5.6)")
	p.quiet()
	if p.Counters.Queries != 1 {
		t.Errorf("%+v", p.Counters)
	}
}

func TestAnAnswerTakesAsManyReportsAsTheLinkNeeds(t *testing.T) {
	p := host(t, Config{Groups: 10, MTU: 24 + 8 + 3*8})
	g := netip.MustParseAddr("239.0.0.0")
	for range 7 {
		p.settle(g)
		g = g.Next()
	}
	p.Input(p.now, generalV3(0))
	got := p.sent()
	if len(got) != 3 || strings.Count(got[0], "IS_EX") != 3 || strings.Count(got[1], "IS_EX") != 3 || strings.Count(got[2], "IS_EX") != 1 {
		t.Errorf("%q", got)
	}
	for i, g := 0, netip.MustParseAddr("239.0.0.0"); i < 7; i, g = i+1, g.Next() {
		if strings.Count(strings.Join(got, " "), "("+g.String()+")") != 1 {
			t.Errorf("%v is not told once: %q", g, got)
		}
	}
	p.quiet()
	for i, g := 0, netip.MustParseAddr("239.0.0.0"); i < 7; i, g = i+1, g.Next() {
		p.Leave(p.now, g)
	}
	if got := p.sent(); len(got) != 3 {
		t.Errorf("leaving: %q", got)
	}
}

func TestAQueryForAGroupIsAnsweredForIt(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA, groupB)
	p.Input(p.now, groupV3(groupB, 10))
	p.expect()
	p.within(0, time.Second)
	p.expect("IS_EX(239.4.5.6)")
	p.quiet()
	p.Input(p.now, groupV3(groupA, 10, router))
	p.within(0, time.Second)
	p.expect("IS_EX(239.1.2.3)")
	p.Input(p.now, groupV3(groupB.Next(), 10))
	p.quiet()
	p.Leave(p.now, groupA)
	p.settle()
	p.Input(p.now, groupV3(groupA, 10))
	p.quiet()
}

// RFC 3376 §5.2 rule 1: what is to be told soon anyway is not told twice.
func TestASoonerAnswerIsEnough(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA)
	p.Input(p.now, generalV3(10))
	first := p.Deadline()
	for range 50 {
		p.Input(p.now, generalV3(1000))
		p.Input(p.now, groupV3(groupA, 1000))
	}
	if p.Deadline() > first {
		t.Errorf("put off from %v to %v", first, p.Deadline())
	}
	p.now = first
	p.expect("IS_EX(239.1.2.3)")
	for p.Deadline() != 0 {
		p.now = p.Deadline()
		p.sent()
	}
	if p.Counters.Reports > 5 {
		t.Errorf("%+v", p.Counters)
	}
}

// RFC 3376 §5.2 rules 2 to 5: of two answers to one question the earlier is given.
func TestALaterAnswerIsBroughtForward(t *testing.T) {
	for name, c := range map[string]struct{ first, second ipv4.Packet }{
		"general": {generalV3(10000), generalV3(0)},
		"group":   {groupV3(groupA, 10000), groupV3(groupA, 0)},
		"both":    {groupV3(groupA, 10000), generalV3(0)},
	} {
		p := host(t, Config{})
		p.settle(groupA)
		p.Input(p.now, c.first)
		p.within(time.Second, 1000*time.Second)
		p.now -= time.Second
		p.Input(p.now, c.second)
		p.expect("IS_EX(239.1.2.3)")
		if p.quiet(); t.Failed() {
			t.Fatal(name)
		}
	}
	p := host(t, Config{})
	p.settle(groupA)
	p.Input(p.now, groupV3(groupA, 10))
	first := p.Deadline()
	for range 50 {
		if p.Input(p.now, groupV3(groupA, 1000)); p.Deadline() > first {
			t.Fatalf("put off from %v to %v", first, p.Deadline())
		}
		first = p.Deadline()
	}
}

func TestAGroupThatIsBeingLeftIsNoAnswer(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA, groupB)
	p.Leave(p.now, groupA)
	p.expect("TO_IN(239.1.2.3)")
	p.Input(p.now, groupV3(groupA, 0))
	p.expect()
	p.Input(p.now, generalV3(0))
	p.expect("IS_EX(239.4.5.6)")
}

func TestAnswersAreSpread(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA)
	var early, late int
	for range 200 {
		p.Input(p.now, generalV3(100))
		if p.Deadline()-p.now < 5*time.Second {
			early++
		} else {
			late++
		}
		p.now = p.Deadline()
		p.expect("IS_EX(239.1.2.3)")
	}
	if early < 60 || late < 60 {
		t.Errorf("%d in the first half, %d in the second", early, late)
	}
}

// RFC 3376 §4.1.6: the querier's robustness is ours, until it says none.
func TestTheQuerierSaysHowOftenAChangeIsTold(t *testing.T) {
	for qrv, want := range map[uint8]int{0: 2, 1: 1, 7: 7} {
		p := host(t, Config{})
		p.Input(p.now, packet(allSystems, &igmp.Query{MaxRespTime: 1, Robustness: qrv, Interval: 60}))
		n := 0
		p.Join(p.now, groupA)
		for ; ; p.now = p.Deadline() {
			for _, s := range p.sent() {
				n += strings.Count(s, "TO_EX")
			}
			if p.Deadline() == 0 {
				break
			}
		}
		if n != want {
			t.Errorf("robustness %d: told %d times, want %d", qrv, n, want)
		}
	}
}

func TestAfterRestartAllIsToldAgain(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA, groupB)
	p.Input(p.now, packet(allSystems, &igmp.Query{MaxRespTime: 10, Robustness: 1, Interval: 1}))
	p.Input(p.now, queryV2(netip.Addr{}, 100))
	p.Restart(p.now)
	p.expect("TO_EX(239.4.5.6) TO_EX(239.1.2.3)")
	p.within(0, time.Second) // again, as its robustness does not count either
	if p.Version(p.now) != 3 {
		t.Error("the old link's querier counts")
	}
}

// RFC 3376 §9.1, and §4 on the TTL.
func TestWhatIsNoQueryIsIgnored(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA)
	change := func(q ipv4.Packet, f func(b []byte)) ipv4.Packet { f(q); return q }
	plain := func(q ipv4.Packet) ipv4.Packet { return change(q, func(b []byte) { b[20], b[21] = 1, 1 }) }
	ignored := p.Counters.Ignored
	for name, q := range map[string]ipv4.Packet{
		"TTL 2":                    change(generalV3(0), func(b []byte) { b[8] = 2 }),
		"wrong checksum":           change(generalV3(0), func(b []byte) { b[27]++ }),
		"version 3 without alert":  plain(generalV3(0)),
		"version 2 without alert":  plain(queryV2(netip.Addr{}, 1)),
		"for a single host":        groupV3(local, 0),
		"version 1 for a group":    queryV2(groupA, 0),
		"cut short":                generalV3(0)[:30:30],
		"between the two versions": packet(allSystems, short(10)),
	} {
		p.Input(p.now, q)
		p.quiet()
		if ignored++; p.Counters.Ignored != ignored {
			t.Errorf("%s: %+v", name, p.Counters)
		}
	}
	p.Input(p.now, plain(queryV1())) // version 1 had no alert
	if p.Version(p.now) != 1 {
		t.Error("a query of version 1 is ignored")
	}
}

// short is a query of a length that is no version's.
type short int

func (s short) Len() int { return int(s) }
func (s short) Emit(b []byte) int {
	clear(b)
	b[0], b[2] = byte(igmp.TypeQuery), 0xee
	b[3] = 0xff
	return int(s)
}

func TestOutputAllocatesNothing(t *testing.T) {
	h := New(Config{Rand: rand.New(rand.NewSource(1)).Uint64})
	b := make([]byte, 1476)
	now, q := start, generalV3(1)
	if n := testing.AllocsPerRun(100, func() {
		h.Join(now, groupA)
		h.Input(now, q)
		now += 10 * time.Second
		for {
			if n, _ := h.Output(now, b); n == 0 {
				break
			}
		}
		h.Leave(now, groupA)
		h.Output(now, b)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if h.Counters.Reports < 200 {
		t.Errorf("%+v", h.Counters)
	}
}
