//go:build !tinygo

package dns

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	miekg "github.com/miekg/dns"

	"github.com/netdev-go/netdev"
)

func addrs(text ...string) []netip.Addr {
	var list []netip.Addr
	for _, s := range text {
		list = append(list, netip.MustParseAddr(s))
	}
	return list
}

func wantAddrs(t *testing.T, c *Client, network, host string, want ...string) {
	t.Helper()
	got, err := c.LookupNetIP(t.Context(), network, host)
	if err != nil || !slices.Equal(got, addrs(want...)) {
		t.Fatalf("LookupNetIP(%q, %q) = %v, %v, want %v", network, host, got, err, want)
	}
}

func wantError(t *testing.T, c *Client, network, host string, want error) {
	t.Helper()
	got, err := c.LookupNetIP(t.Context(), network, host)
	if !errors.Is(err, want) || got != nil {
		t.Fatalf("LookupNetIP(%q, %q) = %v, %v, want %v", network, host, got, err, want)
	}
}

func TestAddressesComeInTheServersOrderEachOnce(t *testing.T) {
	onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
		server, _ := serve(t, zone(t,
			"www.example. 60 IN A 192.0.2.9", "www.example. 60 IN A 192.0.2.1", "www.example. 60 IN A 192.0.2.9",
			"www.example. 60 IN AAAA 2001:db8::2", "www.example. 60 IN AAAA 2001:db8::1",
			"four.example. 60 IN A 192.0.2.4", "six.example. 60 IN AAAA 2001:db8::6"))
		c := ask(Config{}, server)
		wantAddrs(t, c, "ip", "www.example", "192.0.2.9", "192.0.2.1", "2001:db8::2", "2001:db8::1")
		wantAddrs(t, c, "ip4", "WWW.Example.", "192.0.2.9", "192.0.2.1")
		wantAddrs(t, c, "ip6", "www.example", "2001:db8::2", "2001:db8::1")
		wantAddrs(t, c, "ip", "four.example", "192.0.2.4")
		wantError(t, c, "ip6", "four.example", netdev.ErrHostUnknown)
		wantError(t, c, "ip", "none.example", netdev.ErrHostUnknown)
		for name, want := range map[string]string{"www.example": "192.0.2.9", "six.example": "2001:db8::6"} {
			if got, err := c.GetHostByName(name); err != nil || got != netip.MustParseAddr(want) {
				t.Errorf("GetHostByName(%q) = %v, %v, want %v", name, got, err, want)
			}
		}
		if _, err := c.GetHostByName("none.example"); !errors.Is(err, netdev.ErrHostUnknown) {
			t.Errorf("GetHostByName of a name that does not exist: %v", err)
		}
	})
}

func TestACallersSliceIsItsOwn(t *testing.T) {
	server, _ := serve(t, zone(t, "www.example. 60 IN A 192.0.2.1"))
	c := New(asking(Config{Device: devices["host"]}, server))
	got, err := c.LookupNetIP(t.Context(), "ip4", "www.example")
	if err != nil {
		t.Fatal(err)
	}
	got[0] = netip.Addr{}
	wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
}

