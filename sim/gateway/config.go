package gateway

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"github.com/miekg/dns"
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/gateway/internal/dnsd"
)

// Defaults of Config.
const (
	DefaultDomain         = "netdev"
	DefaultLeaseTime      = time.Hour
	DefaultUDPTimeout     = 2 * time.Minute // RFC 4787 §4.3: no less
	DefaultConnectTimeout = time.Minute
	DefaultLeaseWait      = 10 * time.Second
	DefaultMaxLeases      = 1024
	DefaultMaxConnections = 1024
	DefaultMaxFlows       = 512
	DefaultMaxEchoes      = 64
)

// DefaultPrefix is the network of Config, and its first address the gateway's.
var DefaultPrefix = netip.MustParsePrefix("10.0.2.0/24")

// firstLease is where the pool begins in a network that has as many addresses.
const firstLease = 15

// Config describes a Gateway. Only Device is needed.
type Config struct {
	// Device is the gateway's own on the virtual network. It stays open when the
	// gateway is closed.
	Device netlink.FrameDevice

	// Host reaches the world. Nil is the host's kernel.
	Host netdev.Netdever

	// Prefix is the network, IPv4 of 8 to 29 bits; zero is DefaultPrefix.
	Prefix netip.Prefix

	// Addr is the gateway's address in Prefix. Zero is the first.
	Addr netip.Addr

	// Domain is what follows a board's name. Empty is DefaultDomain.
	Domain string

	// DNS are the servers that are asked, through Host, for what Host's resolver
	// cannot be: all but addresses. Nil are those of the host's resolv.conf if
	// Host is the host, and else none.
	DNS []netip.AddrPort

	// LeaseTime is for how long a board has its address. Zero is
	// DefaultLeaseTime; it is at least a second.
	LeaseTime time.Duration

	// UDPTimeout ends a flow that no datagram went through for as long. Zero is
	// DefaultUDPTimeout.
	UDPTimeout time.Duration

	// ConnectTimeout is how long Host, or a board, has to answer a connection
	// request. Zero is DefaultConnectTimeout.
	ConnectTimeout time.Duration

	// LeaseWait is how long a forwarded connection waits for a board that has
	// no lease yet. Zero is DefaultLeaseWait.
	LeaseWait time.Duration

	// Reserved are addresses that are kept for a board each, by its hardware
	// address. The gateway does not write to the map.
	Reserved map[[6]byte]netip.Addr

	// Names and Addrs know names of boards, and the boards that have them, beyond
	// the leases of this gateway. Either may be nil.
	Names func(name string) (netip.Addr, bool)
	Addrs func(addr netip.Addr) (name string, ok bool)

	// MaxLeases counts offers too. Zero is DefaultMaxLeases.
	MaxLeases int

	// MaxConnections bounds TCP connections through the gateway. A quarter of
	// them, and 8 at least, may be boards' that are not established yet; one more
	// displaces the oldest of those. Zero is DefaultMaxConnections.
	MaxConnections int

	// MaxFlows bounds UDP flows outwards, and those of each forward. A flow
	// holds a socket and 64 KiB. Zero is DefaultMaxFlows.
	MaxFlows int

	// MaxEchoes bounds echo requests that wait for their reply. Zero is
	// DefaultMaxEchoes.
	MaxEchoes int

	// Seed decides all that is random, so that a run repeats itself. Zero is
	// another one each time.
	Seed uint64

	// Events is told what happens, from any goroutine and without a lock. It
	// must not wait for the gateway.
	Events func(Event)
}

func (c Config) withDefaults() (Config, error) {
	if c.Device == nil {
		return c, fmt.Errorf("gateway: a Config needs a Device")
	}
	if c.Host == nil {
		c.Host = host.New()
	}
	if !c.Prefix.IsValid() {
		c.Prefix = DefaultPrefix
	}
	c.Prefix = c.Prefix.Masked()
	if !c.Prefix.Addr().Is4() || c.Prefix.Bits() < 8 || c.Prefix.Bits() > 29 {
		return c, fmt.Errorf("gateway: network %v, want IPv4 of 8 to 29 bits", c.Prefix)
	}
	if !c.Addr.IsValid() {
		c.Addr = c.Prefix.Addr().Next()
	}
	if !c.Prefix.Contains(c.Addr) || c.Addr == c.Prefix.Addr() || !c.Prefix.Contains(c.Addr.Next()) {
		return c, fmt.Errorf("gateway: address %v is none of network %v", c.Addr, c.Prefix)
	}
	if c.Domain == "" {
		c.Domain = DefaultDomain
	}
	c.Domain = strings.ToLower(strings.Trim(c.Domain, "."))
	if _, ok := dns.IsDomainName(c.Domain); !ok || strings.ContainsFunc(c.Domain, unicode.IsSpace) {
		return c, fmt.Errorf("gateway: domain %q is no name", c.Domain)
	}
	if _, onHost := netdev.As[*host.Device](c.Host); c.DNS == nil && onHost {
		c.DNS = dnsd.SystemServers()
	}
	for _, f := range []struct {
		name  string
		field *time.Duration
		value time.Duration
	}{
		{"LeaseTime", &c.LeaseTime, DefaultLeaseTime}, {"UDPTimeout", &c.UDPTimeout, DefaultUDPTimeout},
		{"ConnectTimeout", &c.ConnectTimeout, DefaultConnectTimeout}, {"LeaseWait", &c.LeaseWait, DefaultLeaseWait},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
		if *f.field < 0 {
			return c, fmt.Errorf("gateway: %s of %v", f.name, *f.field)
		}
	}
	c.LeaseTime = max(c.LeaseTime.Truncate(time.Second), time.Second)
	for _, f := range []struct {
		name  string
		field *int
		value int
	}{
		{"MaxLeases", &c.MaxLeases, DefaultMaxLeases}, {"MaxConnections", &c.MaxConnections, DefaultMaxConnections},
		{"MaxFlows", &c.MaxFlows, DefaultMaxFlows}, {"MaxEchoes", &c.MaxEchoes, DefaultMaxEchoes},
	} {
		if *f.field == 0 {
			*f.field = f.value
		}
		if *f.field < 0 {
			return c, fmt.Errorf("gateway: %s of %d", f.name, *f.field)
		}
	}
	return c, nil
}

// pool returns the first address that is given to boards that ask for none.
func (c *Config) pool() netip.Addr {
	n := uint32(firstLease)
	if c.Prefix.Bits() > 27 {
		n = 1
	}
	b := c.Prefix.Addr().As4()
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, binary.BigEndian.Uint32(b[:])+n)))
}

// mtu is the longest packet that Device takes.
func (c *Config) mtu() int {
	frame, _ := c.Device.MaxFrameSizeAndOffset()
	return frame - 14
}
