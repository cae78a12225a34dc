//go:build !tinygo

package dns

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	miekg "github.com/miekg/dns"

	"github.com/netdev-go/netdev"
)

var (
	server1 = netip.MustParseAddrPort("192.0.2.53:53")
	server2 = netip.MustParseAddrPort("[2001:db8::53]:53")
)

// bubble runs test with a device whose servers answer after delay, and looks
// afterwards that no socket was left.
func bubble(t *testing.T, test func(t *testing.T, d *fakeDevice)) {
	synctest.Test(t, func(t *testing.T) {
		d := &fakeDevice{servers: map[netip.AddrPort]responder{}}
		test(t, d)
		synctest.Wait()
		if n := d.open(); n != 0 {
			t.Errorf("%d sockets are open at the end", n)
		}
	})
}

func (d *fakeDevice) client(c Config, servers ...netip.AddrPort) *Client {
	c.Device = d
	return New(asking(c, servers...))
}

// schedule is when which server was asked, from start on.
func (d *fakeDevice) schedule(start time.Time) []string {
	var list []string
	for _, q := range d.asked {
		list = append(list, q.at.Sub(start).String()+" "+q.server.String())
	}
	return list
}

func TestSilentServersAreAskedInRoundsThatWaitLonger(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		c := d.client(Config{}, server1, netip.AddrPortFrom(server2.Addr(), 0))
		start := time.Now()
		_, err := c.LookupNetIP(t.Context(), "ip4", "www.example")
		var e *Error
		if !errors.Is(err, netdev.ErrTimeout) || !errors.As(err, &e) || !e.Timeout() || e.Server != server2 {
			t.Errorf("servers that are silent: %v", err)
		}
		want := []string{
			"0s 192.0.2.53:53", "1s [2001:db8::53]:53",
			"2s 192.0.2.53:53", "4s [2001:db8::53]:53",
			"6s 192.0.2.53:53", "10s [2001:db8::53]:53",
		}
		if got := d.schedule(start); !slices.Equal(got, want) {
			t.Errorf("asked at %v, want %v", got, want)
		}
		if took := time.Since(start); took != 14*time.Second {
			t.Errorf("gave up after %v, want 14s", took)
		}
		if s := c.Stats(); s.Timeouts != 6 || s.CacheEntries != 0 {
			t.Errorf("counters: %+v", s)
		}
	})
}

func TestAWaitIsNeverLongerThanTimeout(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		c := d.client(Config{Timeout: 2 * time.Second, Attempts: 6}, server1)
		start := time.Now()
		wantError(t, c, "ip4", "www.example", netdev.ErrTimeout)
		if took, want := time.Since(start), 400*time.Millisecond+800*time.Millisecond+1600*time.Millisecond+3*2*time.Second; took != want {
			t.Errorf("gave up after %v, want %v", took, want)
		}
	})
}

func TestTheServerThatAnsweredLastIsAskedFirst(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.servers[server2] = zone(t, "www.example. 60 IN A 192.0.2.1")
		c := d.client(Config{CacheEntries: -1}, server1, server2)
		start := time.Now()
		wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
		wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
		c.Flush()
		wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
		want := []string{
			"0s 192.0.2.53:53", "1s [2001:db8::53]:53",
			"1s [2001:db8::53]:53",
			"1s 192.0.2.53:53", "2s [2001:db8::53]:53",
		}
		if got := d.schedule(start); !slices.Equal(got, want) {
			t.Errorf("asked at %v, want %v", got, want)
		}
	})
}

func TestRotationBeginsAtAnotherServerEachTime(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.servers[server1] = zone(t, "www.example. 60 IN A 192.0.2.1")
		d.servers[server2] = d.servers[server1]
		c := d.client(Config{CacheEntries: -1, Rotate: true}, server1, server2)
		start := time.Now()
		for range 4 {
			wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
		}
		want := []string{"0s 192.0.2.53:53", "0s [2001:db8::53]:53", "0s 192.0.2.53:53", "0s [2001:db8::53]:53"}
		if got := d.schedule(start); !slices.Equal(got, want) {
			t.Errorf("asked at %v, want %v", got, want)
		}
	})
}

