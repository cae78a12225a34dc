package wifinina

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/netlink"
)

// A field of the type's own name would hide its method Sockets.
type sockets = offload.Sockets

// Device is a NINA-W102. Its methods may be called from any goroutine.
type Device struct {
	*sockets
	*link.Link
	chip     chip
	resolver *dns.Client
}

var (
	_ netdev.Netdever         = (*Device)(nil)
	_ netdev.PacketNetdever   = (*Device)(nil)
	_ netdev.SockNamer        = (*Device)(nil)
	_ netdev.SockOptGetter    = (*Device)(nil)
	_ netdev.ContextConnecter = (*Device)(nil)
	_ netdev.MultiResolver    = (*Device)(nil)
	_ netdev.DNSServerLister  = (*Device)(nil)
	_ netdev.Poller           = (*Device)(nil)
	_ netdev.InterfaceLister  = (*Device)(nil)
	_ netdev.SocketLister     = (*Device)(nil)
	_ netdev.MulticastJoiner  = (*Device)(nil)
	_ netdev.Pinger           = (*Device)(nil)
	_ netlink.Netlinker       = (*Device)(nil)
	_ netlink.Scanner         = (*Device)(nil)
	_ netlink.SignalMeter     = (*Device)(nil)
	_ netlink.Versioner       = (*Device)(nil)
)

// Stop leaves the network and ends the device for ever. The chip is left as it is.
func (d *Device) Stop() error {
	d.NetDisconnect()
	d.chip.core.Stop()
	return nil
}

// do calls f when the chip runs, on its goroutine. A chip that was not used before
// is reset.
func (d *Device) do(ctx context.Context, f func() error) error {
	return d.chip.core.Do(ctx, func() error {
		if err := d.chip.boot(); err != nil {
			return err
		}
		return f()
	})
}

// Firmware returns the version that the chip reports, such as "1.5.0".
func (d *Device) Firmware() (string, error) {
	var version string
	err := d.do(context.Background(), func() error {
		version = d.chip.version
		return nil
	})
	return version, err
}

// GetHardwareAddr returns the MAC address of the chip as a station.
func (d *Device) GetHardwareAddr() (net.HardwareAddr, error) {
	mac := make(net.HardwareAddr, 6)
	err := d.do(context.Background(), func() error {
		copy(mac, d.chip.mac[:])
		return nil
	})
	if err != nil {
		return nil, err
	}
	return mac, nil
}

// RSSI returns how strongly the access point is received, in dBm.
func (d *Device) RSSI() (int, error) {
	dBm := 0
	err := d.do(context.Background(), func() error {
		c := &d.chip
		if !c.joined() || c.ap {
			return netdev.ErrNetDown
		}
		c.port.Begin(nina.GetRSSI).Byte(dummy)
		r, err := c.exchange()
		if err == nil {
			dBm = int(int32(r.Uint32(0)))
		}
		return err
	})
	return dBm, err
}

// DNSServers returns the servers that names are asked of.
func (d *Device) DNSServers() []netip.Addr { return d.chip.nameServers() }

// Ping sends an echo request and waits for its reply, 5 s each time, in which the
// chip does nothing else. What the request carries is up to the firmware: payload
// is not sent.
func (d *Device) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	addr = addr.Unmap()
	if !addr.Is4() {
		return 0, netdev.ErrFamilyNotSupported
	}
	for {
		var took time.Duration
		err := d.do(ctx, func() (err error) {
			took, err = d.chip.ping(addr)
			return err
		})
		switch err {
		case nil:
			return took, nil
		case netdev.ErrWouldBlock:
		default:
			return 0, err // and where ctx has ended the chip still writes took
		}
	}
}

// Interfaces returns the radio as the one interface there is.
func (d *Device) Interfaces() ([]netdev.Interface, error) {
	mac, err := d.GetHardwareAddr()
	if err != nil {
		return nil, err
	}
	i := netdev.Interface{Index: 1, MTU: 1500, Name: ifname, HardwareAddr: mac, Flags: net.FlagBroadcast}
	c := &d.chip
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.prefix.IsValid() {
		i.Flags |= net.FlagUp | net.FlagRunning
		i.Addrs = []netip.Prefix{c.prefix}
	}
	return []netdev.Interface{i}, nil
}
