package igmp

import (
	"math/rand"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev/wire/igmp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// older returns a host that knows of a querier of version 1 or 2.
func older(t *testing.T, version int) *probe {
	p := host(t, Config{})
	if version == 1 {
		p.Input(p.now, queryV1())
	} else {
		p.Input(p.now, queryV2(netip.Addr{}, 100))
	}
	if got := p.Version(p.now); got != version {
		t.Fatalf("version %d, want %d", got, version)
	}
	return p
}

func reportOf(t igmp.Type, g netip.Addr) ipv4.Packet {
	return packet(g, &igmp.Header{Type: t, Group: g})
}

// RFC 2236 §3.
func TestAJoinOfVersion2IsReportedTwice(t *testing.T) {
	p := older(t, 2)
	p.Join(p.now, groupA)
	p.expect("report2(239.1.2.3)")
	p.within(0, 10*time.Second)
	p.expect("report2(239.1.2.3)")
	p.quiet()
	if p.Counters.Reports != 2 {
		t.Errorf("%+v", p.Counters)
	}
}

func TestALeaveOfVersion2IsTheLastReportersToTell(t *testing.T) {
	p := older(t, 2)
	p.settle(groupA, groupB)
	p.Input(p.now, reportOf(igmp.TypeV2Report, groupB))
	p.Leave(p.now, groupA)
	p.Leave(p.now, groupB) // somebody else is in it
	p.expect("leave(239.1.2.3)")
	p.quiet()
	if p.Counters.Leaves != 1 {
		t.Errorf("%+v", p.Counters)
	}
}

func TestAQueryOfVersion2IsAnsweredForEachGroup(t *testing.T) {
	p := older(t, 2)
	p.settle(groupA, groupB)
	p.Input(p.now, queryV2(netip.Addr{}, 50))
	p.within(0, 5*time.Second)
	first := p.sent()
	p.within(0, 5*time.Second)
	if second := p.sent(); len(first) != 1 || len(second) != 1 || first[0] == second[0] {
		t.Errorf("%q and %q", first, second)
	}
	p.quiet()
	p.Input(p.now, queryV2(groupB, 10))
	p.within(0, time.Second)
	p.expect("report2(239.4.5.6)")
	p.quiet()
}

// RFC 2236 §3: a running timer is set anew only if it would end after the maximum
// of the new query.
func TestAShorterQueryOfVersion2BringsTheAnswerForward(t *testing.T) {
	p := older(t, 2)
	p.settle(groupA)
	for range 50 {
		p.Input(p.now, queryV2(groupA, 255))
		at := p.Deadline()
		p.Input(p.now, queryV2(groupA, 254))
		if d := p.Deadline(); at <= p.now+25400*time.Millisecond && d != at {
			t.Fatalf("moved from %v to %v", at-p.now, d-p.now)
		}
		p.Input(p.now, queryV2(groupA, 1))
		p.within(0, time.Second/10)
		p.expect("report2(239.1.2.3)")
		p.quiet()
	}
}

func TestAnotherMembersReportIsEnoughForOlderQueriers(t *testing.T) {
	for _, typ := range []igmp.Type{igmp.TypeV1Report, igmp.TypeV2Report} {
		p := older(t, 2)
		p.settle(groupA, groupB)
		p.Input(p.now, reportOf(typ, groupA)) // when nobody asked
		p.Input(p.now, reportOf(typ, groupA.Next()))
		p.Input(p.now, queryV2(netip.Addr{}, 50))
		p.Input(p.now, reportOf(typ, groupA))
		p.within(0, 5*time.Second)
		p.expect("report2(239.4.5.6)")
		p.quiet()
		if p.Counters.Suppressed != 1 {
			t.Errorf("%+v", p.Counters)
		}
		p.Leave(p.now, groupA) // ours was not the last report
		p.quiet()
	}
	// Also the second telling of a join.
	p := older(t, 2)
	p.Join(p.now, groupA)
	p.expect("report2(239.1.2.3)")
	p.Input(p.now, reportOf(igmp.TypeV2Report, groupA))
	p.quiet()
}

// RFC 3376 §5: there is no suppression in version 3.
func TestAnotherMembersReportIsNotEnoughForVersion3(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA)
	p.Input(p.now, groupV3(groupA, 10))
	p.Input(p.now, reportOf(igmp.TypeV2Report, groupA))
	p.within(0, time.Second)
	p.expect("IS_EX(239.1.2.3)")
}

func TestAQuerierOfVersion1GetsReportsAndNoLeaves(t *testing.T) {
	p := older(t, 1)
	p.settle(groupA)
	p.Input(p.now, queryV1())
	p.within(0, 10*time.Second)
	p.expect("report1(239.1.2.3)")
	p.Leave(p.now, groupA)
	p.quiet()
	if p.Member(groupA) {
		t.Error("still a member")
	}
}

// RFC 3376 §8.12: (Robustness Variable × Query Interval) + Query Response Interval.
func TestAnOlderQuerierIsGoneAfterItsTimeout(t *testing.T) {
	for version := 1; version <= 2; version++ {
		p := older(t, version)
		p.settle(groupA)
		if p.now = start + 2*125*time.Second + 10*time.Second - 1; p.Version(p.now) != version {
			t.Errorf("version %d too early", p.Version(p.now))
		}
		if p.now++; p.Version(p.now) != 3 {
			t.Errorf("still version %d", p.Version(p.now))
		}
		p.Input(p.now, generalV3(10))
		p.within(0, time.Second)
		p.expect("IS_EX(239.1.2.3)")
	}
}

