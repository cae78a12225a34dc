package dhcp_test

import (
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
)

func TestTermsOfALease(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		name          string
		lease, t1, t2 uint32 // seconds, 0 is not told
		want1, want2  time.Duration
	}{
		{"usual", 3600, 0, 0, 1800*s - fuzz, 3150*s - fuzz},
		{"the server's own", 3600, 100, 200, 100 * s, 200 * s},
		{"T1 alone", 3600, 100, 0, 100 * s, 3150*s - fuzz},
		{"T2 alone", 3600, 0, 2000, 1800*s - fuzz, 2000 * s},
		{"T2 before the usual T1", 3600, 0, 900, 900 * s, 900 * s},
		{"T1 after T2", 3600, 3000, 2000, 1800*s - fuzz, 2000 * s},
		{"T2 after the end", 3600, 100, 4000, 100 * s, 3150*s - fuzz},
		{"T1 after the end", 3600, 5000, 0, 1800*s - fuzz, 3150*s - fuzz},
		{"T2 at the end", 3600, 100, 3600, 100 * s, 3150*s - fuzz},
		{"T1 at T2", 3600, 3000, 3000, 3000 * s, 3000 * s},
		{"T2 of a second", 3600, 0, 1, s, s},
		{"as short as can be", 2, 0, 0, s, 7*s/4 - 2*s/128},
		{"T1 of nothing is a second", 3600, 1, 2, s, 2 * s},
		{"a hundred and thirty years", 0xfffffffe, 0, 0, 0xfffffffe*s/2 - 0xfffffffe*s/128, 0xfffffffe*s/8*7 - 0xfffffffe*s/128},
	} {
		t.Run(c.name, func(t *testing.T) {
			mods := []oracle.Modifier{oracle.WithLeaseTime(c.lease)}
			if c.t1 != 0 {
				mods = append(mods, oracle.WithOption(oracle.OptRenewTimeValue(time.Duration(c.t1)*s)))
			}
			if c.t2 != 0 {
				mods = append(mods, oracle.WithOption(oracle.OptRebindingTimeValue(time.Duration(c.t2)*s)))
			}
			tr := boundTrace(t, nil, mods...)
			l := tr.c.Lease()
			got1, got2, end := l.T1-tr.now, l.T2-tr.now, l.Expiry-tr.now
			near := func(a, b time.Duration) bool { return max(a-b, b-a) < 10 }
			if !near(got1, c.want1) || !near(got2, c.want2) || end != time.Duration(c.lease)*s {
				t.Errorf("T1 %v, T2 %v, end %v; want %v, %v, %v", got1, got2, end, c.want1, c.want2, time.Duration(c.lease)*s)
			}
		})
	}
}

func TestALeaseWithoutEndHasNoTimes(t *testing.T) {
	tr := boundTrace(t, nil, oracle.WithLeaseTime(0xffffffff))
	if l := tr.c.Lease(); l.T1 != 0 || l.T2 != 0 || l.Expiry != 0 {
		t.Errorf("T1 %v, T2 %v, end %v; want none", l.T1, l.T2, l.Expiry)
	}
	tr.never()
	tr.now += 1000 * time.Hour
	tr.c.Advance(tr.now)
	tr.is(dhcp.StateBound, dhcp.EventNone)
	tr.c.Suspend(tr.now)
	tr.c.Start(tr.now)
	tr.is(dhcp.StateRebooting, dhcp.EventLost)
}

// A server that gives two seconds each time, slow to answer at that, is asked about
// once in a second.
func TestTinyLeasesAreNotRenewedWithoutPause(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	sent, end := 0, tr.now+10*time.Minute
	for tr.now < end {
		for {
			b := make([]byte, 1000)
			n, _, ok := tr.c.Output(tr.now, b)
			if !ok {
				break
			}
			sent++
			m, err := oracle.FromBytes(b[:n])
			if err != nil {
				t.Fatal(err)
			}
			tr.now += 900 * time.Millisecond
			typ := oracle.MessageTypeAck
			if m.MessageType() == oracle.MessageTypeDiscover {
				typ = oracle.MessageTypeOffer
			}
			tr.c.Input(tr.now, reply(m, typ, oracle.WithLeaseTime(2), oracle.WithOption(oracle.OptRenewTimeValue(0))).ToBytes())
		}
		tr.now = max(tr.now, tr.c.Deadline())
		tr.c.Advance(tr.now)
	}
	if sent > 2*600 {
		t.Errorf("%d messages in ten minutes", sent)
	}
	if sent < 100 {
		t.Errorf("%d messages in ten minutes: the client has given up", sent)
	}
}

func TestAnAcknowledgementThatComesAfterItsLeaseIsPassedOver(t *testing.T) {
	tr := newTrace(t, nil)
	tr.c.Start(tr.now)
	tr.offer(tr.sends(oracle.MessageTypeDiscover, all))
	request := tr.sends(oracle.MessageTypeRequest, all)
	tr.now += 3 * time.Second
	tr.ack(request, oracle.WithLeaseTime(3))
	tr.is(dhcp.StateRequesting, dhcp.EventNone)
}
