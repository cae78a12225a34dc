package flight

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A model is RFC 8985 byte by byte, slowly.
type model struct {
	una   wire.Seq
	bytes []octet // from una on

	rtt, xmit  time.Duration
	end, fack  wire.Seq
	reordered  bool
	mult       int
	persist    int
	round      wire.Seq
	inRound    bool
	recovering bool
	point      wire.Seq
	delivered  int
}

type octet struct {
	sent                 time.Duration
	resent, sacked, lost bool
}

func (m *model) nxt() wire.Seq { return m.una.Add(len(m.bytes)) }

func (m *model) count(what func(o octet) bool) (n int) {
	for _, o := range m.bytes {
		if what(o) {
			n++
		}
	}
	return n
}

func (m *model) lose(i int) {
	m.bytes[i].lost = true
	if !m.recovering {
		m.recovering, m.point = true, m.nxt()
	}
}

// right is where the segment of byte i ends.
func (m *model) right(i int) wire.Seq {
	o := m.bytes[i]
	for i < len(m.bytes) && m.bytes[i] == o {
		i++
	}
	return m.una.Add(i)
}

// after is RACK_sent_after for the segment of byte i.
func (m *model) after(i int) bool {
	o := m.bytes[i]
	return m.xmit > o.sent || m.xmit == o.sent && m.right(i).Less(m.end)
}

func (m *model) ack(now time.Duration, ack wire.Seq, sacks []wire.SACKBlock, o Options, dsack, spurious bool) {
	if len(m.bytes) == 0 {
		m.fack = m.una
	}
	var newest octet
	var newestSeq wire.Seq
	fack := m.fack
	arrive := func(i int, until wire.Seq, inSequence bool) {
		b, seq, right := m.bytes[i], m.una.Add(i), m.right(i)
		if until.Less(right) {
			right = until
		}
		if m.fack.Less(seq + 1) {
			m.fack = seq + 1
		}
		m.delivered++
		if b.resent {
			if inSequence && o.Echo > 0 && o.Echo <= b.sent || now-b.sent < o.MinRTT {
				return
			}
		} else if right.Less(fack) {
			m.reordered = true
		}
		if newest.sent < b.sent || newest.sent == b.sent && newestSeq.Less(seq) {
			newest, newestSeq = b, seq
		}
	}
	if ack.Diff(m.una) > 0 {
		n := ack.Diff(m.una)
		for i := range n {
			if !m.bytes[i].sacked {
				arrive(i, ack, true)
			}
		}
		m.bytes = m.bytes[n:]
		m.una = ack
	}
	for _, s := range sacks {
		for seq := s.Left; seq != s.Right; seq++ {
			if i := seq.Diff(m.una); i >= 0 && !m.bytes[i].sacked {
				arrive(i, s.Right, false)
				m.bytes[i].sacked, m.bytes[i].lost = true, false
			}
		}
	}
	if newest.sent > 0 {
		m.rtt = now - newest.sent
		if newest.sent > m.xmit || newest.sent == m.xmit && m.end.Less(newestSeq+1) {
			m.xmit, m.end = newest.sent, newestSeq+1
		}
	}
	recovered := m.recovering && (spurious || m.point.LessEq(m.una))
	if recovered {
		m.recovering = false
	}
	if spurious {
		for i := range m.bytes {
			if b := &m.bytes[i]; !b.resent {
				b.lost = false
			}
		}
	}
	if m.inRound && m.round.LessEq(m.una) {
		m.inRound = false
	}
	if dsack && !m.inRound {
		m.inRound, m.round, m.mult, m.persist = true, m.nxt(), m.mult+1, 16
	} else if recovered {
		if m.persist--; m.persist <= 0 {
			m.mult = 1
		}
	}
}

func (m *model) detect(now, srtt, minRTT time.Duration, segs int) (wait bool) {
	window := min(time.Duration(m.mult)*minRTT/4, srtt)
	if !m.reordered && (m.recovering || segs >= 3) {
		window = 0
	}
	for i, o := range m.bytes {
		if o.sacked || o.lost || !m.after(i) {
			continue
		}
		patience := m.rtt + window
		if o.resent && o.sent == m.xmit {
			patience = max(patience, tiePatience)
		}
		if o.sent+patience <= now {
			m.lose(i)
		} else {
			wait = true
		}
	}
	return wait
}

