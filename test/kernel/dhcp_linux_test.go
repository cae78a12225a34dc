package kernel

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/wire/dhcpv4"
	"github.com/netdev-go/netdev/wire/udp"
)

// A dnsmasq serves one line, with leases of two minutes, the shortest it gives.
type dnsmasq struct {
	leases string
	stop   func()
}

func serve(t *testing.T, l *line, first, last byte, more ...string) *dnsmasq {
	t.Helper()
	dir := t.TempDir()
	s := &dnsmasq{leases: filepath.Join(dir, "leases")}
	cmd := program(t, "dnsmasq", append([]string{"--no-daemon", "--conf-file=/dev/null", "--log-facility=-", "--log-dhcp",
		"--interface=" + l.name, "--bind-interfaces", "--except-interface=lo", "--pid-file=",
		"--dhcp-authoritative", "--no-ping", "--dhcp-leasefile=" + s.leases, "--no-resolv", "--no-hosts", "--domain=lab.test",
		fmt.Sprintf("--dhcp-range=%v,%v,255.255.255.0,2m", l.host(first), l.host(last))}, more...)...)
	pipe, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = cmd.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// The range is told of when its sockets are open.
	begin, err := readUntil(pipe, "IP range")
	var log bytes.Buffer
	ended := make(chan struct{})
	go func() { io.Copy(&log, pipe); close(ended) }()
	s.stop = sync.OnceFunc(func() {
		cmd.Process.Kill()
		<-ended
		cmd.Wait()
		if t.Failed() {
			t.Logf("dnsmasq:\n%s%s", begin, log.Bytes())
		}
	})
	t.Cleanup(s.stop)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// host returns an address in the line's network.
func (l *line) host(n byte) netip.Addr {
	b := l.net.Addr().As4()
	b[3] = n
	return netip.AddrFrom4(b)
}

// lease connects the stack, and returns the address that it was given.
func (l *line) lease(t *testing.T) netip.Addr {
	t.Helper()
	if err := l.stack.NetConnect(&netlink.ConnectParams{ConnectTimeout: time.Minute}); err != nil {
		t.Error(err)
	}
	return l.addr(t)
}

func (l *line) addr(t *testing.T) netip.Addr {
	t.Helper()
	addr, err := l.stack.Addr()
	if err != nil {
		t.Error(err)
	}
	return addr
}

// message watches for a DHCP message of that type.
func (l *line) message(want dhcpv4.MessageType) *watch {
	return l.watch(func(p packet) bool {
		if p.Protocol() != udp.Protocol || p.IsFragment() {
			return false
		}
		d, err := udp.Parse(p.Payload())
		if err != nil || d.DstPort() != 67 && d.DstPort() != 68 {
			return false
		}
		m, err := dhcpv4.Parse(d.Payload())
		return err == nil && m.Type() == want
	})
}

func TestLeaseOfDnsmasqIsTakenRenewedAndReleased(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := plug(t, stack.Config{Hostname: "board", Clock: clock}, ether.Impairment{})
	server := serve(t, l, 50, 60)
	addr := l.lease(t)
	if addr.Less(l.host(50)) || l.host(60).Less(addr) {
		t.Errorf("the stack's address is %v", addr)
	}
	text, err := os.ReadFile(server.leases)
	if err != nil || !strings.Contains(string(text), " "+addr.String()+" board ") {
		t.Errorf("dnsmasq's leases: %v\n%s", err, text)
	}
	if out := output(t, program(t, "ping", "-n", "-c", "1", "-W", "10", addr.String())); !strings.Contains(out, " 0% packet loss") {
		t.Error(out)
	}
	for range 5 { // more than the lease in all
		request, ack := l.message(dhcpv4.Request), l.message(dhcpv4.Ack)
		clock.leap(70 * time.Second)
		request.await(t, "request to renew")
		ack.await(t, "renewal")
		if now := l.addr(t); now != addr {
			t.Fatalf("the address was renewed to %v, and was %v", now, addr)
		}
	}
	release := l.message(dhcpv4.Release)
	l.stack.NetDisconnect()
	release.await(t, "release")
	for late := time.Now().Add(10 * time.Second); time.Now().Before(late); {
		if text, _ = os.ReadFile(server.leases); !strings.Contains(string(text), addr.String()) {
			return
		}
	}
	t.Errorf("dnsmasq's leases after the release:\n%s", text)
}

func TestAnAddressThatDnsmasqTakesBackIsGivenUp(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := plug(t, stack.Config{Hostname: "board", Clock: clock}, ether.Impairment{})
	server := serve(t, l, 50, 60)
	addr := l.lease(t)
	server.stop()
	serve(t, l, 100, 110)
	events := make(chan netlink.Event, 10)
	l.stack.NetNotify(func(e netlink.Event) { events <- e })
	nak := l.message(dhcpv4.Nak)
	clock.leap(70 * time.Second)
	nak.await(t, "NAK")
	for _, want := range []netlink.Event{netlink.EventNetDown, netlink.EventNetUp} {
		select {
		case e := <-events:
			if e != want {
				t.Fatalf("event %v, want %v", e, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("no event %v", want)
		}
	}
	if now := l.addr(t); now.Less(l.host(100)) {
		t.Errorf("the address is %v, and was %v", now, addr)
	}
}

// An address that the kernel has already, though dnsmasq does not know.
func TestAnAddressInUseIsDeclined(t *testing.T) {
	t.Parallel()
	clock := newClock()
	l := plug(t, stack.Config{Hostname: "board", Clock: clock}, ether.Impairment{})
	if err := up("lo:1", netip.PrefixFrom(l.host(50), 32)); err != nil {
		t.Fatal(err)
	}
	hw, err := l.HardwareAddr6()
	if err != nil {
		t.Fatal(err)
	}
	serve(t, l, 50, 60, fmt.Sprintf("--dhcp-host=%x:%x:%x:%x:%x:%x,%v", hw[0], hw[1], hw[2], hw[3], hw[4], hw[5], l.host(50)))
	decline := l.message(dhcpv4.Decline)
	leased := make(chan struct{})
	go func() {
		defer close(leased)
		if addr := l.lease(t); addr == l.host(50) {
			t.Errorf("the stack took %v", addr)
		}
	}()
	decline.await(t, "decline")
	clock.leap(15 * time.Second) // after which it may ask again
	<-leased
}

func TestNamesFromDnsmasq(t *testing.T) {
	t.Parallel()
	l := plug(t, stack.Config{Hostname: "board"}, ether.Impairment{})
	serve(t, l, 50, 60, "--cname=alias.lab.test,page.lab.test", fmt.Sprintf("--host-record=page.lab.test,%v", l.kernel))
	addr := l.lease(t)
	for name, want := range map[string]netip.Addr{"page.lab.test": l.kernel, "page": l.kernel, "alias.lab.test": l.kernel, "board": addr} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		got, err := l.stack.LookupNetIP(ctx, "ip4", name)
		cancel()
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s is %v, %v; want %s", name, got, err, want)
		}
	}
	if a, err := l.stack.GetHostByName("nobody.lab.test"); err == nil {
		t.Errorf("nobody.lab.test is %v", a)
	}
}