func TestWhatNeedsNoServerAsksNone(t *testing.T) {
	server, asked := serve(t, zone(t))
	c := New(asking(Config{
		Device: devices["host"],
		Hosts:  []Host{{Name: "board.lan", Addrs: addrs("192.0.2.7", "2001:db8::7")}},
		Search: func() []string { return []string{"example"} },
	}, server))
	wantAddrs(t, c, "ip", "192.0.2.1", "192.0.2.1")
	wantAddrs(t, c, "ip6", "2001:db8::1", "2001:db8::1")
	wantAddrs(t, c, "ip", "::ffff:192.0.2.1", "192.0.2.1")
	wantAddrs(t, c, "ip6", "fe80::1%eth0", "fe80::1%eth0")
	wantError(t, c, "ip6", "192.0.2.1", netdev.ErrHostUnknown)
	wantAddrs(t, c, "ip4", "localhost", "127.0.0.1")
	wantAddrs(t, c, "ip", "a.LocalHost.", "127.0.0.1", "::1")
	wantAddrs(t, c, "ip4", "Board.LAN", "192.0.2.7")
	wantAddrs(t, c, "ip6", "board.lan.", "2001:db8::7")
	for _, name := range []string{"", ".", "a..b", "-a.example", "a b.example", "1.2.3", "300.1.1.1", "x.invalid", "x.onion", "ä.example"} {
		wantError(t, c, "ip", name, netdev.ErrHostUnknown)
	}
	for _, network := range []string{"", "tcp", "ip5"} {
		wantError(t, c, network, "www.example", netdev.ErrInvalid)
	}
	if n := asked.len(); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

func TestAliasesAreFollowed(t *testing.T) {
	full := zone(t,
		"a.example. 60 IN CNAME b.example.", "b.example. 50 IN CNAME c.example.", "c.example. 70 IN A 192.0.2.3",
		"gone.example. 60 IN CNAME nowhere.example.",
		"empty.example. 60 IN CNAME six.example.", "six.example. 60 IN AAAA 2001:db8::6")
	// As a server that does not follow aliases itself.
	halting := func(q *miekg.Msg, overTCP bool) *miekg.Msg {
		m := full(q, overTCP)
		if len(m.Answer) > 1 {
			m.Answer = m.Answer[:1]
		}
		if len(m.Answer) > 0 {
			m.Rcode, m.Ns = 0, nil
		}
		return m
	}
	backwards := func(q *miekg.Msg, overTCP bool) *miekg.Msg {
		m := full(q, overTCP)
		slices.Reverse(m.Answer)
		return m
	}
	for name, r := range map[string]responder{"in one message": full, "one at a time": halting, "backwards": backwards} {
		t.Run(name, func(t *testing.T) {
			server, _ := serve(t, r)
			c := New(asking(Config{Device: devices["host"]}, server))
			wantAddrs(t, c, "ip4", "a.example", "192.0.2.3")
			if a, ok := c.cached(question{"a.example", 1}); !ok || a.ttl > 50*time.Second || a.ttl < 40*time.Second {
				t.Errorf("an answer at the end of aliases lasts %v, want the shortest of their times", a.ttl)
			}
			wantError(t, c, "ip4", "gone.example", netdev.ErrHostUnknown)
			wantError(t, c, "ip4", "empty.example", netdev.ErrHostUnknown)
		})
	}
}

func TestAliasesWithoutEndAreABadAnswer(t *testing.T) {
	endless := func(q *miekg.Msg, _ bool) *miekg.Msg {
		m := new(miekg.Msg).SetReply(q)
		m.Answer = []miekg.RR{&miekg.CNAME{
			Hdr:    miekg.RR_Header{Name: q.Question[0].Name, Rrtype: miekg.TypeCNAME, Class: miekg.ClassINET, Ttl: 60},
			Target: "x" + q.Question[0].Name,
		}}
		return m
	}
	for name, r := range map[string]responder{
		"a circle":              zone(t, "a.example. 60 IN CNAME b.example.", "b.example. 60 IN CNAME a.example."),
		"to itself":             zone(t, "a.example. 60 IN CNAME a.example."),
		"always to another one": endless,
	} {
		t.Run(name, func(t *testing.T) {
			server, asked := serve(t, r)
			wantError(t, New(asking(Config{Device: devices["host"]}, server)), "ip4", "a.example", ErrBadAnswer)
			if n := asked.len(); n > maxAliases+1 {
				t.Errorf("the server was asked %d times", n)
			}
		})
	}
}

func TestTruncatedAnswersAreAskedForOverTCP(t *testing.T) {
	var lines, want []string
	for i := range 200 {
		want = append(want, fmt.Sprintf("192.0.2.%d", i))
		lines = append(lines, "big.example. 60 IN A "+want[i])
	}
	onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
		server, asked := serve(t, zone(t, lines...))
		c := ask(Config{}, server)
		wantAddrs(t, c, "ip4", "big.example", want...)
		if asked.overTCP() != 1 || asked.len() != 2 {
			t.Errorf("%d queries, %d of them over TCP, want 2 and 1", asked.len(), asked.overTCP())
		}
		if s := c.Stats(); s.TCP != 1 || s.Queries != 2 || s.Answers != 1 {
			t.Errorf("counters: %+v", s)
		}
		wantError(t, ask(Config{MaxMessage: 1000}, server), "ip4", "big.example", ErrBadAnswer)
	})
}

