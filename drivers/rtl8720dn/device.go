package rtl8720dn

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/drivers/internal/erpc"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/netlink"
)

// sockets has another name than its method Sockets, which would be hidden.
type sockets = offload.Sockets

// Device is the chip as a device with sockets. Its methods may be called from
// any goroutine.
type Device struct {
	*sockets
	offload.Half
	*link.Link

	config Config
	core   *offload.Core
	chip   *chip
	radio  *radio
	dns    *dns.Client

	mu      sync.Mutex
	mac     [6]byte // zero until the chip was asked
	version string  // "" until then
	network netip.Prefix
	servers []netip.Addr // of DHCP
}

var (
	_ netdev.Netdever        = (*Device)(nil)
	_ netdev.PacketNetdever  = (*Device)(nil)
	_ netdev.Shutdowner      = (*Device)(nil)
	_ netdev.MultiResolver   = (*Device)(nil)
	_ netdev.DNSServerLister = (*Device)(nil)
	_ netdev.InterfaceLister = (*Device)(nil)
	_ netdev.MulticastJoiner = (*Device)(nil)
	_ netdev.Pinger          = (*Device)(nil)
	_ netdev.Poller          = (*Device)(nil)
	_ netdev.SocketLister    = (*Device)(nil)
	_ netlink.Netlinker      = (*Device)(nil)
	_ netlink.Scanner        = (*Device)(nil)
	_ netlink.SignalMeter    = (*Device)(nil)
	_ netlink.Versioner      = (*Device)(nil)
)

// New returns a device that is not connected. Nothing goes over the UART before
// the chip is asked for something, at the latest by NetConnect. New panics if
// config is not what its fields ask for.
func New(config *Config) *Device {
	d := &Device{config: config.withDefaults()}
	c := &d.config
	if !c.check() {
		panic("rtl8720dn: the configuration is impossible: see Config")
	}
	d.chip = newChip(c)
	d.sockets, d.core = offload.New(offload.Config{
		Chip: d.chip, Sockets: c.Sockets, Polled: true,
		BlockSize: blockSize, Blocks: max(1, c.Memory/blockSize), // where that is too few there are more
		SendBuffer: c.SocketBuffer, RecvBuffer: c.SocketBuffer,
		MaxSegment: c.Segment, MaxDatagram: maxDatagram,
		Resolve: d.resolve, Rand: c.Rand,
	})
	d.Half = d.core.Half()
	d.radio = &radio{chip: d.chip, device: d}
	d.Link = link.New(link.Config{Core: d.core, Radio: d.radio})
	d.chip.core, d.chip.lost, d.chip.check = d.core, d.radio.fell, d.radio.look
	d.dns = dns.New(dns.Config{
		Device: d.core.Inside(), Servers: dns.Servers(d.DNSServers),
		CacheEntries: 8, CacheBytes: 2048, MaxQueries: 2,
		Rand: func() uint32 { return uint32(c.Rand()) },
	})
	return d
}

// stopTime is how long Stop waits for a chip that is busy, after NetDisconnect has.
const stopTime = 2 * time.Second

// Stop ends the device for good: sockets fail, and the chip is left in reset.
func (d *Device) Stop() error {
	d.NetDisconnect()
	hurry := time.AfterFunc(stopTime, d.chip.line.Stop)
	d.core.Stop()
	hurry.Stop()
	d.chip.line.Stop()
	if d.chip.booted {
		d.chip.enable(false)
	}
	return nil
}

// Firmware returns the version that the chip's firmware says it has. The chip is
// asked once: the firmware frees a constant each time it answers.
func (d *Device) Firmware() (string, error) {
	if v := d.knownVersion(); v != "" {
		return v, nil
	}
	err := d.core.Do(context.Background(), func() error {
		if d.knownVersion() != "" {
			return nil // somebody else has asked
		}
		if err := d.chip.boot(); err != nil {
			return err
		}
		d.chip.request(serviceSystem, sysVersion)
		reply, err := d.chip.call(d.config.Timeout, repeat)
		if err != nil {
			return err
		}
		version := string(reply.Binary())
		if reply.End() != nil {
			return errBus
		}
		d.mu.Lock()
		d.version = version
		d.mu.Unlock()
		return nil
	})
	return d.knownVersion(), err
}

func (d *Device) knownVersion() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.version
}

// RSSI returns how strongly the access point is received, in dBm.
func (d *Device) RSSI() (int, error) {
	var dBm int
	err := d.core.Do(context.Background(), func() error {
		if !d.radio.up || d.radio.mode != modeStation {
			return netdev.ErrNetDown
		}
		d.chip.request(serviceWiFi, wifiRSSI)
		reply, err := d.chip.call(d.config.Timeout, repeat)
		if err != nil {
			return err
		}
		dBm = int(reply.Int32())
		if reply.Int32() != 0 || reply.End() != nil {
			return errBus
		}
		return nil
	})
	return dBm, err
}

func (d *Device) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return d.dns.LookupNetIP(ctx, "ip4", host)
}

// DNSServers returns the name servers of the configuration, or else of DHCP.
func (d *Device) DNSServers() []netip.Addr {
	if len(d.config.DNS) > 0 {
		return append([]netip.Addr(nil), d.config.DNS...)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]netip.Addr(nil), d.servers...)
}

// Stats count what has gone over the UART, and what was wrong there.
type Stats = erpc.Stats

// Stats returns the counters.
func (d *Device) Stats() (s Stats) {
	d.core.Do(context.Background(), func() error {
		s = d.chip.client.Stats()
		return nil
	})
	return s
}
