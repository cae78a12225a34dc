package gateway_test

import (
	"context"
	"io"
	stdnet "net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/miekg/dns"
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
)

// The world beyond the gateway: the host on which it runs, and a server that the
// host reaches over a cable.
var (
	hostAddr = netip.MustParseAddr("192.0.2.1")
	farAddr  = netip.MustParseAddr("192.0.2.2")
	nobody   = netip.MustParseAddr("192.0.2.99") // on that cable
	nowhere  = netip.MustParseAddr("198.51.100.1")
	gwAddr   = netip.MustParseAddr("10.0.2.1")
)

// A world is a network behind a gateway whose host is a stack too. It is in a
// synctest bubble, and its time is virtual.
type world struct {
	t         *testing.T
	inside    *ether.Switch
	host, far *stack.Stack
	farDevice *ether.Device
	devices   map[string]*ether.Device // on inside
	gw        *gateway.Gateway
	capture   *ether.Capture // of inside, in the file that GATEWAY_PCAP names; or nil

	mu     sync.Mutex
	events []gateway.Event
}

// inWorld runs f in a world of its own, with changes to the gateway.
func inWorld(t *testing.T, f func(t *testing.T, w *world), changes ...func(*gateway.Config)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, inside: ether.NewSwitch(ether.SwitchConfig{}), devices: make(map[string]*ether.Device)}
		if name := os.Getenv("GATEWAY_PCAP"); name != "" {
			capture, err := ether.CreateCapture(name)
			w.must(err)
			t.Cleanup(func() { w.must(capture.Close()) })
			w.capture = capture
		}
		t.Cleanup(func() { w.inside.Close() })
		a, b, err := ether.Cable(ether.Config{Name: "host", Queue: 4096}, ether.Config{Name: "far", Queue: 4096})
		w.must(err)
		t.Cleanup(func() { a.Close(); b.Close() })
		w.host = w.stack(a, stack.Config{Address: netip.PrefixFrom(hostAddr, 24), DNS: []netip.Addr{farAddr}})
		w.farDevice = b
		w.far = w.stack(b, stack.Config{Address: netip.PrefixFrom(farAddr, 24)})
		w.serveDNS()
		c := gateway.Config{
			Device: w.device(ether.Config{Name: "gateway"}), Host: w.host, Seed: 1,
			DNS: []netip.AddrPort{netip.AddrPortFrom(farAddr, 53)},
			Events: func(e gateway.Event) {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.events = append(w.events, e)
			},
		}
		for _, change := range changes {
			change(&c)
		}
		w.gw, err = gateway.New(c)
		w.must(err)
		w.must(w.gw.Start())
		t.Cleanup(func() { w.gw.Close() })
		f(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) device(c ether.Config) *ether.Device {
	w.t.Helper()
	c.Queue = 4096
	dev, err := w.inside.Open(c)
	w.must(err)
	w.devices[c.Name] = dev
	if w.capture != nil {
		dev.Capture(w.capture)
	}
	return dev
}

// unplug takes a device's cable out: frames are lost in both directions.
func (w *world) unplug(name string) {
	w.t.Helper()
	w.must(w.devices[name].Impair(ether.Both, ether.Impairment{Loss: 1}))
}

func (w *world) stack(dev netlink.FrameDevice, c stack.Config) *stack.Stack {
	w.t.Helper()
	s := w.newStack(dev, c)
	w.must(s.NetConnect(nil))
	return s
}

func (w *world) newStack(dev netlink.FrameDevice, c stack.Config) *stack.Stack {
	w.t.Helper()
	s, err := stack.New(dev, c)
	w.must(err)
	w.t.Cleanup(func() { s.Stop() })
	return s
}

// unconnected returns a board before its NetConnect.
func (w *world) unconnected(name string) *stack.Stack {
	w.t.Helper()
	return w.newStack(w.device(ether.Config{Name: name}), stack.Config{Hostname: name})
}

