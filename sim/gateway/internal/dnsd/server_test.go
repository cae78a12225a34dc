package dnsd_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/gateway/internal/dnsd"
)

var (
	gateway = netip.MustParseAddr("10.0.2.1")
	sensor  = netip.MustParseAddr("10.0.2.15")
)

// config is that of a network with one board, and of a host that knows a few names.
func config() dnsd.Config {
	return dnsd.Config{
		Domain: "netdev", Addr: gateway, Prefix: netip.MustParsePrefix("10.0.2.0/24"),
		Lookup:  func(label string) (netip.Addr, bool) { return sensor, label == "sensor" },
		Reverse: func(addr netip.Addr) (string, bool) { return "sensor", addr == sensor },
		Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			switch strings.ToLower(host) {
			case "both.example":
				return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("192.0.2.1")}, nil
			case "four.example":
				return []netip.Addr{netip.MustParseAddr("192.0.2.4")}, nil
			case "laptop":
				return []netip.Addr{netip.MustParseAddr("127.0.1.1"), netip.IPv6Loopback()}, nil
			case "broken.example":
				return nil, netdev.ErrTimeout
			}
			return nil, netdev.ErrHostUnknown
		},
		Exchange: func(_ context.Context, q *dns.Msg) (*dns.Msg, error) {
			a := new(dns.Msg).SetReply(q)
			switch strings.ToLower(q.Question[0].Name) {
			case "mail.example.":
				a.Answer = []dns.RR{rr("mail.example. 300 IN MX 10 mx.example.")}
				a.Extra = []dns.RR{rr("mx.example. 300 IN A 192.0.2.25")}
				a.SetEdns0(4096, false)
			case "long.example.":
				for i := range 100 {
					a.Answer = append(a.Answer, rr("long.example. 300 IN TXT "+strings.Repeat("x", 50+i)))
				}
			case "broken.example.":
				return nil, errors.New("no server answers")
			default:
				a.Rcode = dns.RcodeNameError
				a.Ns = []dns.RR{rr("example. 300 IN SOA ns.example. h.example. 1 2 3 4 5")}
			}
			return a, nil
		},
	}
}

func rr(text string) dns.RR {
	r, err := dns.NewRR(text)
	if err != nil {
		panic(err)
	}
	return r
}

func ask(t *testing.T, s *dnsd.Server, q *dns.Msg, datagram bool) *dns.Msg {
	t.Helper()
	packet, err := q.Pack()
	if err != nil {
		t.Fatal(err)
	}
	b := s.Handle(t.Context(), packet, datagram)
	if b == nil {
		return nil
	}
	a := new(dns.Msg)
	if err := a.Unpack(b); err != nil {
		t.Fatal(err)
	}
	if !a.Response || a.Id != q.Id || !a.RecursionAvailable {
		t.Fatalf("not an answer: %v", a)
	}
	return a
}

func query(name string, qtype uint16) *dns.Msg { return new(dns.Msg).SetQuestion(name, qtype) }

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name          string
		qtype         uint16
		rcode         int
		answers       string // as text without their times, one a line
		authoritative bool
	}{
		{"sensor.netdev.", dns.TypeA, dns.RcodeSuccess, "sensor.netdev. A 10.0.2.15", true},
		{"sensor.", dns.TypeA, dns.RcodeSuccess, "sensor. A 10.0.2.15", true},
		{"SenSor.NetDev.", dns.TypeA, dns.RcodeSuccess, "SenSor.NetDev. A 10.0.2.15", true},
		{"sensor.netdev.", dns.TypeAAAA, dns.RcodeSuccess, "", true},
		{"sensor.netdev.", dns.TypeMX, dns.RcodeSuccess, "", true},
		{"sensor.netdev.", dns.TypeANY, dns.RcodeSuccess, "sensor.netdev. A 10.0.2.15", true},
		{"gateway.netdev.", dns.TypeA, dns.RcodeSuccess, "gateway.netdev. A 10.0.2.1", true},
		{"host.", dns.TypeA, dns.RcodeSuccess, "host. A 10.0.2.1", true},
		{"nobody.netdev.", dns.TypeA, dns.RcodeNameError, "", true},
		{"a.sensor.netdev.", dns.TypeA, dns.RcodeNameError, "", true},
		{"netdev.", dns.TypeNS, dns.RcodeSuccess, "", true},
		{"localhost.", dns.TypeA, dns.RcodeSuccess, "localhost. A 127.0.0.1", false},
		{"x.localhost.", dns.TypeAAAA, dns.RcodeSuccess, "x.localhost. AAAA ::1", false},
		{"15.2.0.10.in-addr.arpa.", dns.TypePTR, dns.RcodeSuccess, "15.2.0.10.in-addr.arpa. PTR sensor.netdev.", true},
		{"1.2.0.10.in-addr.arpa.", dns.TypePTR, dns.RcodeSuccess, "1.2.0.10.in-addr.arpa. PTR gateway.netdev.", true},
		{"99.2.0.10.in-addr.arpa.", dns.TypePTR, dns.RcodeNameError, "", true},
		{"1.2.0.192.in-addr.arpa.", dns.TypePTR, dns.RcodeNameError, "", false},
		{"1.2.300.10.in-addr.arpa.", dns.TypePTR, dns.RcodeNameError, "", false},
		{"both.example.", dns.TypeA, dns.RcodeSuccess, "both.example. A 192.0.2.1", false},
		{"both.example.", dns.TypeAAAA, dns.RcodeSuccess, "both.example. AAAA 2001:db8::1", false},
		{"four.example.", dns.TypeAAAA, dns.RcodeSuccess, "", false},
		{"laptop.", dns.TypeA, dns.RcodeSuccess, "laptop. A 10.0.2.1", false},
		{"laptop.", dns.TypeAAAA, dns.RcodeSuccess, "", false},
		{"nobody.example.", dns.TypeA, dns.RcodeNameError, "", false},
		{"broken.example.", dns.TypeA, dns.RcodeServerFailure, "", false},
		{"broken.example.", dns.TypeMX, dns.RcodeServerFailure, "", false},
		{"mail.example.", dns.TypeMX, dns.RcodeSuccess, "mail.example. MX 10 mx.example.", false},
		{"nobody.example.", dns.TypeMX, dns.RcodeNameError, "", false},
		{"example.", dns.TypeAXFR, dns.RcodeRefused, "", false},
		{".", dns.TypeA, dns.RcodeSuccess, "", false},
	} {
		t.Run(c.name+dns.TypeToString[c.qtype], func(t *testing.T) {
			a := ask(t, dnsd.New(config()), query(c.name, c.qtype), true)
			var answers []string
			for _, r := range a.Answer {
				fields := strings.Fields(r.String())
				answers = append(answers, strings.Join(slices.Delete(fields, 1, 3), " "))
			}
			if got := strings.Join(answers, "\n"); got != c.answers || a.Rcode != c.rcode || a.Authoritative != c.authoritative {
				t.Errorf("%s\nwant %s, authoritative %v: %q", a, dns.RcodeToString[c.rcode], c.authoritative, c.answers)
			}
			if negative := len(c.answers) == 0 && c.rcode != dns.RcodeServerFailure; c.authoritative && negative {
				if len(a.Ns) != 1 || a.Ns[0].Header().Rrtype != dns.TypeSOA {
					t.Errorf("a negative answer without the SOA that says how long it lasts:\n%s", a)
				}
			}
		})
	}
}

