package congestion

import (
	"testing"
	"time"
)

// A bbrPath hands a bbr the acknowledgements of a path that always has volume bytes in
// flight: four of them in a round trip.
type bbrPath struct {
	*testing.T
	*bbr
	clock  time.Duration
	total  uint32 // delivered
	rate   int    // of the path, bytes a second
	rtt    time.Duration
	volume int
	left   int // in flight after an acknowledgement; 0: volume
}

const quarters = 4

// A path of a hundred segments: 1.46 MB/s and 100 ms.
const (
	pathRate = 100 * mss * 10
	pathRTT  = 100 * ms
	pathBDP  = 100 * mss
)

func newBBRPath(t *testing.T) *bbrPath {
	p := &bbrPath{T: t, bbr: new(bbr), clock: time.Hour, rate: pathRate, rtt: pathRTT, volume: 10 * mss}
	p.Init(mss, 10*mss)
	return p
}

// ack acknowledges n bytes.
func (p *bbrPath) ack(n int, mod ...func(*Ack)) {
	p.total += uint32(n)
	left := p.left
	if left == 0 {
		left = p.volume
	}
	a := Ack{
		Now: p.clock, Delivered: n, InFlight: p.volume, Left: left, RTT: p.rtt, MinRTT: p.rtt, SRTT: p.rtt,
		Rate: RateSample{
			Delivered: p.volume, Interval: time.Duration(p.volume) * time.Second / time.Duration(p.rate),
			TxInFlight: p.volume, PriorDelivered: p.total - uint32(p.volume), TotalDelivered: p.total,
		},
	}
	for _, m := range mod {
		m(&a)
	}
	p.OnAck(&a)
}

// round lets a round trip pass.
func (p *bbrPath) round(mod ...func(*Ack)) {
	for range quarters {
		p.clock += p.rtt / quarters
		p.ack(p.volume/quarters, mod...)
	}
}

// until lets round trips pass until the state is s.
func (p *bbrPath) until(s bbrState, mod ...func(*Ack)) {
	p.Helper()
	for range 200 {
		if p.state == s {
			return
		}
		p.clock += p.rtt / quarters
		p.ack(p.volume/quarters, mod...)
	}
	p.Fatalf("state %d after 50 round trips, want %d", p.state, s)
}

// full takes the bbr through Startup and Drain to ProbeBW's first Cruise.
func (p *bbrPath) full() {
	p.Helper()
	p.fill()
	p.left = pathBDP - mss
	p.until(bbrCruise)
	p.left = 0
}

// fill takes it to Drain, with a queue.
func (p *bbrPath) fill() {
	p.Helper()
	p.volume, p.left = pathBDP, 2*pathBDP
	p.until(bbrDrain)
}

// probe goes on to the next ProbeBW_UP.
func (p *bbrPath) probe() {
	p.Helper()
	p.clock += 3 * time.Second
	p.until(bbrRefill)
	p.until(bbrUp)
}

// lose has n segments found lost, one after the other sent when `in` bytes were in
// flight.
func (p *bbrPath) lose(n, in int, mod ...func(*Loss)) {
	for i := range n {
		l := Loss{Now: p.clock, Size: mss, TxInFlight: in, Lost: (i + 1) * mss, Delivered: p.total}
		for _, m := range mod {
			m(&l)
		}
		p.OnLost(&l)
	}
	p.OnCongestion(p.clock, in)
}

func (p *bbrPath) wantState(what string, s bbrState) {
	p.Helper()
	if p.state != s {
		p.Errorf("%s: state %d, want %d", what, p.state, s)
	}
}

func (p *bbrPath) wantAbout(what string, got, want uint64) {
	p.Helper()
	if got < want-want/100 || got > want+want/100 {
		p.Errorf("%s: %d, want about %d", what, got, want)
	}
}

func appLimited(a *Ack)  { a.Rate.AppLimited = true }
func cwndLimited(a *Ack) { a.CwndLimited = true }
func recovering(a *Ack)  { a.Recovery = true }
func lossOf(n int) func(*Ack) {
	return func(a *Ack) { a.Rate.Lost = n }
}