func TestEDNSIsOfferedAndGivenUp(t *testing.T) {
	answers := zone(t, "www.example. 60 IN A 192.0.2.1")
	for name, refuse := range map[string]func(q *miekg.Msg) *miekg.Msg{
		"format error":    func(q *miekg.Msg) *miekg.Msg { return new(miekg.Msg).SetRcode(q, miekg.RcodeFormatError) },
		"not implemented": func(q *miekg.Msg) *miekg.Msg { return new(miekg.Msg).SetRcode(q, miekg.RcodeNotImplemented) },
		"header only": func(q *miekg.Msg) *miekg.Msg {
			m := new(miekg.Msg).SetRcode(q, miekg.RcodeFormatError)
			m.Question = nil
			return m
		},
		"bad version": func(q *miekg.Msg) *miekg.Msg {
			m := new(miekg.Msg).SetReply(q)
			m.RecursionAvailable = true
			m.SetEdns0(1232, false)
			m.Rcode = miekg.RcodeBadVers
			return m
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, asked := serve(t, func(q *miekg.Msg, overTCP bool) *miekg.Msg {
				if q.IsEdns0() != nil {
					return refuse(q)
				}
				return answers(q, overTCP)
			})
			wantAddrs(t, New(asking(Config{Device: devices["host"]}, server)), "ip4", "www.example", "192.0.2.1")
			first := asked.all()[0]
			if o := first.IsEdns0(); o == nil || o.UDPSize() != 1232 || o.Version() != 0 || o.Do() {
				t.Errorf("the query offers %v", o)
			}
			if !first.RecursionDesired || first.Question[0] != (miekg.Question{Name: "www.example.", Qtype: miekg.TypeA, Qclass: miekg.ClassINET}) {
				t.Errorf("the query: %v", first)
			}
		})
	}
}

func TestServersThatFailAreLeftForTheNext(t *testing.T) {
	good := zone(t, "www.example. 60 IN A 192.0.2.1")
	for name, bad := range map[string]responder{
		"failure":  fails(miekg.RcodeServerFailure),
		"refused":  fails(miekg.RcodeRefused),
		"referral": func(q *miekg.Msg, _ bool) *miekg.Msg { return new(miekg.Msg).SetReply(q) },
	} {
		t.Run(name, func(t *testing.T) {
			onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
				first, asked := serve(t, bad)
				second, _ := serve(t, good)
				c := ask(Config{CacheEntries: -1}, first, second)
				wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
				wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
				if n := asked.len(); n != 1 {
					t.Errorf("the bad server was asked %d times, want once and then the one that answers first", n)
				}
			})
		})
	}
	t.Run("all", func(t *testing.T) {
		first, asked := serve(t, fails(miekg.RcodeServerFailure))
		second, _ := serve(t, fails(miekg.RcodeRefused))
		c := New(asking(Config{Device: devices["host"]}, first, second))
		_, err := c.LookupNetIP(t.Context(), "ip4", "www.example")
		var e *Error
		if !errors.As(err, &e) || e.Err != ServerError(miekg.RcodeRefused) || e.Server != second || e.Name != "www.example" || e.Timeout() || !e.Temporary() {
			t.Errorf("two servers that fail: %#v", err)
		}
		if want := "the name server refused (www.example at " + second.String() + ")"; err.Error() != want {
			t.Errorf("the error says %q, want %q", err, want)
		}
		if asked.len() != 1 {
			t.Errorf("a server that had spoken was asked %d times", asked.len())
		}
	})
}

func TestAServerThatIsNotThereIsLeftForTheNext(t *testing.T) {
	onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
		good, _ := serve(t, zone(t, "www.example. 60 IN A 192.0.2.1"))
		gone := netip.MustParseAddrPort("127.0.0.1:9")
		wantAddrs(t, ask(Config{}, gone, good), "ip4", "www.example", "192.0.2.1")
		wantError(t, ask(Config{}, gone), "ip4", "www.example", netdev.ErrConnRefused)
	})
}

func TestWithoutServersThatIsTheError(t *testing.T) {
	c := New(asking(Config{Device: devices["host"]}, netip.AddrPort{}))
	wantError(t, c, "ip", "www.example", ErrNoServers)
	wantError(t, New(Config{Device: devices["host"]}), "ip", "www.example", ErrNoServers)
}

