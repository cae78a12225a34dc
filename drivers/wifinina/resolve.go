package wifinina

import (
	"context"
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/drivers/internal/nina"
)

// newResolver returns a client over sockets of the chip's own.
func (c *chip) newResolver() *dns.Client {
	cfg := dns.Config{
		Device: c.core.Inside(), Servers: dns.Servers(c.nameServers),
		MaxQueries: 1, MaxMessage: 2048, CacheEntries: 16, CacheBytes: 2048,
	}
	if rand := c.config.Rand; rand != nil {
		cfg.Rand = func() uint32 { return uint32(rand()) }
	}
	return dns.New(cfg)
}

// nameServers returns the servers that names are asked of.
func (c *chip) nameServers() []netip.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]netip.Addr(nil), c.servers...)
}

// resetResolver forgets what the network that was left has told.
func (c *chip) resetResolver() {
	c.mu.Lock()
	c.servers = nil
	c.mu.Unlock()
	c.flush()
}

// learnServers asks for the servers that DHCP has named.
func (c *chip) learnServers() error {
	var servers []netip.Addr
	if len(c.config.DNS) > 0 {
		servers = append(servers, c.config.DNS...)
	} else {
		c.port.Begin(nina.GetDNS).Byte(dummy)
		r, err := c.exchange()
		if err == nina.ErrRejected {
			return nil // firmware before 2.0.0 does not tell
		}
		if err != nil {
			return err
		}
		for i := 0; i < 2; i++ {
			a := netip.AddrFrom4(r.Addr(i))
			if a.IsUnspecified() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || len(servers) > 0 && servers[0] == a {
				continue
			}
			servers = append(servers, a)
		}
	}
	c.mu.Lock()
	c.servers = servers
	c.mu.Unlock()
	return nil
}

// resolve returns the addresses of a name: those that package dns finds, or the one
// that the chip finds, where there is no socket left for that, where no server is
// known, and where the firmware's datagrams are not good enough.
func (d *Device) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	own := true
	err := d.chip.core.Do(ctx, func() error {
		own = !d.chip.legacy && len(d.DNSServers()) > 0
		if !d.chip.joined() {
			return netdev.ErrNetDown
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if own {
		addrs, err := d.resolver.LookupNetIP(ctx, "ip4", host)
		if !errors.Is(err, netdev.ErrNoMoreSockets) {
			return addrs, err
		}
	}
	var addr netip.Addr
	if err := d.chip.core.Do(ctx, func() (err error) {
		addr, err = d.chip.lookup(host)
		return err
	}); err != nil {
		return nil, err
	}
	return []netip.Addr{addr}, nil
}

// lookup has the chip resolve a name, which holds it up.
func (c *chip) lookup(host string) (netip.Addr, error) {
	if len(host) > nina.MaxText {
		return netip.Addr{}, netdev.ErrHostUnknown
	}
	c.port.Begin(nina.Resolve).Text(host)
	r, err := c.exchange()
	if err != nil {
		return netip.Addr{}, netdev.ErrNetDown
	}
	if r.Byte(0) != 1 {
		return netip.Addr{}, c.unknown()
	}
	c.port.Begin(nina.Resolved)
	if r, err = c.exchange(); err != nil {
		return netip.Addr{}, netdev.ErrNetDown
	}
	a := netip.AddrFrom4(r.Addr(0))
	if a == netip.AddrFrom4([4]byte{255, 255, 255, 255}) {
		return netip.Addr{}, c.unknown()
	}
	return a, nil
}

// unknown is the error of a name that the chip has not found.
func (c *chip) unknown() error {
	if c.isDown() {
		return netdev.ErrNetDown
	}
	return netdev.ErrHostUnknown
}