func TestTheQuerysIntervalMakesTheTimeout(t *testing.T) {
	p := host(t, Config{})
	p.Input(p.now, packet(allSystems, &igmp.Query{MaxRespTime: 10, Robustness: 3, Interval: 20}))
	p.Input(p.now, queryV2(netip.Addr{}, 50))
	if p.now += 65*time.Second - 1; p.Version(p.now) != 2 {
		t.Error("too early")
	}
	if p.now++; p.Version(p.now) != 3 {
		t.Error("too late")
	}
}

func TestWithoutAnIntervalItIsTheDefault(t *testing.T) {
	p := host(t, Config{})
	p.Input(p.now, packet(allSystems, &igmp.Query{MaxRespTime: 10, Robustness: 2, Interval: 0}))
	p.Input(p.now, queryV2(netip.Addr{}, 100))
	if p.now += 260*time.Second - 1; p.Version(p.now) != 2 {
		t.Error("too early")
	}
}

func TestWhatIsToldAfterTheTimeoutIsVersion3(t *testing.T) {
	p := older(t, 2)
	p.settle(groupA)
	p.now = start + time.Hour
	p.Join(p.now, groupB)
	p.expect("TO_EX(239.4.5.6)")
	p = older(t, 2)
	p.settle(groupA)
	p.now = start + time.Hour
	p.Leave(p.now, groupA)
	p.expect("TO_IN(239.1.2.3)")
}

// The report of another member comes too late to keep the leave from being told.
func TestAReportOfAGroupThatWasLeftChangesNothing(t *testing.T) {
	p := older(t, 2)
	p.settle(groupA)
	p.Leave(p.now, groupA)
	p.Input(p.now, reportOf(igmp.TypeV2Report, groupA))
	p.expect("leave(239.1.2.3)")
}

// RFC 3376 §7.2.1: version 1 goes before version 2, and that before version 3.
func TestTheOldestQuerierCounts(t *testing.T) {
	p := older(t, 1)
	p.settle(groupA)
	p.now = start + 100*time.Second
	p.Input(p.now, queryV2(netip.Addr{}, 100))
	p.Input(p.now, generalV3(100))
	if p.Version(p.now) != 1 {
		t.Errorf("version %d", p.Version(p.now))
	}
	p.within(0, 10*time.Second)
	p.expect("report1(239.1.2.3)")
	if p.now = start + 261*time.Second; p.Version(p.now) != 2 {
		t.Errorf("then version %d", p.Version(p.now))
	}
}

func TestAQueryOfVersion2ForAGroupChangesNoVersion(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA)
	p.Input(p.now, queryV2(groupA, 10))
	if p.Version(p.now) != 3 {
		t.Error("it did")
	}
	p.within(0, time.Second)
	p.expect("IS_EX(239.1.2.3)")
}

// RFC 3376 §7.2.1: a change of version ends what was to be sent.
func TestAChangeOfVersionEndsWhatWasToBeSent(t *testing.T) {
	p := host(t, Config{})
	p.settle(groupA)
	p.Leave(p.now, groupA)
	p.Join(p.now, groupB)
	p.Input(p.now, generalV3(100))
	p.Input(p.now, queryV2(netip.Addr{}, 100))
	p.within(0, 10*time.Second)
	p.expect("report2(239.4.5.6)") // the answer to the last query
	p.quiet()
	if len(p.groups) != 1 {
		t.Errorf("%d groups are held", len(p.groups))
	}
}

// Whatever comes in: nothing breaks, the bounds hold, and what was joined is.
func FuzzHost(f *testing.F) {
	f.Add([]byte(generalV3(10)), int64(1))
	f.Add([]byte(queryV2(groupA, 10)), int64(2))
	f.Add([]byte(queryV1()), int64(3))
	f.Fuzz(func(t *testing.T, b []byte, seed int64) {
		rnd := rand.New(rand.NewSource(seed))
		h := New(Config{Groups: 3, Rand: rnd.Uint64})
		now, out := start, make([]byte, 100)
		member := map[netip.Addr]bool{}
		for range 50 {
			now += time.Duration(rnd.Int63n(int64(20 * time.Second)))
			g := netip.AddrFrom4([4]byte{239, 0, 0, byte(rnd.Intn(5))})
			switch rnd.Intn(4) {
			case 0:
				if h.Join(now, g) {
					member[g] = true
				}
			case 1:
				h.Leave(now, g)
				delete(member, g)
			case 2:
				if p, err := ipv4.Parse(b); err == nil {
					h.Input(now, p)
				}
			case 3:
				h.Input(now, []ipv4.Packet{generalV3(20), queryV2(netip.Addr{}, 20), queryV1(), groupV3(g, 5)}[rnd.Intn(4)])
			}
			for i := 0; ; i++ {
				n, dst := h.Output(now, out)
				if n == 0 {
					break
				}
				if m, err := igmp.Parse(out[:n]); err != nil || !m.ChecksumOK() || !dst.IsMulticast() || i > 20 {
					t.Fatalf("message %d: %x to %v, %v", i, out[:n], dst, err)
				}
			}
			if d := h.Deadline(); d != 0 && d <= now {
				t.Fatalf("a deadline of %v, and nothing to send at %v", d, now)
			}
			if len(h.groups) > 3 || len(member) > 3 {
				t.Fatalf("%d groups", len(h.groups))
			}
			for g := range member {
				if !h.Member(g) {
					t.Fatalf("%v was joined", g)
				}
			}
		}
	})
}