func TestShortNamesAreSearched(t *testing.T) {
	answers := zone(t, "www.corp.example. 60 IN A 192.0.2.1", "www.example. 60 IN A 192.0.2.2", "a.b.example. 60 IN A 192.0.2.3", "host. 60 IN A 192.0.2.4")
	server, asked := serve(t, func(q *miekg.Msg, overTCP bool) *miekg.Msg {
		if q.Question[0].Name == "www.broken." {
			return new(miekg.Msg).SetRcode(q, miekg.RcodeServerFailure)
		}
		return answers(q, overTCP)
	})
	domains := []string{"corp.example.", "example"}
	search := func(d ...string) func() []string { return func() []string { return d } }
	c := New(asking(Config{Device: devices["host"], Search: search(domains...)}, server))
	wantAddrs(t, c, "ip4", "www", "192.0.2.1")
	wantAddrs(t, c, "ip4", "a.b", "192.0.2.3")
	wantAddrs(t, c, "ip4", "host", "192.0.2.4")
	wantError(t, c, "ip4", "www.", netdev.ErrHostUnknown)
	var names []string
	for _, q := range asked.all() {
		names = append(names, q.Question[0].Name)
	}
	want := []string{"www.corp.example.", "a.b.", "a.b.corp.example.", "a.b.example.", "host.corp.example.", "host.example.", "host.", "www."}
	if !slices.Equal(names, want) {
		t.Errorf("asked for %v, want %v", names, want)
	}
	// A domain whose server fails is passed, but then nothing is unknown.
	c = New(asking(Config{Device: devices["host"], Search: search("broken", "example")}, server))
	wantAddrs(t, c, "ip4", "www", "192.0.2.2")
	c = New(asking(Config{Device: devices["host"], Search: search("broken")}, server))
	wantError(t, c, "ip4", "www", ServerError(miekg.RcodeServerFailure))
	c = New(asking(Config{Device: devices["host"], Search: search("broken", "example")}, server))
	wantError(t, c, "ip6", "www", netdev.ErrHostUnknown)
}

func TestQueriesDoNotRepeatThemselves(t *testing.T) {
	onDevices(t, func(t *testing.T, ask func(Config, ...netip.AddrPort) *Client) {
		server, asked := serve(t, zone(t, "www.example. 60 IN A 192.0.2.1"))
		c := ask(Config{CacheEntries: -1}, server)
		const n = 64
		for range n {
			wantAddrs(t, c, "ip4", "www.example", "192.0.2.1")
		}
		ids := map[uint16]bool{}
		for _, q := range asked.all() {
			ids[q.Id] = true
		}
		if len(ids) < n-4 || len(asked.ports) < n-4 {
			t.Errorf("%d queries had %d different ids and came from %d ports", n, len(ids), len(asked.ports))
		}
	})
}

func TestMixedCase(t *testing.T) {
	answers := zone(t, "www.with-many-letters.example. 60 IN A 192.0.2.1")
	lowering := func(q *miekg.Msg, overTCP bool) *miekg.Msg {
		m := answers(q, overTCP)
		m.Question[0].Name = miekg.CanonicalName(m.Question[0].Name)
		return m
	}
	for name, test := range map[string]struct {
		responder
		tcp int
	}{"kept": {answers, 0}, "not kept, so over TCP": {lowering, 1}} {
		t.Run(name, func(t *testing.T) {
			server, asked := serve(t, test.responder)
			c := New(asking(Config{Device: devices["host"], MixCase: true}, server))
			wantAddrs(t, c, "ip4", "www.with-many-letters.example", "192.0.2.1")
			if asked.all()[0].Question[0].Name == "www.with-many-letters.example." || asked.overTCP() != test.tcp {
				t.Errorf("asked for %v, %d times over TCP", asked.all()[0].Question[0].Name, asked.overTCP())
			}
		})
	}
}

func TestADoneContextIsItsError(t *testing.T) {
	server, asked := serve(t, zone(t))
	c := New(asking(Config{Device: devices["host"]}, server))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.LookupNetIP(ctx, "ip", "www.example"); err != context.Canceled {
		t.Errorf("LookupNetIP with a cancelled context: %v", err)
	}
	if asked.len() != 0 {
		t.Error("the server was asked all the same")
	}
}

