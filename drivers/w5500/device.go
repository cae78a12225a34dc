package w5500

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dns"
	"github.com/netdev-go/netdev/drivers/internal/link"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/netlink"
)

// Device is a W5500 as a device with sockets. Its methods may be called from any
// goroutine.
type Device struct {
	*layer
	*link.Link

	config Config
	core   *offload.Core
	chip   *chip
	radio  *radio
	dns    *dns.Client

	mu      sync.Mutex
	current address
	servers []netip.Addr // of the lease
	search  []string
}

// layer is embedded under a name that is not that of its method Sockets.
type layer = offload.Sockets

var (
	_ netdev.SocketLister       = (*Device)(nil)
	_ netdev.SockOptGetter      = (*Device)(nil)
	_ netdev.ContextConnecter   = (*Device)(nil)
	_ netdev.SockNamer          = (*Device)(nil)
	_ netdev.Netdever           = (*Device)(nil)
	_ netdev.PacketNetdever     = (*Device)(nil)
	_ netdev.MultiResolver      = (*Device)(nil)
	_ netdev.DNSServerLister    = (*Device)(nil)
	_ netdev.InterfaceLister    = (*Device)(nil)
	_ netdev.MulticastJoiner    = (*Device)(nil)
	_ netdev.Poller             = (*Device)(nil)
	_ netlink.Netlinker         = (*Device)(nil)
	_ netlink.Versioner         = (*Device)(nil)
	_ interface{ Stop() error } = (*Device)(nil)
)

// New returns a device that is not connected. Nothing goes over the bus before
// NetConnect. It panics if config is not what its fields ask for.
func New(config *Config) *Device {
	d := &Device{config: config.withDefaults()}
	if !d.config.check() {
		panic("w5500: the configuration is impossible: see Config")
	}
	c := &d.config
	d.chip = newChip(c)
	d.chip.listenToPin()
	largest := 0
	for n := uint8(0); n < sockets; n++ {
		largest = max(largest, c.size(c.RxKB, n), c.size(c.TxKB, n))
	}
	d.layer, d.core = offload.New(offload.Config{
		Chip: d.chip, Sockets: sockets + 2, Polled: !d.chip.announces(),
		BlockSize: blockSize, Blocks: max(1, c.Memory/blockSize),
		SendBuffer: c.SocketBuffer, RecvBuffer: c.SocketBuffer,
		MaxSegment: min(largest, 2048), MaxDatagram: min(largest, maxDatagram),
		Resolve: d.resolve, Rand: c.Rand,
	})
	d.chip.core = d.core
	d.radio = newRadio(d)
	d.Link = link.New(link.Config{Core: d.core, Radio: d.radio, Wired: true})
	d.chip.lost = d.Link.Lost
	d.dns = dns.New(dns.Config{
		Device: d.layer, Servers: dns.Servers(d.DNSServers), Search: d.searchDomains,
		CacheEntries: 8, CacheBytes: 2048, MaxQueries: 2,
		Rand: func() uint32 { return uint32(c.Rand()) },
	})
	return d
}

// Stop ends the device for good: sockets fail, and the chip's are closed.
func (d *Device) Stop() error {
	d.NetDisconnect()
	d.radio.wait()
	d.core.Stop()
	return nil
}

// GetHardwareAddr returns the MAC address that the chip is given.
func (d *Device) GetHardwareAddr() (net.HardwareAddr, error) {
	mac := d.config.MAC
	return mac[:], nil
}

// Firmware reads the chip's version, which is "4" of every W5500.
func (d *Device) Firmware() (string, error) {
	v := 0
	err := d.core.Do(context.Background(), func() error {
		r := d.chip.four[:1]
		if err := d.chip.read(common, regVERSIONR, r); err != nil {
			return err
		}
		v = int(r[0])
		return nil
	})
	if err == nil && v != version {
		err = errBus
	}
	return strconv.Itoa(v), err
}

func (d *Device) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return d.dns.LookupNetIP(ctx, "ip4", host)
}

// DNSServers returns the name servers of the configuration, or else of the lease.
func (d *Device) DNSServers() []netip.Addr {
	if len(d.config.DNS) > 0 {
		return append([]netip.Addr(nil), d.config.DNS...)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]netip.Addr(nil), d.servers...)
}

func (d *Device) searchDomains() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.search
}

const (
	ifaceName = "eth0"
	mtu       = 1500
)

// Interfaces lists the chip's one interface, eth0.
func (d *Device) Interfaces() ([]netdev.Interface, error) {
	mac := d.config.MAC
	i := netdev.Interface{
		Index: 1, MTU: mtu, Name: ifaceName, HardwareAddr: mac[:],
		Flags: net.FlagUp | net.FlagBroadcast | net.FlagMulticast,
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.current.prefix.IsValid() {
		i.Addrs = []netip.Prefix{d.current.prefix}
		i.Flags |= net.FlagRunning
	}
	return []netdev.Interface{i}, nil
}