// TestFlightAgreesWithAModel lets any calls in any order come to a Flight and to
// the model.
func TestFlightAgreesWithAModel(t *testing.T) {
	const srtt, minRTT = 40 * ms, 10 * ms
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		start := wire.Seq(rnd.Uint32())
		if seed%3 == 0 {
			start = wire.Seq(1<<32 - 500)
		}
		f := &Flight{}
		m := &model{una: start, fack: start, mult: 1, persist: 16}
		now := time.Second
		f.Sent(now, start, 10)
		for range 10 {
			m.bytes = append(m.bytes, octet{sent: now})
		}
		var trace []string
		fail := func(format string, args ...any) {
			t.Helper()
			for _, l := range trace[max(0, len(trace)-25):] {
				t.Log(l)
			}
			t.Fatalf("seed %d: "+format, append([]any{seed}, args...)...)
		}
		say := func(format string, args ...any) {
			trace = append(trace, fmt.Sprintf("%v: ", now)+fmt.Sprintf(format, args...))
		}
		edge := func() wire.Seq { // one of a segment, mostly
			if f.Empty() || rnd.IntN(20) == 0 {
				return m.una.Add(rnd.IntN(len(m.bytes) + 1))
			}
			r := f.b.at(rnd.IntN(f.b.n))
			return r.right
		}
		for range 400 {
			now += time.Duration(1 + rnd.Int64N(int64(8*ms)))
			switch op := rnd.IntN(12); {
			case op < 4:
				n := 1 + rnd.IntN(20)
				if f.Outstanding()+n > 400 {
					break
				}
				say("send %d from %d", n, f.nxt-start)
				if f.Empty() {
					m.fack = m.una
					m.xmit = 0
				}
				f.Sent(now, m.nxt(), n)
				for range n {
					m.bytes = append(m.bytes, octet{sent: now})
				}
			case op < 6:
				left, right, ok := f.Lost()
				if !ok {
					break
				}
				if rnd.IntN(4) == 0 {
					right = left.Add(1 + rnd.IntN(right.Diff(left)))
				}
				say("resend %d to %d", left-start, right-start)
				f.Resent(now, left, right)
				for seq := left; seq != right; seq++ {
					o := &m.bytes[seq.Diff(m.una)]
					o.sent, o.resent, o.lost = now, true, false
				}
			case op == 6 && rnd.IntN(4) == 0 && !f.Recovering():
				left, right := f.Last()
				say("probe %d to %d", left-start, right-start)
				f.Resent(now, left, right)
				for seq := left; seq != right; seq++ {
					o := &m.bytes[seq.Diff(m.una)]
					o.sent, o.resent, o.lost = now, true, false
				}
			case op == 7 && rnd.IntN(6) == 0 && !f.Empty():
				first := f.b.at(0).right
				if f.b.at(0).flags&flagSacked != 0 {
					for i := range m.bytes {
						if o := &m.bytes[i]; o.sacked {
							o.sacked, o.lost = false, true
						}
					}
				}
				say("timeout")
				reoWnd := f.b.reoWnd
				f.Timeout(now)
				m.recovering, m.point = true, m.nxt()
				for i := range m.bytes {
					if o := &m.bytes[i]; !o.sacked && (m.una.Add(i).Less(first) || o.sent+f.rackRTT+reoWnd <= now) {
						o.lost = true
					}
				}
			case op < 11:
				ack := m.una
				if rnd.IntN(2) == 0 {
					if ack = edge(); rnd.IntN(2) == 0 { // not far
						if e := edge(); e.Less(ack) {
							ack = e
						}
					}
				}
				var bl []wire.SACKBlock
				dsack := false
				if rnd.IntN(8) == 0 && ack != start {
					bl = blocks(ack-1, ack)
					dsack = true
				}
				for range rnd.IntN(3) {
					if l, r := edge(), edge(); ack.Less(l) && l.Less(r) {
						bl = append(bl, wire.SACKBlock{Left: l, Right: r})
					}
				}
				if len(bl) > 1 && !dsack && bl[1].Left.LessEq(bl[0].Left) && bl[0].Right.LessEq(bl[1].Right) {
					bl = bl[:1]
				}
				o := Options{MinRTT: minRTT}
				if rnd.IntN(4) == 0 {
					o.Echo = now - time.Duration(rnd.Int64N(int64(50*ms)))
				}
				say("ack %d %v, echo %v", ack-start, bl, o.Echo)
				sacks := bl
				if dsack {
					sacks = bl[1:]
				}
				delivered := m.delivered
				res := f.Ack(now, ack, bl, o)
				m.ack(now, ack, sacks, o, dsack, res.Spurious)
				if res.DSACK != dsack {
					fail("D-SACK %v", res.DSACK)
				}
				if res.Delivered != m.delivered-delivered {
					fail("delivered %d, want %d", res.Delivered, m.delivered-delivered)
				}
				if f.is(stateReordered) {
					m.reordered = true // that of a needless recovery
				} else if m.reordered {
					fail("reordering was not seen")
				}
			}
			if !f.Empty() {
				if f.rackRTT != m.rtt && m.rtt != 0 || f.b.fack != m.fack && m.una.Less(m.fack) {
					fail("RACK: rtt %v, fack %d; want %v, %d", f.rackRTT, f.b.fack-start, m.rtt, m.fack-start)
				}
				segs := f.b.sackedSegments
				lost := m.count(func(o octet) bool { return o.lost })
				n, deadline := f.DetectLoss(now, srtt, minRTT)
				wait := m.detect(now, srtt, minRTT, segs)
				if n != m.count(func(o octet) bool { return o.lost })-lost || (deadline != 0) != wait || wait && deadline <= now {
					fail("detected %d bytes, again at %v; want %d, %v", n, deadline, m.count(func(o octet) bool { return o.lost })-lost, wait)
				}
			}
			check(t, f)
			sacked := m.count(func(o octet) bool { return o.sacked })
			lost := m.count(func(o octet) bool { return o.lost })
			if f.Outstanding() != len(m.bytes) || f.Sacked() != sacked || f.LostBytes() != lost || f.Recovering() != m.recovering || f.una != m.una {
				fail("outstanding %d, sacked %d, lost %d, recovering %v; want %d, %d, %d, %v", f.Outstanding(), f.Sacked(), f.LostBytes(), f.Recovering(), len(m.bytes), sacked, lost, m.recovering)
			}
			if int(f.reoExtra)+1 != m.mult {
				fail("window grew to %d, want %d", f.reoExtra+1, m.mult)
			}
			left, right, ok := f.Lost()
			if ok != (lost > 0) {
				fail("Lost: %v with %d lost", ok, lost)
			}
			for i, o := range m.bytes {
				seq := m.una.Add(i)
				if o.lost && ok && seq.Less(left) {
					fail("Lost gives %d, but %d is lost", left-start, seq-start)
				}
				if in := ok && left.LessEq(seq) && seq.Less(right); in && !o.lost {
					fail("Lost gives %d to %d, but %d is not", left-start, right-start, seq-start)
				}
			}
		}
	}
}
