package stack_test

import (
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/arp"
	"github.com/netdev-go/netdev/wire/ethernet"
)

// A dhcpServer leases addresses from 10.0.0.100 on, through a socket of a stack.
type dhcpServer struct {
	mu    sync.Mutex
	seen  []dhcpv4.MessageType
	last  *dhcpv4.DHCPv4
	next  byte
	mute  bool
	lease time.Duration
}

func (d *dhcpServer) serve(s *stack.Stack, fd int) {
	buf := make([]byte, 1500)
	for {
		n, _, err := s.RecvFrom(fd, buf, 0, never)
		if err != nil {
			return
		}
		m, err := dhcpv4.FromBytes(buf[:n])
		if err != nil {
			panic(err)
		}
		if r := d.answer(m); r != nil {
			s.SendTo(fd, r.ToBytes(), 0, netip.MustParseAddrPort("255.255.255.255:68"), never)
		}
	}
}

func (d *dhcpServer) answer(m *dhcpv4.DHCPv4) *dhcpv4.DHCPv4 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = m
	d.seen = append(d.seen, m.MessageType())
	kind := dhcpv4.MessageTypeOffer
	switch {
	case d.mute:
		return nil
	case m.MessageType() == dhcpv4.MessageTypeRequest:
		kind = dhcpv4.MessageTypeAck
	case m.MessageType() == dhcpv4.MessageTypeDecline:
		d.next++
		return nil
	case m.MessageType() != dhcpv4.MessageTypeDiscover:
		return nil
	}
	r, err := dhcpv4.NewReplyFromRequest(m,
		dhcpv4.WithMessageType(kind),
		dhcpv4.WithServerIP(addrB.AsSlice()),
		dhcpv4.WithYourIP([]byte{10, 0, 0, 100 + d.next}),
		dhcpv4.WithNetmask([]byte{255, 255, 255, 0}),
		dhcpv4.WithRouter(addrB.AsSlice()),
		dhcpv4.WithDNS(addrB.AsSlice()),
		dhcpv4.WithOption(dhcpv4.OptServerIdentifier(addrB.AsSlice())),
		dhcpv4.WithLeaseTime(uint32(d.lease/time.Second)),
	)
	if err != nil {
		panic(err)
	}
	return r
}

// messages returns what clients have sent since the last call.
func (d *dhcpServer) messages() []dhcpv4.MessageType {
	d.mu.Lock()
	defer d.mu.Unlock()
	seen := d.seen
	d.seen = nil
	return seen
}

// leased returns a stack that has no address yet, on a switch with a server.
func leased(t *testing.T, c stack.Config) (*stack.Stack, *dhcpServer, *ether.Switch) {
	t.Helper()
	sw := ether.NewSwitch(ether.SwitchConfig{})
	t.Cleanup(func() { sw.Close() })
	da, err := sw.Open(ether.Config{Name: "client"})
	must(t, err)
	db, err := sw.Open(ether.Config{Name: "server"})
	must(t, err)
	b := newStack(t, db, stack.Config{Address: netip.PrefixFrom(addrB, 24)})
	must(t, b.NetConnect(nil))
	fd := open(t, b, netdev.SOCK_DGRAM)
	must(t, b.Bind(fd, at(anywhere, 67)))
	d := &dhcpServer{lease: time.Hour}
	over := make(chan struct{})
	go func() {
		defer close(over)
		d.serve(b, fd)
	}()
	t.Cleanup(func() {
		b.Close(fd)
		<-over
	})
	return newStack(t, da, c), d, sw
}

func sameMessages(t *testing.T, got []dhcpv4.MessageType, want ...dhcpv4.MessageType) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("the server saw %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("the server saw %v, want %v", got, want)
		}
	}
}

func TestDNSServersAreThoseOfTheConfigurationOrTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := netip.MustParseAddr("192.0.2.53")
		for _, test := range []struct{ configured, before, leased []netip.Addr }{
			{nil, nil, []netip.Addr{addrB}},
			{[]netip.Addr{own}, []netip.Addr{own}, []netip.Addr{own}},
		} {
			s, _, _ := leased(t, stack.Config{DNS: test.configured})
			if got := s.DNSServers(); !slices.Equal(got, test.before) {
				t.Errorf("before NetConnect: %v, want %v", got, test.before)
			}
			must(t, s.NetConnect(nil))
			got := s.DNSServers()
			if !slices.Equal(got, test.leased) {
				t.Errorf("with a lease: %v, want %v", got, test.leased)
			}
			got[0] = netip.Addr{} // the caller's
			if got := s.DNSServers(); !slices.Equal(got, test.leased) {
				t.Errorf("asked again: %v, want %v", got, test.leased)
			}
			s.NetDisconnect()
			if got := s.DNSServers(); !slices.Equal(got, test.before) {
				t.Errorf("after NetDisconnect: %v, want %v", got, test.before)
			}
		}
	})
}

func TestALeaseIsTakenRenewedAndGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d, _ := leased(t, stack.Config{Hostname: "board"})
		events := make(chan netlink.Event, 4)
		s.NetNotify(func(e netlink.Event) { events <- e })
		if _, err := s.Addr(); err != netdev.ErrNetDown {
			t.Errorf("Addr before NetConnect: %v", err)
		}
		start := time.Now()
		must(t, s.NetConnect(&netlink.ConnectParams{}))
		if d := time.Since(start); d > time.Second {
			t.Errorf("NetConnect took %v", d)
		}
		if e := <-events; e != netlink.EventNetUp {
			t.Errorf("event %v, want up", e)
		}
		if got, err := s.Addr(); err != nil || got != netip.MustParseAddr("10.0.0.100") {
			t.Fatalf("Addr = %v, %v", got, err)
		}
		if d.last.HostName() != "board" {
			t.Errorf("the server knows us as %q", d.last.HostName())
		}
		sameMessages(t, d.messages(), dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest)
		if err := s.NetConnect(nil); err != netlink.ErrConnected {
			t.Errorf("a second NetConnect: %v", err)
		}
		time.Sleep(31 * time.Minute) // past T1
		sameMessages(t, d.messages(), dhcpv4.MessageTypeRequest)
		fd, _ := bound(t, s, anywhere)
		s.NetDisconnect()
		synctest.Wait()
		sameMessages(t, d.messages(), dhcpv4.MessageTypeRelease)
		if e := <-events; e != netlink.EventNetDown {
			t.Errorf("event %v, want down", e)
		}
		if _, err := s.Recv(fd, nil, 0, never); err != netdev.ErrNetDown {
			t.Errorf("Recv after NetDisconnect: %v", err)
		}
		must(t, s.NetConnect(nil))
		if e := <-events; e != netlink.EventNetUp {
			t.Errorf("event %v, want up", e)
		}
	})
}

func TestALostLeaseTakesTheSocketsAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d, _ := leased(t, stack.Config{})
		must(t, s.NetConnect(nil))
		fd, _ := bound(t, s, anywhere)
		lo, name := bound(t, s, home)
		d.mu.Lock()
		d.mute = true
		d.mu.Unlock()
		start := time.Now()
		if _, err := s.Recv(fd, nil, 0, never); err != netdev.ErrNetDown {
			t.Errorf("Recv = %v", err)
		}
		if d := time.Since(start); d < 59*time.Minute || d > time.Hour {
			t.Errorf("the lease of an hour ended after %v", d)
		}
		must(t, s.Close(fd))
		sendTo(t, s, lo, "still", name)
		if got, _ := recv(t, s, lo); got != "still" {
			t.Errorf("loopback: %q", got)
		}
		d.mu.Lock()
		d.mute = false
		d.mu.Unlock()
		time.Sleep(5 * time.Minute)
		if _, err := s.Addr(); err != nil {
			t.Errorf("no lease after the server is back: %v", err)
		}
	})
}

func TestAnAddressThatSomebodyHasIsDeclined(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, d, sw := leased(t, stack.Config{})
		squatter, err := sw.Open(ether.Config{Name: "squatter"})
		must(t, err)
		taken := netip.MustParseAddr("10.0.0.100")
		squatter.SetEthRecvHandler(func(frame []byte) {
			f, err := ethernet.Parse(frame)
			if err != nil || f.Type() != ethernet.TypeARP {
				return
			}
			if p, err := arp.Parse(f.Payload()); err == nil && p.Op() == arp.OpRequest && p.TargetIP() == taken {
				hw, _ := squatter.HardwareAddr6()
				out := make([]byte, 60)
				h := ethernet.Header{Dst: f.Src(), Src: hw, Type: ethernet.TypeARP}
				n := h.Emit(out)
				r := arp.Reply(hw, p)
				r.Emit(out[n:])
				squatter.SendOffsetEthFrame(out)
			}
		})
		must(t, s.NetConnect(&netlink.ConnectParams{ConnectTimeout: time.Minute}))
		if got, _ := s.Addr(); got != netip.MustParseAddr("10.0.0.101") {
			t.Errorf("Addr = %v, want the next", got)
		}
		sameMessages(t, d.messages(), dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest,
			dhcpv4.MessageTypeDecline, dhcpv4.MessageTypeDiscover, dhcpv4.MessageTypeRequest)
	})
}

func TestWithoutAServerNetConnectGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			params netlink.ConnectParams
			err    error
			after  time.Duration
		}{
			{netlink.ConnectParams{Retries: 1}, netlink.ErrConnectTimeout, 10 * time.Second},
			{netlink.ConnectParams{Retries: 3, ConnectTimeout: time.Minute}, netlink.ErrConnectFailed, 3 * time.Minute},
		} {
			dev, _ := cable(t)
			s := newStack(t, dev, stack.Config{})
			start := time.Now()
			if err := s.NetConnect(&c.params); err != c.err || time.Since(start) != c.after {
				t.Errorf("NetConnect = %v after %v, want %v after %v", err, time.Since(start), c.err, c.after)
			}
		}
		dev, _ := cable(t)
		s := newStack(t, dev, stack.Config{})
		time.AfterFunc(time.Hour, s.NetDisconnect)
		start := time.Now()
		if err := s.NetConnect(nil); err != netlink.ErrConnectFailed || time.Since(start) != time.Hour {
			t.Errorf("NetDisconnect ended NetConnect with %v after %v", err, time.Since(start))
		}
	})
}
