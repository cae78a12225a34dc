//go:build !tinygo

package dhcp_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	oracle "github.com/insomniacslk/dhcp/dhcpv4"

	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/drivers/host"
)

// loopback is the host's kernel with its broadcasts and servers on 127.0.0.1, and
// port 68 on any port.
type loopback struct{ *host.Device }

func (loopback) local(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(ip("127.0.0.1"), a.Port())
}

func (d loopback) Bind(fd int, local netip.AddrPort) error {
	if local.Port() != 68 || !local.Addr().IsUnspecified() {
		return errors.New("not the port of DHCP clients")
	}
	return d.Device.Bind(fd, netip.AddrPortFrom(ip("127.0.0.1"), 0))
}

func (d loopback) SendTo(fd int, b []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	return d.Device.SendTo(fd, b, flags, d.local(to), deadline)
}

func TestRunnerOverTheHostsSockets(t *testing.T) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	heard := make(chan oracle.MessageType, 100)
	go func() {
		b := make([]byte, 2000)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(b)
			if err != nil {
				close(heard)
				return
			}
			m, err := oracle.FromBytes(b[:n])
			if err != nil {
				continue
			}
			switch m.MessageType() {
			case oracle.MessageTypeDiscover:
				conn.WriteToUDPAddrPort(reply(m, oracle.MessageTypeOffer).ToBytes(), from)
			case oracle.MessageTypeRequest:
				conn.WriteToUDPAddrPort(reply(m, oracle.MessageTypeAck, oracle.WithOption(oracle.OptRenewTimeValue(time.Second))).ToBytes(), from)
			}
			heard <- m.MessageType()
		}
	}()

	events := make(chan dhcp.Event, 10)
	r := dhcp.Runner{
		Client:     dhcp.New(dhcp.Config{HardwareAddr: hw, Rand: middle, MaxMessageSize: 576}),
		Device:     loopback{host.New()},
		Notify:     func(e dhcp.Event, _ *dhcp.Lease) { events <- e },
		ServerPort: conn.LocalAddr().(*net.UDPAddr).AddrPort().Port(),
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()

	if e := <-events; e != dhcp.EventBound {
		t.Fatalf("told %v", e)
	}
	// The third request is the second renewal.
	for _, want := range []oracle.MessageType{oracle.MessageTypeDiscover, oracle.MessageTypeRequest, oracle.MessageTypeRequest, oracle.MessageTypeRequest} {
		if got := <-heard; got != want {
			t.Fatalf("the server heard %v, want %v", got, want)
		}
	}
	cancel(dhcp.ErrRelease)
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Run returned %v", err)
	}
	if got := <-heard; got != oracle.MessageTypeRelease {
		t.Errorf("the server heard %v, want DHCPRELEASE", got)
	}
	if e := <-events; e != dhcp.EventLost {
		t.Errorf("told %v", e)
	}
}
