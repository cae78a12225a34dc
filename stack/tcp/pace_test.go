package tcp

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// steady is a Controller that paces and does nothing else.
type steady struct{ congestion.Controller }

const steadyRate = 1 << 20

func (steady) Name() string               { return "steady" }
func (steady) New() congestion.Controller { return steady{congestion.NewReno.New()} }
func (steady) Window() int                { return 1 << 20 }
func (steady) PacingRate() uint64         { return steadyRate }

func TestPacingKeepsTheRate(t *testing.T) { paced(t, 0) }

// Timers of a host are late by most of a millisecond.
func TestALateTimerCostsNothingOfTheRate(t *testing.T) { paced(t, 900*time.Microsecond) }

func paced(t *testing.T, late time.Duration) {
	p := newPair(Config{Congestion: steady{}})
	l := p.listen(t, 1)
	client, server := p.connect(t, 1000, l)
	const total = 256 << 10
	begin, got, sent := p.now, 0, 0
	buf := make([]byte, 64<<10)
	last := p.segs
	for got < total {
		sent += client.Write(p.now, buf[:min(len(buf), total-sent)])
		p.flush()
		got += server.Read(p.now, buf)
		p.flush()
		if p.segs-last > 12 {
			t.Fatalf("%d segments at one instant", p.segs-last)
		}
		last = p.segs
		if at := earlier(p.a.Deadline(), p.b.Deadline()); at != 0 {
			p.now = max(p.now, at+late)
		}
		if got < total && !p.step() {
			t.Fatal("stalled")
		}
	}
	if took, want := p.now-begin, time.Second/4; took < want*9/10 || took > want*11/10 {
		t.Errorf("%d bytes took %v at %d a second", total, took, steadyRate)
	}
}

// brisk is steady at a rate of which a millisecond holds several segments.
type brisk struct{ steady }

func (brisk) New() congestion.Controller { return brisk{steady{congestion.NewReno.New()}} }
func (brisk) PacingRate() uint64         { return 16e6 }

// A long segment is one burst on the wire: it is no longer than what the rate lets out in
// a millisecond, and no more of them go at once than short ones would.
func TestALongSegmentIsNoLongerThanItsPace(t *testing.T) {
	p := newPair(Config{Congestion: brisk{}})
	l := p.listen(t, 1)
	client, _ := p.connect(t, 1000, l)
	client.Write(p.now, make([]byte, 64<<10))
	long, sent := make([]byte, 1<<16), 0
	for {
		n, mss, _ := p.a.OutputLong(p.now, p.buf[:], long)
		if n == 0 {
			break
		}
		if sent += n; n > 16000+60 || mss == 0 && n > 1500 {
			t.Errorf("%d bytes at once, cut after %d", n, mss)
		}
		if sent == n && n < 12000 {
			t.Errorf("%d bytes at first", n)
		}
	}
	if sent > 48000 {
		t.Errorf("%d bytes at one instant", sent)
	}
}