func TestWhatIsNoQuestionGetsAnErrorOrNothing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*dns.Msg)
		rcode  int // -1: no answer
	}{
		"answer":        {func(m *dns.Msg) { m.Response = true }, -1},
		"update":        {func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }, dns.RcodeNotImplemented},
		"no question":   {func(m *dns.Msg) { m.Question = nil }, dns.RcodeFormatError},
		"two questions": {func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }, dns.RcodeFormatError},
		"CHAOS":         {func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }, dns.RcodeRefused},
		"EDNS 1":        {func(m *dns.Msg) { m.SetEdns0(1232, false); m.IsEdns0().SetVersion(1) }, dns.RcodeBadVers},
	} {
		t.Run(name, func(t *testing.T) {
			q := query("sensor.", dns.TypeA)
			c.change(q)
			s := dnsd.New(config())
			a := ask(t, s, q, true)
			if c.rcode == -1 && a != nil || c.rcode != -1 && (a == nil || a.Rcode != c.rcode || len(a.Answer) != 0) {
				t.Errorf("%v", a)
			}
			if st := s.Stats(); st.Queries != 1 || st.Malformed != 1 {
				t.Errorf("Stats = %+v", st)
			}
		})
	}
	if b := dnsd.New(config()).Handle(t.Context(), []byte("hello"), true); b != nil {
		t.Errorf("%q is the answer to hello", b)
	}
}

func TestALongAnswerIsCutToWhatADatagramMayCarry(t *testing.T) {
	for name, c := range map[string]struct {
		edns     uint16
		datagram bool
		limit    int
	}{
		"plain": {0, true, 512}, "small": {100, true, 512}, "EDNS": {1000, true, 1000}, "beyond": {4096, true, 1232}, "TCP": {0, false, 65535},
	} {
		t.Run(name, func(t *testing.T) {
			q := query("long.example.", dns.TypeTXT)
			if c.edns != 0 {
				q.SetEdns0(c.edns, false)
			}
			packet, err := q.Pack()
			if err != nil {
				t.Fatal(err)
			}
			b := dnsd.New(config()).Handle(t.Context(), packet, c.datagram)
			a := new(dns.Msg)
			if err := a.Unpack(b); err != nil {
				t.Fatal(err)
			}
			if len(b) > c.limit || a.Truncated != c.datagram || c.datagram == (len(a.Answer) == 100) {
				t.Errorf("%d bytes, %d records, truncated %v; limit %d", len(b), len(a.Answer), a.Truncated, c.limit)
			}
			if (a.IsEdns0() != nil) != (c.edns != 0) {
				t.Errorf("EDNS in the answer: %v", a.IsEdns0())
			}
		})
	}
}

func TestAForwardedAnswerKeepsAllButTheHopsOwn(t *testing.T) {
	a := ask(t, dnsd.New(config()), query("mail.example.", dns.TypeMX), true)
	if len(a.Extra) != 1 || a.Extra[0].Header().Rrtype != dns.TypeA {
		t.Errorf("additional records %v", a.Extra)
	}
	a = ask(t, dnsd.New(config()), query("nobody.example.", dns.TypeMX), true)
	if len(a.Ns) != 1 {
		t.Errorf("the SOA got lost: %v", a)
	}
}

func FuzzHandle(f *testing.F) {
	for _, name := range []string{"sensor.netdev.", "both.example.", "15.2.0.10.in-addr.arpa."} {
		q := query(name, dns.TypeA)
		q.SetEdns0(1232, true)
		b, err := q.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		b := dnsd.New(config()).Handle(t.Context(), packet, true)
		if b == nil {
			return
		}
		a := new(dns.Msg)
		if err := a.Unpack(b); err != nil || !a.Response || len(b) > 1232 {
			t.Fatalf("%d bytes: %v, %v", len(b), a, err)
		}
	})
}
