package broken

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"time"

	"github.com/netdev-go/netdev"
)

// shutting is a device whose Shutdown is shut, over the host's.
func shutting(name, rules string, shut func(d *hooks, fd, how int) error) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.shutdown = func(fd, how int) error { return shut(d, fd, how) }
	})
}

func shutdownDevices() []Device {
	return []Device{
		shutting("Shutdown closes both directions", "SHUT-1 SHUT-3", func(d *hooks, fd, how int) error {
			if how == netdev.SHUT_RD || how == netdev.SHUT_WR {
				how = netdev.SHUT_RDWR
			}
			return d.Device.Shutdown(fd, how)
		}),
		device("takes bytes after SHUT_WR", breaks("SHUT-2 SHUT-5"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				if n == 0 && err == netdev.ErrBrokenPipe && !deadline.IsZero() {
					return len(buf), nil
				}
				return n, err
			}
		}),
		shutting("SHUT_RD does nothing", "SHUT-3", func(d *hooks, fd, how int) error {
			if how == netdev.SHUT_RD {
				return nil
			}
			return d.Device.Shutdown(fd, how)
		}),
		device("SHUT_WR does not wake Send", breaks("SHUT-4"), func(d *hooks) {
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				n, err := d.Device.Send(fd, buf, flags, deadline)
				if err == netdev.ErrBrokenPipe && deadline.IsZero() {
					d.hang()
				}
				return n, err
			}
		}),
		shutting("SHUT_RDWR gives the descriptor back", "SHUT-5", func(d *hooks, fd, how int) error {
			if how == netdev.SHUT_RDWR {
				return d.Device.Close(fd)
			}
			return d.Device.Shutdown(fd, how)
		}),
		shutting("any how is right", "SHUT-6", func(d *hooks, fd, how int) error {
			return replace(d.Device.Shutdown(fd, how), netdev.ErrInvalid, nil)
		}),
	}
}

// contextual is a device whose ConnectContext is connect, over the host's.
func contextual(name, rules string, connect func(d *hooks, ctx context.Context, fd int, ip netip.AddrPort) error) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.connectContext = func(ctx context.Context, fd int, _ string, ip netip.AddrPort) error {
			return connect(d, ctx, fd, ip)
		}
	})
}

func contextDevices() []Device {
	return []Device{
		contextual("a context that ends later closes the connection", "CTX-1", func(d *hooks, ctx context.Context, fd int, ip netip.AddrPort) error {
			err := d.Device.ConnectContext(ctx, fd, "", ip)
			if err == nil {
				context.AfterFunc(ctx, func() { d.Device.Shutdown(fd, netdev.SHUT_RDWR) })
			}
			return err
		}),
		contextual("connects without a look at the context", "CTX-2 CTX-3 CTX-4", func(d *hooks, _ context.Context, fd int, ip netip.AddrPort) error {
			return d.Device.Connect(fd, "", ip)
		}),
		contextual("a cancelled context is a timeout", "CTX-2 CTX-4", func(d *hooks, ctx context.Context, fd int, ip netip.AddrPort) error {
			return replace(d.Device.ConnectContext(ctx, fd, "", ip), context.Canceled, netdev.ErrTimeout)
		}),
		contextual("the context's deadline is the socket's timeout", "CTX-3", func(d *hooks, ctx context.Context, fd int, ip netip.AddrPort) error {
			return replace(d.Device.ConnectContext(ctx, fd, "", ip), context.DeadlineExceeded, netdev.ErrConnTimedOut)
		}),
		contextual("Close does not wake ConnectContext", "CTX-5", func(d *hooks, ctx context.Context, fd int, ip netip.AddrPort) error {
			err := d.Device.ConnectContext(ctx, fd, "", ip)
			if errors.Is(err, netdev.ErrClosed) {
				d.hang()
			}
			return err
		}),
	}
}

// looking is a device whose LookupNetIP is lookup, over the host's.
func looking(name, rules string, lookup func(d *hooks, ctx context.Context, network, host string) ([]netip.Addr, error)) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.lookupNetIP = func(ctx context.Context, network, host string) ([]netip.Addr, error) {
			return lookup(d, ctx, network, host)
		}
	})
}

func resolveDevices() []Device {
	return []Device{
		looking("returns an address twice", "RES-1 RES-5", func(d *hooks, ctx context.Context, network, host string) ([]netip.Addr, error) {
			addrs, err := d.Device.LookupNetIP(ctx, network, host)
			return slices.Concat(addrs, addrs), err
		}),
		looking("any network is both families", "RES-2 RES-6", func(d *hooks, ctx context.Context, _, host string) ([]netip.Addr, error) {
			return d.Device.LookupNetIP(ctx, "ip", host)
		}),
		looking("an unknown name has no addresses and no error", "RES-2 RES-3", func(d *hooks, ctx context.Context, network, host string) ([]netip.Addr, error) {
			addrs, err := d.Device.LookupNetIP(ctx, network, host)
			return addrs, replace(err, netdev.ErrHostUnknown, nil)
		}),
		looking("looks up without a look at the context", "RES-4", func(d *hooks, _ context.Context, network, host string) ([]netip.Addr, error) {
			return d.Device.LookupNetIP(context.Background(), network, host)
		}),
		looking("asks for an address", "RES-5", func(d *hooks, ctx context.Context, network, host string) ([]netip.Addr, error) {
			if _, err := netip.ParseAddr(host); err == nil {
				return nil, netdev.ErrHostUnknown
			}
			return d.Device.LookupNetIP(ctx, network, host)
		}),
		looking("an unknown network is IPv4", "RES-6", func(d *hooks, ctx context.Context, network, host string) ([]netip.Addr, error) {
			if network != "ip" && network != "ip6" {
				network = "ip4"
			}
			return d.Device.LookupNetIP(ctx, network, host)
		}),
	}
}