func TestALostAnswerIsAskedForAgain(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		answers := zone(t, "www.example. 60 IN A 192.0.2.1")
		lost := 0
		d.servers[server1] = func(q *miekg.Msg, overTCP bool) *miekg.Msg {
			if lost++; lost < 3 {
				return nil
			}
			return answers(q, overTCP)
		}
		wantAddrs(t, d.client(Config{}, server1), "ip4", "www.example", "192.0.2.1")
		if d.asked[0].msg.Id == d.asked[1].msg.Id && d.asked[1].msg.Id == d.asked[2].msg.Id {
			t.Error("each try has the same id")
		}
	})
}

func TestTheEndOfAContextEndsALookup(t *testing.T) {
	for name, test := range map[string]struct {
		network string
		prepare func(d *fakeDevice)
	}{
		"waiting for a datagram":    {"ip4", func(*fakeDevice) {}},
		"waiting for both families": {"ip", func(*fakeDevice) {}},
		"waiting for a connection": {"ip4", func(d *fakeDevice) {
			d.silently = true
			d.servers[server1] = truncated
		}},
		"waiting on a connection": {"ip4", func(d *fakeDevice) { d.servers[server1] = truncated }},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *fakeDevice) {
				test.prepare(d)
				c := d.client(Config{}, server1)
				start := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
				defer cancel()
				_, err := c.LookupNetIP(ctx, test.network, "www.example")
				if err != context.DeadlineExceeded || time.Since(start) != 700*time.Millisecond {
					t.Errorf("%v after %v", err, time.Since(start))
				}
				ctx, cancel = context.WithCancel(t.Context())
				time.AfterFunc(300*time.Millisecond, cancel)
				_, err = c.LookupNetIP(ctx, test.network, "www.example")
				if err != context.Canceled || time.Since(start) != time.Second {
					t.Errorf("%v after %v", err, time.Since(start))
				}
			})
		})
	}
}

// truncated answers over UDP that TCP must be asked, and is silent there.
func truncated(q *miekg.Msg, overTCP bool) *miekg.Msg {
	if overTCP {
		return nil
	}
	m := new(miekg.Msg).SetReply(q)
	m.Truncated = true
	return m
}

func TestAConnectionThatNeverComesAboutIsATimeout(t *testing.T) {
	for name, silently := range map[string]bool{"no connection": true, "no answer": false} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *fakeDevice) {
				d.silently = silently
				d.servers[server1] = truncated
				start := time.Now()
				wantError(t, d.client(Config{Attempts: 1}, server1), "ip4", "www.example", netdev.ErrTimeout)
				if took := time.Since(start); took != 5*time.Second {
					t.Errorf("gave up after %v", took)
				}
			})
		})
	}
}

func TestOneQuestionIsAskedOnceForAll(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.delay = 100 * time.Millisecond
		d.servers[server1] = zone(t, "www.example. 0 IN A 192.0.2.1")
		c := d.client(Config{}, server1)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { wantAddrs(t, c, "ip4", "www.example", "192.0.2.1") })
		}
		all.Wait()
		if len(d.asked) != 1 {
			t.Errorf("asked %d times", len(d.asked))
		}
		if s := c.Stats(); s.Shared != 49 {
			t.Errorf("counters: %+v", s)
		}
		wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
		if len(d.asked) != 2 {
			t.Errorf("asked %d times: an answer with a time to live of 0 was kept", len(d.asked))
		}
	})
}

func TestWhoeverGivesUpDoesNotTakeTheOthersAlong(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.delay = 500 * time.Millisecond
		d.servers[server1] = zone(t, "www.example. 60 IN A 192.0.2.1")
		c := d.client(Config{}, server1)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := c.LookupNetIP(ctx, "ip4", "www.example"); err != context.DeadlineExceeded {
				t.Errorf("the one who asked: %v", err)
			}
		})
		synctest.Wait()
		for range 5 {
			all.Go(func() { wantAddrs(t, c, "ip4", "www.example", "192.0.2.1") })
		}
		impatient, cancel2 := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel2()
		if _, err := c.LookupNetIP(impatient, "ip4", "www.example"); err != context.DeadlineExceeded {
			t.Errorf("one who waits: %v", err)
		}
		all.Wait()
		if len(d.asked) != 2 {
			t.Errorf("asked %d times, want once by the first and once by another", len(d.asked))
		}
	})
}

func TestQuestionsUnderWayAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.delay = 100 * time.Millisecond
		var lines []string
		for _, name := range names(30) {
			lines = append(lines, name+". 60 IN A 192.0.2.1")
		}
		d.servers[server1] = zone(t, lines...)
		c := d.client(Config{MaxQueries: 3}, server1)
		start := time.Now()
		var all sync.WaitGroup
		for _, name := range names(30) {
			all.Go(func() { wantAddrs(t, c, "ip4", name, "192.0.2.1") })
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := c.LookupNetIP(ctx, "ip4", "one.more.example"); err != context.DeadlineExceeded {
			t.Errorf("while all slots are taken: %v", err)
		}
		all.Wait()
		if d.most != 3 || time.Since(start) != time.Second {
			t.Errorf("%d sockets at a time, %v for 30 questions", d.most, time.Since(start))
		}
	})
}

func names(n int) []string {
	var list []string
	for i := range n {
		list = append(list, string(rune('a'+i%26))+string(rune('a'+i/26))+".example")
	}
	return list
}

func TestOneFamilyDoesNotWaitLongForTheOther(t *testing.T) {
	for name, silent := range map[string]uint16{"AAAA": miekg.TypeAAAA, "A": miekg.TypeA} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, d *fakeDevice) {
				answers := zone(t, "www.example. 60 IN A 192.0.2.1", "www.example. 60 IN AAAA 2001:db8::1")
				d.servers[server1] = func(q *miekg.Msg, overTCP bool) *miekg.Msg {
					if q.Question[0].Qtype == silent {
						return nil
					}
					return answers(q, overTCP)
				}
				want := map[string]string{"AAAA": "192.0.2.1", "A": "2001:db8::1"}[name]
				start := time.Now()
				wantAddrs(t, d.client(Config{}, server1), "ip", "www.example", want)
				if took := time.Since(start); took != patience {
					t.Errorf("waited %v, want %v", took, patience)
				}
			})
		})
	}
}

func TestBothFamiliesAreAskedForAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.delay = 800 * time.Millisecond
		d.servers[server1] = zone(t, "www.example. 60 IN A 192.0.2.1", "www.example. 60 IN AAAA 2001:db8::1")
		start := time.Now()
		wantAddrs(t, d.client(Config{}, server1), "ip", "www.example", "192.0.2.1", "2001:db8::1")
		if took := time.Since(start); took != d.delay {
			t.Errorf("took %v", took)
		}
	})
}

func TestADeviceWithoutSocketsIsTheErrorAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.failing = netdev.ErrNoMoreSockets
		start := time.Now()
		wantError(t, d.client(Config{}, server1, server2), "ip", "www.example", netdev.ErrNoMoreSockets)
		if time.Since(start) != 0 {
			t.Errorf("took %v", time.Since(start))
		}
	})
}

func TestAnswersLastAsLongAsTheyMay(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.servers[server1] = zone(t,
			"www.example. 60 IN A 192.0.2.1", "long.example. 2000000 IN A 192.0.2.2", "four.example. 60 IN A 192.0.2.4")
		c := d.client(Config{}, server1)
		asked := func(network, host string, want int) {
			t.Helper()
			before := len(d.asked)
			c.LookupNetIP(t.Context(), network, host)
			if got := len(d.asked) - before; got != want {
				t.Errorf("LookupNetIP(%q, %q) at %v asked %d times, want %d", network, host, time.Now(), got, want)
			}
		}
		for range 2 {
			asked("ip4", "www.example", 1)
			asked("ip4", "WWW.example.", 0)
			asked("ip6", "four.example", 1) // no such address: a minute, by the SOA
			asked("ip6", "four.example", 0)
			asked("ip4", "none.example", 1) // no such name, for any type
			asked("ip", "none.example", 0)
			time.Sleep(59 * time.Second)
			asked("ip4", "www.example", 0)
			asked("ip6", "four.example", 0)
			asked("ip", "none.example", 0)
			time.Sleep(time.Second)
		}
		asked("ip4", "long.example", 1)
		time.Sleep(24*time.Hour - time.Second)
		asked("ip4", "long.example", 0)
		time.Sleep(time.Second)
		asked("ip4", "long.example", 1)
		c.Flush()
		asked("ip4", "long.example", 1)
	})
}

