package dnsd_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/miekg/dns"
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/sim/gateway/internal/dnsd"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// serve runs s on sockets of the host, and returns the address of both.
func serve(t *testing.T, s *dnsd.Server) string {
	t.Helper()
	dev := host.New()
	udp, tcp, addr := sockets(t, dev)
	if err := dev.Listen(tcp, 16); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { s.ServeUDP(ctx, dev, udp, wg.Go) })
	wg.Go(func() { s.ServeTCP(ctx, dev, tcp, wg.Go) })
	t.Cleanup(func() {
		stop()
		dev.Close(udp)
		dev.Close(tcp)
		wg.Wait()
	})
	return addr.String()
}

// sockets returns two of one port. What is free for UDP need not be so for TCP.
func sockets(t *testing.T, dev *host.Device) (udp, tcp int, addr netip.AddrPort) {
	t.Helper()
	for {
		udp, err := bound(dev, netdev.SOCK_DGRAM, 0)
		if err == nil {
			addr, err = dev.GetSockName(udp)
		}
		if err != nil {
			t.Fatal(err)
		}
		tcp, err := bound(dev, netdev.SOCK_STREAM, addr.Port())
		if err == nil {
			return udp, tcp, addr
		}
		dev.Close(udp)
		if !errors.Is(err, netdev.ErrAddrInUse) {
			t.Fatal(err)
		}
	}
}

func bound(dev *host.Device, stype int, port uint16) (int, error) {
	fd, err := dev.Socket(netdev.AF_INET, stype, 0)
	if err != nil {
		return -1, err
	}
	if err := dev.Bind(fd, netip.AddrPortFrom(loopback, port)); err != nil {
		dev.Close(fd)
		return -1, err
	}
	return fd, nil
}

// elsewhere runs a DNS server that is not ours.
func elsewhere(t *testing.T, handler dns.HandlerFunc) netip.AddrPort {
	t.Helper()
	var pc net.PacketConn
	var l net.Listener
	for l == nil {
		var err error
		if pc, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if l, err = net.Listen("tcp4", pc.LocalAddr().String()); err != nil {
			pc.Close()
			if !errors.Is(err, syscall.EADDRINUSE) {
				t.Fatal(err)
			}
		}
	}
	for _, s := range []*dns.Server{{PacketConn: pc, Handler: handler}, {Listener: l, Handler: handler}} {
		started := make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go s.ActivateAndServe()
		<-started
		t.Cleanup(func() { s.Shutdown() })
	}
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}

func exchange(t *testing.T, network, server string, q *dns.Msg) (*dns.Msg, error) {
	t.Helper()
	c := &dns.Client{Net: network, Timeout: 10 * time.Second}
	a, _, err := c.Exchange(q, server)
	return a, err
}

func TestClientsAreServedOverUDPAndTCP(t *testing.T) {
	addr := serve(t, dnsd.New(config()))
	for _, network := range []string{"udp", "tcp"} {
		a, err := exchange(t, network, addr, query("sensor.netdev.", dns.TypeA))
		if err != nil || len(a.Answer) != 1 {
			t.Errorf("%s: %v, %v", network, a, err)
		}
		a, err = exchange(t, network, addr, query("four.example.", dns.TypeA))
		if err != nil || len(a.Answer) != 1 {
			t.Errorf("%s: %v, %v", network, a, err)
		}
	}
}

func TestATruncatedAnswerIsWholeOverTCP(t *testing.T) {
	addr := serve(t, dnsd.New(config()))
	a, err := exchange(t, "udp", addr, query("long.example.", dns.TypeTXT))
	if err != nil || !a.Truncated {
		t.Fatalf("%v, %v", a, err)
	}
	if a, err = exchange(t, "tcp", addr, query("long.example.", dns.TypeTXT)); err != nil || len(a.Answer) != 100 {
		t.Fatalf("%v, %v", a, err)
	}
}

func TestOneConnectionCarriesManyQueries(t *testing.T) {
	c, err := net.Dial("tcp4", serve(t, dnsd.New(config())))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	conn := &dns.Conn{Conn: c}
	for range 3 {
		q := query("sensor.", dns.TypeA)
		if err := conn.WriteMsg(q); err != nil {
			t.Fatal(err)
		}
		if a, err := conn.ReadMsg(); err != nil || a.Id != q.Id {
			t.Fatalf("%v, %v", a, err)
		}
	}
}

