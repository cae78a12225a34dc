//go:build !tinygo

package net

import (
	"context"
	"errors"
	stdnet "net"
	"net/netip"
	"sync"

	"github.com/netdev-go/netdev"
)

const dnsPort = 53

var errNoDNSServer = errors.New("the device knows no DNS server")

// A goResolver is the standard library's resolver, asking over the device's
// sockets: the servers that the device tells, or else the host's.
type goResolver struct {
	std    *stdnet.Resolver
	dialer Dialer
	lister netdev.DNSServerLister // nil where the servers are not the device's

	mu    sync.Mutex
	tried int            // servers, in this lookup
	asked netip.AddrPort // the last of them
}

func (r *Resolver) inGo() *goResolver {
	g := &goResolver{std: &stdnet.Resolver{PreferGo: true}}
	if r != nil {
		g.std.StrictErrors = r.StrictErrors
		g.std.Dial = r.Dial
		g.dialer.Device = r.Device
	}
	if g.std.Dial == nil {
		g.std.Dial = g.dialer.DialContext
		if l, ok := netdev.As[netdev.DNSServerLister](or(r.device())); ok {
			g.std.Dial, g.lister = g.dial, l
		}
	}
	return g
}

// dial reaches a server of the device in place of the host's, each time the
// next. An answer that was cut off is asked for again, by TCP, where it is from.
func (g *goResolver) dial(ctx context.Context, network, _ string) (Conn, error) {
	server, err := g.next(network)
	if err != nil {
		return nil, err
	}
	return g.dialer.DialContext(ctx, network, server.String())
}

func (g *goResolver) next(network string) (netip.AddrPort, error) {
	servers := g.lister.DNSServers()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(servers) == 0 {
		return netip.AddrPort{}, errNoDNSServer
	}
	if !g.asked.IsValid() || network[0] != 't' {
		g.asked = netip.AddrPortFrom(servers[g.tried%len(servers)], dnsPort)
		g.tried++
	}
	return g.asked, nil
}

// name is name as an absolute one where the servers are the device's: the
// domains that the host searches are not for it.
func (g *goResolver) name(name string) string {
	if g.lister == nil || name == "" || name[len(name)-1] == '.' {
		return name
	}
	return name + "."
}

// told is err, about name, with the server that was really asked.
func (g *goResolver) told(err error, name string) error {
	var e *DNSError
	if g.lister == nil || !errors.As(err, &e) {
		return err
	}
	told := *e
	told.Name = name
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.asked.IsValid():
		told.Server = g.asked.String()
	case told.Server != "": // the host's, which was not asked
		told.Server, told.UnwrapErr = "", errNoDNSServer
	}
	return &told
}