func TestNoSuchNameWithoutASOAIsNotRemembered(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.servers[server1] = fails(miekg.RcodeNameError)
		c := d.client(Config{}, server1)
		wantError(t, c, "ip4", "none.example", netdev.ErrHostUnknown)
		wantError(t, c, "ip4", "none.example", netdev.ErrHostUnknown)
		if len(d.asked) != 2 {
			t.Errorf("asked %d times, want 2", len(d.asked))
		}
	})
}

func TestAnswersOfTheNetworkBeforeAFlushAreNotRemembered(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.delay = 100 * time.Millisecond
		d.servers[server1] = zone(t, "www.example. 60 IN A 192.0.2.1")
		d.servers[server2] = zone(t, "www.example. 60 IN A 192.0.2.2")
		now := []netip.AddrPort{server1}
		c := New(Config{Device: d, Servers: func() []netip.AddrPort { return now }})
		var first sync.WaitGroup
		first.Go(func() { wantAddrs(t, c, "ip4", "www.example", "192.0.2.1") })
		synctest.Wait()
		now = []netip.AddrPort{server2}
		c.Flush()
		wantAddrs(t, c, "ip4", "www.example", "192.0.2.2")
		first.Wait()
		wantAddrs(t, c, "ip4", "www.example", "192.0.2.2")
	})
}

func TestOnlyServersThatWereSilentAreAskedAgain(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		d.servers[server1] = fails(miekg.RcodeServerFailure)
		c := d.client(Config{}, server1, server2)
		start := time.Now()
		wantError(t, c, "ip4", "www.example", netdev.ErrTimeout)
		want := []string{"0s 192.0.2.53:53", "0s [2001:db8::53]:53", "1s [2001:db8::53]:53", "3s [2001:db8::53]:53"}
		if got := d.schedule(start); !slices.Equal(got, want) {
			t.Errorf("asked at %v, want %v", got, want)
		}
	})
}

func TestAFamilyWithoutAddressesHurriesNobody(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		answers := zone(t, "www.example. 60 IN AAAA 2001:db8::1")
		tries := 0
		d.servers[server1] = func(q *miekg.Msg, overTCP bool) *miekg.Msg {
			if q.Question[0].Qtype == miekg.TypeAAAA {
				if tries++; tries < 3 {
					return nil
				}
			}
			return answers(q, overTCP)
		}
		wantAddrs(t, d.client(Config{}, server1), "ip", "www.example", "2001:db8::1")
	})
}

func TestNothingBesideTheSOASaysHowLongANameDoesNotExist(t *testing.T) {
	bubble(t, func(t *testing.T, d *fakeDevice) {
		answers := zone(t)
		d.servers[server1] = func(q *miekg.Msg, overTCP bool) *miekg.Msg {
			m := answers(q, overTCP)
			ns, _ := miekg.NewRR("example. 1 IN NS ns.example.")
			later, _ := miekg.NewRR("example. 2 IN SOA ns.example. root.example. 1 2 3 4 2")
			m.Ns = []miekg.RR{ns, m.Ns[0], later}
			return m
		}
		c := d.client(Config{}, server1)
		wantError(t, c, "ip4", "none.example", netdev.ErrHostUnknown)
		if a, ok := c.cached(question{"none.example", 1}); !ok || a.ttl != time.Minute {
			t.Errorf("remembered %v for %v, want a minute", ok, a.ttl)
		}
	})
}