// Names of the network are answered while all who may ask elsewhere wait.
func TestSlowNamesAreBoundedAndDelayNoLocalOnes(t *testing.T) {
	c := config()
	c.Resolve = func(ctx context.Context, _ string) ([]netip.Addr, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s := dnsd.New(c)
	addr := serve(t, s)
	flood, err := net.Dial("udp4", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer flood.Close()
	b, err := query("slow.example.", dns.TypeA).Pack()
	if err != nil {
		t.Fatal(err)
	}
	for s.Stats().Dropped == 0 {
		if _, err := flood.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := exchange(t, "udp", addr, query("sensor.", dns.TypeA)); err != nil || len(a.Answer) != 1 {
		t.Errorf("%v, %v", a, err)
	}
}

func upstream(dev netdev.Netdever, servers ...netip.AddrPort) *dnsd.Upstream {
	return &dnsd.Upstream{Device: dev, Servers: servers, ID: func() uint16 { return 0x1234 }}
}

func TestUpstreamAsksTheServers(t *testing.T) {
	answer := func(w dns.ResponseWriter, q *dns.Msg) {
		a := new(dns.Msg).SetReply(q)
		if q.Question[0].Name == "long.example." {
			for range 100 {
				a.Answer = append(a.Answer, rr("long.example. 1 IN TXT "+strings.Repeat("x", 100)))
			}
			if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
				a.Truncate(1232)
			}
		} else {
			a.Answer = append(a.Answer, rr("mail.example. 1 IN MX 10 mx.example."))
		}
		w.WriteMsg(a)
	}
	good := elsewhere(t, answer)
	dead := refusing(t)
	forged := elsewhere(t, func(w dns.ResponseWriter, q *dns.Msg) {
		wrongID := new(dns.Msg).SetReply(q)
		wrongID.Id++
		w.WriteMsg(wrongID)
		other := new(dns.Msg).SetReply(query("other.example.", dns.TypeMX))
		other.Id = q.Id
		w.WriteMsg(other)
		answer(w, q)
	})
	for name, servers := range map[string][]netip.AddrPort{"one": {good}, "the second": {dead, good}, "among forged answers": {forged}} {
		for device, dev := range map[string]netdev.Netdever{"host": host.New(), "bare": bare.Device(host.New())} {
			t.Run(name+" "+device, func(t *testing.T) {
				q := query("mail.example.", dns.TypeMX)
				a, err := upstream(dev, servers...).Exchange(t.Context(), q)
				if err != nil || len(a.Answer) != 1 {
					t.Fatalf("%v, %v", a, err)
				}
				if a.Id != 0x1234 || q.Id == 0x1234 {
					t.Errorf("the client's id %#x went out; %#x came back", q.Id, a.Id)
				}
			})
		}
	}
	t.Run("too long for a datagram", func(t *testing.T) {
		a, err := upstream(host.New(), good).Exchange(t.Context(), query("long.example.", dns.TypeTXT))
		if err != nil || len(a.Answer) != 100 {
			t.Fatalf("%v, %v", a, err)
		}
	})
	t.Run("nobody answers", func(t *testing.T) {
		if a, err := upstream(host.New(), dead).Exchange(t.Context(), query("mail.example.", dns.TypeMX)); !errors.Is(err, netdev.ErrConnRefused) {
			t.Fatalf("%v, %v", a, err)
		}
		if a, err := upstream(host.New()).Exchange(t.Context(), query("mail.example.", dns.TypeMX)); !errors.Is(err, dnsd.ErrNoServers) {
			t.Fatalf("%v, %v", a, err)
		}
	})
}

// refusing returns an address at which nobody listens.
func refusing(t *testing.T) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}

func TestTheEndOfTheContextEndsAnExchange(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent := elsewhere(t, func(dns.ResponseWriter, *dns.Msg) { cancel() })
	if a, err := upstream(host.New(), silent).Exchange(ctx, query("mail.example.", dns.TypeMX)); err == nil {
		t.Fatal(a)
	}
}
