//go:build !tinygo

package host_test

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/netlink"
)

func TestLink(t *testing.T) {
	d := host.New()
	var events []netlink.Event
	d.NetNotify(func(e netlink.Event) {
		events = append(events, e)
		d.NetNotify(nil) // a callback may call the device
		d.NetNotify(func(e netlink.Event) { events = append(events, e) })
	})
	fd, c := pair(t, d) // connected from the start
	must(t, d.NetConnect(nil))
	if err := d.NetConnect(&netlink.ConnectParams{}); err != netlink.ErrConnected {
		t.Errorf("second NetConnect: %v", err)
	}
	d.NetDisconnect()
	d.NetDisconnect()
	if _, err := d.Recv(fd, make([]byte, 1), 0, never); err != netdev.ErrNetDown {
		t.Errorf("Recv after link loss: %v", err)
	}
	if fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0); fd != -1 || err != netdev.ErrNetDown {
		t.Errorf("Socket after link loss = %d, %v", fd, err)
	}
	if _, err := d.Addr(); err != netdev.ErrNetDown {
		t.Errorf("Addr after link loss: %v", err)
	}
	if _, err := d.GetHostByName("localhost"); err != netdev.ErrNetDown {
		t.Errorf("GetHostByName after link loss: %v", err)
	}
	c.SetReadDeadline(soon())
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, netdev.ErrTimeout) {
		t.Errorf("the peer of a lost socket reads: %v", err)
	}
	must(t, d.NetConnect(nil))
	if _, err := d.Recv(fd, make([]byte, 1), 0, never); err != netdev.ErrNetDown {
		t.Errorf("Recv on a lost socket: %v", err)
	}
	must(t, d.Close(fd))
	wantErr(t, "second Close", d.Close(fd), netdev.ErrInvalidSocketFd)
	pair(t, d)
	want := []netlink.Event{netlink.EventNetUp, netlink.EventNetDown, netlink.EventNetUp}
	if len(events) != len(want) || events[0] != want[0] || events[1] != want[1] || events[2] != want[2] {
		t.Errorf("events %v, want %v", events, want)
	}
}

func TestNetDisconnectDoesNotLinger(t *testing.T) {
	d := host.New()
	fd, _ := pair(t, d)
	must(t, d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, 60))
	fill(t, d, fd)
	down := start(func() (int, error) { d.NetDisconnect(); return 0, nil })
	wait(t, "NetDisconnect", down)
}

func TestHardwareAddrIsACopy(t *testing.T) {
	d := host.New()
	mac, err := d.GetHardwareAddr()
	if err == netlink.ErrNotSupported {
		t.Skip("no interface of this host has a MAC address")
	}
	must(t, err)
	list, err := net.Interfaces()
	must(t, err)
	found := false
	for _, i := range list {
		found = found || i.HardwareAddr.String() == mac.String()
	}
	if !found {
		t.Errorf("%v is the address of no interface", mac)
	}
	clear(mac)
	if again, _ := d.GetHardwareAddr(); again.String() == mac.String() {
		t.Error("the caller writes into the device's own address")
	}
}

func TestAddrIsOneOfTheHosts(t *testing.T) {
	d := host.New()
	addr, err := d.Addr()
	must(t, err)
	list, err := d.Interfaces()
	must(t, err)
	for _, i := range list {
		for _, p := range i.Addrs {
			if p.Addr() == addr {
				return
			}
		}
	}
	t.Errorf("%v is the address of no interface", addr)
}

func TestNamesResolve(t *testing.T) {
	d := host.New()
	for name, want := range map[string]string{"localhost": "127.0.0.1", "192.0.2.7": "192.0.2.7", "::1": "::1"} {
		if addr, err := d.GetHostByName(name); addr.String() != want || err != nil {
			t.Errorf("GetHostByName(%q) = %v, %v, want %s", name, addr, err, want)
		}
	}
	addrs, err := d.LookupNetIP(context.Background(), "ip4", "localhost")
	if len(addrs) == 0 || addrs[0] != loopback || err != nil {
		t.Errorf("LookupNetIP = %v, %v", addrs, err)
	}
	for _, name := range []string{"", "name.invalid", "a..b", "1.2.3.4.5", "bad name"} {
		if addr, err := d.GetHostByName(name); addr.IsValid() || err == nil {
			t.Errorf("GetHostByName(%q) = %v, %v", name, addr, err)
		}
	}
}
