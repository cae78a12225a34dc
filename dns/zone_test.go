//go:build !tinygo

package dns

import (
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"

	miekg "github.com/miekg/dns"

	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
)

// A responder is a server's answer to a query; nil is silence.
type responder func(q *miekg.Msg, overTCP bool) *miekg.Msg

const soa = "example. 300 IN SOA ns.example. root.example. 1 2 3 4 60"

// zone answers from records in the form of a zone file, as a recursive server
// would: with the aliases that lead to an answer.
func zone(tb testing.TB, lines ...string) responder {
	tb.Helper()
	var rrs []miekg.RR
	for _, line := range lines {
		rr, err := miekg.NewRR(line)
		if err != nil {
			tb.Fatal(err)
		}
		rrs = append(rrs, rr)
	}
	authority, err := miekg.NewRR(soa)
	if err != nil {
		tb.Fatal(err)
	}
	return func(q *miekg.Msg, overTCP bool) *miekg.Msg {
		m := new(miekg.Msg).SetReply(q)
		m.RecursionAvailable = true
		name, qtype := q.Question[0].Name, q.Question[0].Qtype
		for range 20 {
			exists, alias := false, ""
			for _, rr := range rrs {
				if !strings.EqualFold(rr.Header().Name, name) {
					continue
				}
				exists = true
				if rr.Header().Rrtype == qtype {
					m.Answer = append(m.Answer, rr)
				} else if c, ok := rr.(*miekg.CNAME); ok {
					alias = c.Target
					m.Answer = append(m.Answer, rr)
				}
			}
			if !exists {
				m.Rcode = miekg.RcodeNameError
			}
			if name = alias; name == "" {
				break
			}
		}
		if len(m.Answer) == 0 || m.Rcode == miekg.RcodeNameError {
			m.Ns = []miekg.RR{authority}
		}
		size := miekg.MinMsgSize
		if o := q.IsEdns0(); o != nil {
			size = int(o.UDPSize())
		}
		if !overTCP {
			m.Truncate(size)
		}
		return m
	}
}

// fails answers every query with a response code.
func fails(rcode int) responder {
	return func(q *miekg.Msg, _ bool) *miekg.Msg { return new(miekg.Msg).SetRcode(q, rcode) }
}

// A log is what a server was asked.
type log struct {
	mu      sync.Mutex
	queries []*miekg.Msg
	ports   map[string]bool // that queries came from
	tcp     int
}

func (l *log) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queries)
}

func (l *log) overTCP() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tcp
}

func (l *log) all() []*miekg.Msg {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queries
}

func (l *log) watch(r responder) responder {
	return func(q *miekg.Msg, overTCP bool) *miekg.Msg {
		l.mu.Lock()
		l.queries = append(l.queries, q)
		if overTCP {
			l.tcp++
		}
		l.mu.Unlock()
		return r(q, overTCP)
	}
}

// serve has miekg/dns answer on a loopback port, over UDP and TCP.
func serve(tb testing.TB, r responder) (netip.AddrPort, *log) {
	tb.Helper()
	l := &log{ports: map[string]bool{}}
	r = l.watch(r)
	for range 20 {
		pc, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			tb.Fatal(err)
		}
		ln, err := net.Listen("tcp4", pc.LocalAddr().String())
		if err != nil {
			pc.Close() // the port is somebody's over TCP
			continue
		}
		handler := func(overTCP bool) miekg.HandlerFunc {
			return func(w miekg.ResponseWriter, q *miekg.Msg) {
				l.mu.Lock()
				l.ports[w.RemoteAddr().String()] = true
				l.mu.Unlock()
				if m := r(q, overTCP); m != nil {
					w.WriteMsg(m)
				}
			}
		}
		for _, s := range []*miekg.Server{{PacketConn: pc, Handler: handler(false)}, {Listener: ln, Handler: handler(true)}} {
			started := make(chan struct{})
			s.NotifyStartedFunc = func() { close(started) }
			go s.ActivateAndServe()
			<-started
			tb.Cleanup(func() { s.Shutdown() })
		}
		return pc.LocalAddr().(*net.UDPAddr).AddrPort(), l
	}
	tb.Fatal("no port is free for both UDP and TCP")
	panic("unreachable")
}

// devices are what the tests over the loopback interface run on.
var devices = map[string]Device{"host": host.New(), "bare": bare.Device(host.New())}

// onDevices runs a test on each device. ask makes a Client of it.
func onDevices(t *testing.T, test func(t *testing.T, ask func(c Config, servers ...netip.AddrPort) *Client)) {
	for name, dev := range devices {
		t.Run(name, func(t *testing.T) {
			test(t, func(c Config, servers ...netip.AddrPort) *Client {
				c.Device = dev
				return New(asking(c, servers...))
			})
		})
	}
}

func asking(c Config, servers ...netip.AddrPort) Config {
	c.Servers = func() []netip.AddrPort { return servers }
	return c
}