// board starts a board, which has its address when board returns.
func (w *world) board(name string, impairment ...ether.Impairment) *stack.Stack {
	w.t.Helper()
	dev := w.device(ether.Config{Name: name})
	for _, imp := range impairment {
		w.must(dev.Impair(ether.Both, imp))
	}
	return w.stack(dev, stack.Config{Hostname: name})
}

func (w *world) addr(s *stack.Stack) netip.Addr {
	w.t.Helper()
	addr, err := s.Addr()
	w.must(err)
	return addr
}

// heard returns how many events there were of the kind, and the last of them.
func (w *world) heard(kind gateway.EventKind) (n int, last gateway.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.events {
		if e.Kind == kind {
			n, last = n+1, e
		}
	}
	return n, last
}

// serveDNS runs a server on far that knows www.example, and is not ours.
func (w *world) serveDNS() {
	handler := dns.HandlerFunc(func(rw dns.ResponseWriter, q *dns.Msg) {
		a := new(dns.Msg).SetReply(q)
		switch question := q.Question[0]; {
		case question.Name != "www.example.":
			a.Rcode = dns.RcodeNameError
		case question.Qtype == dns.TypeA || question.Qtype == dns.TypeTXT:
			text := map[uint16]string{dns.TypeA: "A " + farAddr.String(), dns.TypeTXT: "TXT hello"}[question.Qtype]
			r, err := dns.NewRR("www.example. 60 IN " + text)
			if err != nil {
				panic(err)
			}
			a.Answer = append(a.Answer, r)
		}
		rw.WriteMsg(a)
	})
	s := &dns.Server{PacketConn: w.listenPacket(w.far, netip.AddrPortFrom(farAddr, 53)), Handler: handler}
	ended := make(chan struct{})
	go func() {
		s.ActivateAndServe()
		close(ended)
	}()
	w.t.Cleanup(func() {
		s.PacketConn.Close()
		<-ended
	})
}

func (w *world) listen(dev netdev.Netdever, addr netip.AddrPort) stdnet.Listener {
	w.t.Helper()
	lc := net.ListenConfig{Device: dev}
	l, err := lc.Listen(context.Background(), "tcp", addr.String())
	w.must(err)
	w.t.Cleanup(func() { l.Close() })
	return l
}

func (w *world) listenPacket(dev netdev.Netdever, addr netip.AddrPort) stdnet.PacketConn {
	w.t.Helper()
	lc := net.ListenConfig{Device: dev}
	pc, err := lc.ListenPacket(context.Background(), "udp", addr.String())
	w.must(err)
	w.t.Cleanup(func() { pc.Close() })
	return pc
}

func (w *world) dial(dev netdev.Netdever, network string, addr netip.AddrPort) (stdnet.Conn, error) {
	d := net.Dialer{Device: dev}
	c, err := d.DialContext(context.Background(), network, addr.String())
	if err == nil {
		w.t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// A conn is both ends of a TCP connection.
type conn struct{ near, far *net.TCPConn }

// connect has from dial what l listens on under the address to.
func (w *world) connect(from netdev.Netdever, to netip.AddrPort, l stdnet.Listener) conn {
	w.t.Helper()
	accepted := make(chan stdnet.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			w.t.Error(err)
		}
		accepted <- c
	}()
	near, err := w.dial(from, "tcp", to)
	w.must(err)
	far := (<-accepted).(*net.TCPConn)
	w.t.Cleanup(func() { far.Close() })
	return conn{near.(*net.TCPConn), far}
}

// served runs f with each connection of a listener.
func (w *world) served(l stdnet.Listener, f func(stdnet.Conn)) {
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
}

func echo(c stdnet.Conn) { io.Copy(c, c) }

// echoPackets answers each datagram with itself.
func echoPackets(pc stdnet.PacketConn) {
	buf := make([]byte, 64<<10)
	for {
		n, from, err := pc.ReadFrom(buf)
		if err != nil {
			return
		}
		pc.WriteTo(buf[:n], from)
	}
}
