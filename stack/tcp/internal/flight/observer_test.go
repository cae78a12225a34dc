package flight

import (
	"testing"

	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// An observer keeps what it is told.
type observer struct {
	congestion.Controller
	told []congestion.Loss
}

func (o *observer) OnLost(l *congestion.Loss) { o.told = append(o.told, *l) }

func TestObserverIsToldOfEachLostSegment(t *testing.T) {
	c := converse(t)
	o := &observer{}
	c.Observer = o
	c.send(0, 1)
	c.AppLimited()
	c.send(1*ms, 5)
	c.ack(41*ms, 0, 3, 6) // 0 to 2 are lost
	c.lost(41*ms, 0, 0, 3)
	want := []congestion.Loss{
		{Now: origin + 41*ms, Size: seg, TxInFlight: 1 * seg, Lost: 1 * seg, Delivered: 3 * seg},
		{Now: origin + 41*ms, Size: seg, TxInFlight: 2 * seg, Lost: 2 * seg, Delivered: 3 * seg, AppLimited: true, Adjoins: true},
		{Now: origin + 41*ms, Size: seg, TxInFlight: 3 * seg, Lost: 3 * seg, Delivered: 3 * seg, AppLimited: true, Adjoins: true},
	}
	if len(o.told) != len(want) {
		t.Fatalf("told of %d losses, want %d", len(o.told), len(want))
	}
	for i, l := range o.told {
		if l != want[i] {
			t.Errorf("%d: %+v, want %+v", i, l, want[i])
		}
	}
	c.Reset()
	if c.Observer == nil {
		t.Error("Reset has lost the observer")
	}
}

func TestLossesApartDoNotAdjoin(t *testing.T) {
	c := converse(t)
	o := &observer{}
	c.Observer = o
	c.send(0, 8)
	c.ack(40*ms, 0, 1, 3, 4, 8)
	c.lost(40*ms, 0, 0, 1, 3, 4)
	if len(o.told) != 2 || o.told[0].Adjoins || o.told[1].Adjoins {
		t.Errorf("%+v", o.told)
	}
}

func TestATimeoutTellsTheObserver(t *testing.T) {
	c := converse(t)
	o := &observer{}
	c.Observer = o
	c.send(0, 3)
	c.Timeout(origin + 300*ms)
	if len(o.told) != 3 || o.told[2].Lost != 3*seg {
		t.Errorf("%+v", o.told)
	}
}

func TestTellingDoesNotAllocate(t *testing.T) {
	c := converse(t)
	c.Observer = &observer{told: make([]congestion.Loss, 0, 1000)}
	c.send(0, 200)
	now := origin + 300*ms
	if n := testing.AllocsPerRun(3, func() { c.Timeout(now); c.resend(now-origin, 1); now += 300 * ms }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
