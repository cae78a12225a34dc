package offload

import (
	"context"
	"net/netip"
	"strings"

	"github.com/netdev-go/netdev"
)

// GetHostByName returns an address of name, or the one that name spells.
func (s *Sockets) GetHostByName(name string) (netip.Addr, error) {
	if a, err := netip.ParseAddr(name); err == nil {
		return a, nil
	}
	addrs, err := s.core.lookup(context.Background(), "ip4", name)
	if err != nil {
		return netip.Addr{}, err
	}
	return addrs[0], nil
}

// LookupNetIP returns the addresses of host, each once.
func (s *Sockets) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return s.core.lookup(ctx, network, host)
}

// lookup returns at least one address beside no error.
func (c *Core) lookup(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if network != "ip" && network != "ip4" && network != "ip6" {
		return nil, netdev.ErrInvalid
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var found []netip.Addr
	if a, err := netip.ParseAddr(host); err == nil {
		found = []netip.Addr{a}
	} else if !mayBeName(host) || c.config.Resolve == nil {
		return nil, netdev.ErrHostUnknown
	} else if found, err = c.config.Resolve(ctx, host); err != nil {
		return nil, err
	}
	list := make([]netip.Addr, 0, len(found))
	for _, a := range found {
		a = a.Unmap()
		if a.IsValid() && (network == "ip" || a.Is4() == (network == "ip4")) && !has(list, a) {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		return nil, netdev.ErrHostUnknown
	}
	return list, nil
}

func has(list []netip.Addr, a netip.Addr) bool {
	for _, b := range list {
		if a == b {
			return true
		}
	}
	return false
}

// mayBeName reports whether a name can be asked for, RFC 1035 §2.3.4.
func mayBeName(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > 253 {
		return false
	}
	for len(name) > 0 {
		label, rest, more := strings.Cut(name, ".")
		if label == "" || len(label) > 63 || more && rest == "" {
			return false
		}
		name = rest
	}
	return true
}
