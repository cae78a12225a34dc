//go:build netdev_overlay

package start

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/foreign"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
	"github.com/netdev-go/netdev/overlay/internal/socket"
)

// Device opens the device of that name with settings such as "loss=1%",
// connects it, makes it the current netdev, and binds Go's net to the current
// netdev from then on. It ends the program where it cannot. It returns true, so
// that a variable can call it.
func Device(name string, settings ...string) bool {
	var given []probe.Setting
	events := func(line string) { os.Stderr.WriteString("netdev: " + line + "\n") }
	for _, s := range settings {
		key, value, _ := strings.Cut(s, "=")
		if key == "quiet" {
			events = nil
			continue
		}
		given = append(given, probe.Setting{Key: key, Value: value})
	}
	link, dev, err := probe.Open(name, events, given...)
	if err == nil {
		err = link.NetConnect(&netlink.ConnectParams{})
	}
	if err != nil && !errors.Is(err, netlink.ErrConnected) {
		os.Stderr.WriteString("netdev: " + name + ": " + err.Error() + "\n")
		os.Exit(1)
	}
	netdev.UseNetdev(dev)
	syscall.NetdevSocketFunc = newSocket
	net.NetdevLookup = lookup
	net.NetdevDNSServers = dnsServers
	net.NetdevInterfaces = interfaces
	return true
}

func newSocket(domain, typ, proto int) (int, syscall.NetdevSocket, syscall.Errno) {
	fd, s, err := socket.New(netdev.Current(), domain, typ, proto)
	if err != nil {
		return -1, nil, errno(err)
	}
	return fd, hook{s}, 0
}

// lookup resolves as the device does; the host's kernel has no resolver, there
// Go's own goes on.
func lookup(ctx context.Context, network, host string) (addrs []netip.Addr, notFound bool, err error, ok bool) {
	dev := netdev.Current()
	if probe.OnHost(dev) {
		return nil, false, nil, false
	}
	dev = foreign.Device(dev)
	if r, multi := netdev.As[netdev.MultiResolver](dev); multi {
		addrs, err = r.LookupNetIP(ctx, ipNetwork(network), host)
	} else {
		addrs, err = lookupOne(ctx, dev, host)
	}
	return addrs, errors.Is(err, netdev.ErrHostUnknown), err, true
}

// ipNetwork is network, which may be that of a transport, as a resolver wants it.
func ipNetwork(network string) string {
	switch {
	case strings.HasSuffix(network, "4"):
		return "ip4"
	case strings.HasSuffix(network, "6"):
		return "ip6"
	}
	return "ip"
}

// lookupOne is GetHostByName with an end.
func lookupOne(ctx context.Context, dev netdev.Netdever, host string) ([]netip.Addr, error) {
	type answer struct {
		addr netip.Addr
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		addr, err := dev.GetHostByName(host)
		answers <- answer{addr, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return nil, a.err
		}
		return []netip.Addr{a.addr}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

var errNoDNSServer = errors.New("the device knows no DNS server")

// dnsServers are the device's.
func dnsServers() (servers []netip.Addr, err error, ok bool) {
	dev := netdev.Current()
	if probe.OnHost(dev) {
		return nil, nil, false
	}
	l, ok := netdev.As[netdev.DNSServerLister](dev)
	if !ok {
		return nil, netdev.ErrNotSupported, true
	}
	if servers = l.DNSServers(); len(servers) == 0 {
		err = errNoDNSServer
	}
	return servers, err, true
}
