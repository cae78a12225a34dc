//go:build !tinygo

package net_test

import (
	"context"
	"errors"
	stdnet "net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/net"
	"golang.org/x/net/dns/dnsmessage"
)

func TestLiteralsNeverReachTheDevice(t *testing.T) {
	use(t, &fake{resolve: func(name string) (netip.Addr, error) {
		t.Errorf("the device was asked for %q", name)
		return netip.Addr{}, netdev.ErrHostUnknown
	}})
	for _, literal := range []string{"127.0.0.1", "::1", "fe80::1%eth0", "::ffff:10.0.0.1"} {
		got, err := net.LookupHost(literal)
		if len(got) != 1 || err != nil {
			t.Errorf("LookupHost(%q) = %v, %v", literal, got, err)
		}
		if a, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(literal, "http")); err != nil || a.Port != 80 {
			t.Errorf("ResolveTCPAddr of %q = %v, %v", literal, a, err)
		}
	}
}

func TestNamesComeFromTheDevice(t *testing.T) {
	one := &fake{resolve: func(name string) (netip.Addr, error) {
		if name != "board" {
			return netip.Addr{}, netdev.ErrHostUnknown
		}
		return netip.MustParseAddr("10.0.0.7"), nil
	}}
	many := multi{&fake{}, addrs("fd00::7", "10.0.0.7", "::ffff:10.0.0.8")}
	for _, test := range []struct {
		dev     netdev.Netdever
		network string
		want    []string
	}{
		{one, "ip", []string{"10.0.0.7"}},
		{one, "ip4", []string{"10.0.0.7"}},
		{one, "ip6", nil},
		{many, "ip", []string{"fd00::7", "10.0.0.7", "10.0.0.8"}},
		{many, "ip4", []string{"10.0.0.7", "10.0.0.8"}},
		{many, "ip6", []string{"fd00::7"}},
	} {
		use(t, test.dev)
		ips, err := net.DefaultResolver.LookupIP(context.Background(), test.network, "board")
		var got []string
		for _, ip := range ips {
			got = append(got, ip.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, %v, want %v", test.network, got, err, test.want)
		}
		var dns *net.DNSError
		if test.want == nil && (!errors.As(err, &dns) || !dns.IsNotFound) {
			t.Errorf("%s: %v, want a DNSError that says not found", test.network, err)
		}
	}
	if a, err := net.ResolveUDPAddr("udp", "board:53"); err != nil || a.String() != "10.0.0.7:53" {
		t.Errorf("ResolveUDPAddr = %v, %v, want the IPv4 address", a, err)
	}
	if a, err := net.ResolveIPAddr("ip6", "board"); err != nil || a.String() != "fd00::7" {
		t.Errorf("ResolveIPAddr = %v, %v", a, err)
	}
}

func TestDNSErrorsSayWhatHappened(t *testing.T) {
	for _, test := range []struct {
		err                  error
		text                 string
		notFound, timeout    bool
		temporary, addresses bool
	}{
		{err: netdev.ErrHostUnknown, text: "lookup host: no such host", notFound: true},
		{err: netdev.ErrTimeout, text: "lookup host: i/o timeout", timeout: true, temporary: true},
		{err: netdev.ErrNetDown, text: "lookup host: network is down"},
		{err: nil, text: "lookup host: no such host", notFound: true}, // and no address either
	} {
		use(t, &fake{resolve: func(string) (netip.Addr, error) { return netip.Addr{}, test.err }})
		_, err := net.LookupHost("host")
		var dns *net.DNSError
		if !errors.As(err, &dns) {
			t.Errorf("%v: %v, want a DNSError", test.err, err)
			continue
		}
		if dns.Error() != test.text || dns.IsNotFound != test.notFound || dns.IsTimeout != test.timeout || dns.IsTemporary != test.temporary {
			t.Errorf("%v: %#v", test.err, dns)
		}
		if !errors.Is(err, test.err) && test.err != nil {
			t.Errorf("%v is not %v", err, test.err)
		}
	}
}

func TestNamesThatCannotBeAreNotShownToTheDevice(t *testing.T) {
	use(t, &fake{resolve: func(name string) (netip.Addr, error) {
		t.Errorf("the device was asked for a name of %d bytes", len(name))
		return netip.Addr{}, nil
	}})
	for _, name := range []string{"", strings.Repeat("x", 300)} {
		var dns *net.DNSError
		if _, err := net.LookupHost(name); !errors.As(err, &dns) || !dns.IsNotFound {
			t.Errorf("LookupHost of %d bytes: %v", len(name), err)
		}
	}
}

func TestTheContextEndsALookup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		var asked atomic.Int32
		use(t, &fake{resolve: func(string) (netip.Addr, error) {
			asked.Add(1)
			<-end
			return netip.Addr{}, netdev.ErrHostUnknown
		}})
		const most = 8
		for i := range most + 2 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			start := time.Now()
			_, err := new(net.Resolver).LookupHost(ctx, "host")
			cancel()
			var dns *net.DNSError
			if !errors.As(err, &dns) || !dns.IsTemporary {
				t.Fatalf("LookupHost: %v, want a temporary error", err)
			}
			if i >= most {
				continue // refused at once, and not left behind as well
			}
			if took := time.Since(start); took != time.Second || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("LookupHost: %v after %v", err, took)
			}
		}
		if n := asked.Load(); n != most {
			t.Errorf("%d lookups are left behind in the device, want %d", n, most)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := new(net.Dialer).DialContext(ctx, "tcp", "host:80")
		if want := "dial tcp: lookup host: operation was canceled"; err.Error() != want || !errors.Is(err, context.Canceled) {
			t.Errorf("Dial: %v, want %s", err, want)
		}
	})
}