func TestAliasesAsLongAsMayBe(t *testing.T) {
	lines := []string{"a10.example. 60 IN A 192.0.2.1", "root.example. 60 IN CNAME ."}
	for i := range maxAliases {
		lines = append(lines, fmt.Sprintf("a%d.example. 60 IN CNAME a%d.example.", i, i+1))
	}
	server, _ := serve(t, zone(t, append(lines, "one-more.example. 60 IN CNAME a0.example.")...))
	c := New(asking(Config{Device: devices["host"]}, server))
	wantAddrs(t, c, "ip4", "a0.example", "192.0.2.1")
	wantError(t, c, "ip4", "one-more.example", ErrBadAnswer)
	wantError(t, c, "ip4", "root.example", netdev.ErrHostUnknown)
}

func TestAnAliasOfWhatIsRememberedLastsNoLonger(t *testing.T) {
	halting := func(q *miekg.Msg, overTCP bool) *miekg.Msg {
		m := zone(t, "short.example. 30 IN A 192.0.2.1", "alias.example. 3000 IN CNAME short.example.")(q, overTCP)
		m.Answer = m.Answer[:1]
		return m
	}
	server, asked := serve(t, halting)
	c := New(asking(Config{Device: devices["host"]}, server))
	wantAddrs(t, c, "ip4", "short.example", "192.0.2.1")
	wantAddrs(t, c, "ip4", "alias.example", "192.0.2.1")
	if a, ok := c.cached(question{"alias.example", 1}); !ok || a.ttl > 30*time.Second {
		t.Errorf("the alias lasts %v", a.ttl)
	}
	if asked.len() != 2 {
		t.Errorf("asked %d times, want 2", asked.len())
	}
	wantAddrs(t, c, "ip4", "alias.example", "192.0.2.1")
	if s := c.Stats(); s.CacheMisses != 2 || s.CacheHits != 1 {
		t.Errorf("counters: %+v", s)
	}
}

func TestAServerThatIsNoAddressIsPassed(t *testing.T) {
	server, _ := serve(t, zone(t, "www.example. 60 IN A 192.0.2.1"))
	wantAddrs(t, New(asking(Config{Device: devices["host"]}, netip.AddrPort{}, server)), "ip4", "www.example", "192.0.2.1")
}

func TestAFailureOfOneFamilyIsNoProofForBoth(t *testing.T) {
	answers := zone(t, "www.example. 60 IN TXT none")
	for _, failing := range []uint16{miekg.TypeA, miekg.TypeAAAA} {
		server, _ := serve(t, func(q *miekg.Msg, overTCP bool) *miekg.Msg {
			if q.Question[0].Qtype == failing {
				return new(miekg.Msg).SetRcode(q, miekg.RcodeServerFailure)
			}
			return answers(q, overTCP)
		})
		wantError(t, New(asking(Config{Device: devices["host"]}, server)), "ip", "www.example", ServerError(miekg.RcodeServerFailure))
	}
}

func TestServerErrorsSayWhatHappened(t *testing.T) {
	for code, want := range map[ServerError]string{
		1: "the name server did not understand", 2: "the name server failed", 4: "the name server does not do this",
		5: "the name server refused", 9: "the name server said error 9",
	} {
		if got := code.Error(); got != want {
			t.Errorf("%d: %q, want %q", uint16(code), got, want)
		}
	}
}

func TestServersOfAddressesAreOfNow(t *testing.T) {
	var known []netip.Addr
	servers := Servers(func() []netip.Addr { return known })
	if got := servers(); len(got) != 0 {
		t.Errorf("of no address: %v", got)
	}
	known = []netip.Addr{netip.MustParseAddr("10.0.2.1"), netip.MustParseAddr("2001:db8::1")}
	got := servers()
	if len(got) != 2 || got[0] != netip.AddrPortFrom(known[0], 0) || got[1] != netip.AddrPortFrom(known[1], 0) {
		t.Errorf("of %v: %v", known, got)
	}
}

func TestADatagramIsAskedToBeAsLongAsTheConfigSays(t *testing.T) {
	for asked, want := range map[int]uint16{0: 1232, 700: 700, 100: 512} {
		server, seen := serve(t, zone(t, "www.example. 60 IN A 192.0.2.1"))
		wantAddrs(t, New(asking(Config{Device: devices["host"], MaxDatagram: asked}, server)), "ip4", "www.example", "192.0.2.1")
		if o := seen.all()[0].IsEdns0(); o == nil || o.UDPSize() != want {
			t.Errorf("%d: the query offers %v", asked, o)
		}
	}
}