// dnsServer answers TXT and MX questions about example.test, and says that
// there is no other name.
func dnsServer(t *testing.T) string {
	t.Helper()
	c := must[stdnet.PacketConn](t)(stdnet.ListenPacket("udp", loopback0))
	t.Cleanup(func() { c.Close() })
	go func() {
		for b := make([]byte, 512); ; {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1}
			switch {
			case q.Name.String() != "example.test.":
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeTXT:
				m.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.TXTResource{TXT: []string{"hello"}}}}
			case q.Type == dnsmessage.TypeMX:
				m.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.MXResource{
					Pref: 10, MX: dnsmessage.MustNewName("mail.example.test."),
				}}}
			case q.Type == dnsmessage.TypeA:
				m.Answers = []dnsmessage.Resource{{Header: h, Body: &dnsmessage.AResource{A: [4]byte{10, 0, 0, 8}}}}
			}
			reply, err := m.Pack()
			if err != nil {
				return
			}
			c.WriteTo(reply, from)
		}
	}()
	return c.LocalAddr().String()
}

func TestRecordsComeOverTheDevicesSockets(t *testing.T) {
	server := dnsServer(t)
	for _, d := range devices {
		t.Run(d.name, func(t *testing.T) {
			w := watch(d.open())
			use(t, w)
			r := &net.Resolver{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, server)
			}}
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if got, err := r.LookupTXT(ctx, "example.test."); !slices.Equal(got, []string{"hello"}) || err != nil {
				t.Errorf("LookupTXT = %q, %v", got, err)
			}
			select {
			case <-w.send:
			default:
				t.Error("the question did not go over the device")
			}
			if got, err := r.LookupMX(ctx, "example.test."); err != nil || len(got) != 1 || got[0].Host != "mail.example.test." {
				t.Errorf("LookupMX = %v, %v", got, err)
			}
			if got, err := r.LookupHost(ctx, "example.test."); !slices.Equal(got, []string{"10.0.0.8"}) || err != nil {
				t.Errorf("LookupHost = %v, %v", got, err)
			}
			var dns *net.DNSError
			if _, err := r.LookupTXT(ctx, "nothing.test."); !errors.As(err, &dns) || !dns.IsNotFound {
				t.Errorf("LookupTXT of a name that is not there: %v", err)
			}
		})
	}
}

// told is a device that knows DNS servers, whose port 53 is elsewhere.
type told struct {
	netdev.Netdever
	servers []netip.Addr
	port53  map[netip.Addr]netip.AddrPort
}

func (d *told) DNSServers() []netip.Addr { return slices.Clone(d.servers) }

func (d *told) Connect(fd int, host string, to netip.AddrPort) error {
	if to.Port() == 53 {
		to = d.port53[to.Addr()]
	}
	return d.Netdever.Connect(fd, host, to)
}

func TestRecordsComeFromTheDevicesServers(t *testing.T) {
	live := netip.MustParseAddr("192.0.2.53")
	dead := netip.MustParseAddr("192.0.2.54")
	port53 := map[netip.Addr]netip.AddrPort{
		live: netip.MustParseAddrPort(dnsServer(t)),
		dead: netip.MustParseAddrPort("127.0.0.1:1"), // refused
	}
	other := &fake{}
	use(t, other)
	dev := &told{bare.Device(host.New()), []netip.Addr{live}, port53}
	r := &net.Resolver{Device: dev}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for _, servers := range [][]netip.Addr{{live}, {dead, live}} {
		dev.servers = servers
		for _, name := range []string{"example.test", "example.test."} {
			if got, err := r.LookupTXT(ctx, name); !slices.Equal(got, []string{"hello"}) || err != nil {
				t.Errorf("servers %v: LookupTXT(%q) = %q, %v", servers, name, got, err)
			}
		}
	}
	var dns *net.DNSError
	dev.servers = []netip.Addr{live}
	_, err := r.LookupMX(ctx, "nothing.test")
	if !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != "nothing.test" || dns.Server != "192.0.2.53:53" {
		t.Errorf("LookupMX of a name that is not there: %v", err)
	}
	dev.servers = nil
	_, err = r.LookupTXT(ctx, "example.test")
	if want := "lookup example.test: the device knows no DNS server"; err == nil || err.Error() != want {
		t.Errorf("LookupTXT without a server: %v, want %s", err, want)
	}
}

func TestADialersResolverIsUsed(t *testing.T) {
	server := dnsServer(t)
	f := &fake{}
	use(t, f)
	var to netip.AddrPort
	f.connect = func(_ int, _ string, addr netip.AddrPort) error {
		to = addr
		return nil
	}
	d := net.Dialer{Resolver: &net.Resolver{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(stdnet.Dialer).DialContext(ctx, network, server)
	}}}
	c := must[stdnet.Conn](t)(d.Dial("tcp", "example.test.:80"))
	c.Close()
	if want := "10.0.0.8:80"; to.String() != want {
		t.Errorf("connected to %v, want %s", to, want)
	}
}

func TestDNSTimeoutsAreTimeouts(t *testing.T) {
	use(t, &fake{resolve: func(string) (netip.Addr, error) { return netip.Addr{}, netdev.ErrTimeout }})
	_, err := net.Dial("tcp", "host:80")
	if e, ok := err.(stdnet.Error); !ok || !e.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Dial: %v, want a timeout", err)
	}
}
