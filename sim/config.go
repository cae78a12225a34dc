package sim

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/sim/gateway"
	"github.com/netdev-go/netdev/stack"
	"github.com/netdev-go/netdev/stack/tcp/congestion"
)

// Config describes a board and the network it is on. The zero value is useful.
type Config struct {
	// Name is the board's host name: lower-case letters, digits and hyphens.
	// Empty is "board".
	Name string

	// Addr is a static address, in the gateway's network. Zero asks the gateway
	// for one by DHCP.
	Addr netip.Prefix

	// MAC is the hardware address; zero is made of Name and Seed.
	MAC [6]byte

	// Small gives the board the memory of a small one.
	Small bool

	// Congestion is how the board's TCP finds out how much a path carries, where a
	// program does not set TCP_CONGESTION: NewReno, CUBIC and BBR are there for it
	// to choose from. Nil is that of the profile.
	Congestion congestion.Algorithm

	// Forwards are ports of the host that lead to the board. Nil forwards each
	// TCP port that the board listens on, and an empty slice none.
	Forwards []Forward

	// Pcap is the name of a pcapng file for the board's frames; empty is none.
	Pcap string

	// Impairment is what both directions of the board's cable do to frames.
	Impairment ether.Impairment

	// Seed decides every fault, and all that the board draws by lot. Zero is
	// another one each time where there are faults.
	Seed uint64

	// Network names a network that the boards of this user's processes share.
	// They reach each other by address and by name; a name that is taken gets a
	// number. Each process has its own gateway on it. Empty is a network of the
	// board's own.
	Network string

	// Wrap stands between the board's stack and its cable: what it returns is the
	// device that the stack is given. Nil is the cable itself.
	Wrap func(netlink.FrameDevice) (netlink.FrameDevice, error)

	// Host reaches the world for the board's gateway. Nil is the host's kernel.
	Host netdev.Netdever

	// Events is told what happens, in one line each, from any goroutine.
	Events func(line string)
}

// A Forward leads a port of the host to one of the board.
type Forward struct {
	Network string         // "tcp" or "udp"
	Listen  netip.AddrPort // of the host; port 0 is a free one
	Port    uint16         // of the board
}

// A setting is a field of Config as a flag has it.
type setting struct {
	key, example, text string
	set                func(*Config, string) error
}

var settings = []setting{
	{"p", "8080:80", "forward a port of this machine to the board; 0.0.0.0:53:53/udp, none for no port", setForward},
	{"name", "web", "the board's host name", setName},
	{"addr", "10.0.2.20", "a static address in place of DHCP", setAddr},
	{"mac", "02:00:00:00:00:01", "the board's hardware address", setMAC},
	{"profile", "small", fmt.Sprintf("the memory of a small board, %d KiB at most, or host, %d MiB",
		stack.SmallBoard().Memory().Total()>>10, stack.Host().Memory().Total()>>20), setProfile},
	{"congestion", "bbr", "the congestion control of TCP: reno, cubic or bbr", setCongestion},
	{"pcap", "out.pcapng", "write the board's frames to a file", setPcap},
	{"network", "lab", "share a network with other processes that name it", setNetwork},
	{"seed", "1", "decides all that happens by chance", func(c *Config, v string) (err error) {
		if c.Seed, err = strconv.ParseUint(v, 0, 64); err != nil {
			return errors.New("want a whole number such as 1")
		}
		return nil
	}},
}

// faults say what the settings of an impairment do to frames.
var faults = map[string]string{
	"loss":      "lose frames",
	"burst":     "lose frames in runs: how likely one begins, ends, and loses a frame",
	"delay":     "have frames take longer, each way",
	"jitter":    "spread the delay by as much",
	"rate":      "let no more bits through in a second",
	"limit":     "let as much wait for the rate",
	"reorder":   "hold frames back, so that others overtake them",
	"duplicate": "have frames arrive twice",
	"corrupt":   "flip a bit of frames",
	"mtu":       "lose frames that carry more bytes",
}

// Settings calls f with each key that Set knows, an example of its value and a
// word on what it is, for the flags of a command.
func Settings(f func(key, example, text string)) {
	for _, s := range settings {
		f(s.key, s.example, s.text)
	}
	ether.ImpairmentKeys(func(key, usage string) {
		example, text, _ := strings.Cut(usage, ": ")
		if plain, ok := faults[key]; ok {
			text = plain
		}
		f(key, example, text)
	})
}

// Set changes one field by its key and text, as a flag does: Set("name", "web"),
// Set("loss", "1%"). Each "p" adds a forward. After an error c is as it was.
func (c *Config) Set(key, value string) error {
	for _, s := range settings {
		if s.key == key {
			if err := s.set(c, value); err != nil {
				return fmt.Errorf("%s %q: %w", key, value, err)
			}
			return nil
		}
	}
	return c.Impairment.Set(key, value)
}

func setForward(c *Config, v string) error {
	if v == "none" {
		c.Forwards = []Forward{}
		return nil
	}
	f, err := ParseForward(v)
	if err == nil {
		c.Forwards = append(c.Forwards, f)
	}
	return err
}

var errForward = errors.New("want HOSTPORT:BOARDPORT such as 8080:80, with an address before it or /udp after it where needed")

// ParseForward reads "[ADDRESS:]HOSTPORT:BOARDPORT[/tcp|/udp]". Without an
// address the host listens on 127.0.0.1.
func ParseForward(text string) (Forward, error) {
	f := Forward{Network: "tcp"}
	rest, proto, given := strings.Cut(text, "/")
	if given {
		if proto != "tcp" && proto != "udp" {
			return f, errForward
		}
		f.Network = proto
	}
	at := strings.LastIndexByte(rest, ':')
	if at < 0 {
		return f, errForward
	}
	listen, port := rest[:at], rest[at+1:]
	if !strings.Contains(listen, ":") {
		listen = "127.0.0.1:" + listen
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return f, errForward
	}
	f.Port = uint16(n)
	if f.Listen, err = netip.ParseAddrPort(listen); err != nil {
		return f, errForward
	}
	return f, nil
}

func setName(c *Config, v string) error {
	if HostName(v) != v || v == "" {
		return errors.New("want at most 63 lower-case letters, digits and hyphens, such as web")
	}
	c.Name = v
	return nil
}

// HostName makes a host name of any text, such as the name of a program: what
// no host name can have becomes a hyphen. It is empty where nothing is left.
func HostName(text string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, text)
	name = strings.Trim(name, "-")
	if len(name) > 63 {
		name = strings.TrimRight(name[:63], "-")
	}
	return name
}

func setAddr(c *Config, v string) error {
	p, err := netip.ParsePrefix(v)
	if err != nil {
		a, err := netip.ParseAddr(v)
		if err != nil || !a.Is4() {
			return errors.New("want an IPv4 address such as 10.0.2.20, or with its prefix 10.0.2.20/24")
		}
		p = netip.PrefixFrom(a, 24)
	}
	if err := checkAddr(p); err != nil {
		return err
	}
	c.Addr = p
	return nil
}

// checkAddr refuses an address with which a board reaches nobody.
func checkAddr(p netip.Prefix) error {
	if network := gateway.DefaultPrefix; p.Bits() > 30 || !network.Contains(p.Addr()) || p.Addr() == network.Addr() ||
		p.Addr() == gatewayAddr || p.Addr().As4()[3] == 255 {
		return fmt.Errorf("want an address of the network %v, beside %v, which is the gateway's", network, gatewayAddr)
	}
	return nil
}

func setMAC(c *Config, v string) error {
	mac, err := net.ParseMAC(v)
	if err != nil || len(mac) != 6 {
		return errors.New("want six bytes such as 02:00:00:00:00:01")
	}
	if mac[0]&1 != 0 || [6]byte(mac) == [6]byte{} {
		return errors.New("want the address of one station, whose first byte is even, such as 02:00:00:00:00:01")
	}
	c.MAC = [6]byte(mac)
	return nil
}

func setPcap(c *Config, v string) error {
	if v == "" {
		return errors.New("want the name of a file such as out.pcapng")
	}
	c.Pcap = v
	return nil
}

func setProfile(c *Config, v string) error {
	if v != "small" && v != "host" {
		return errors.New("want small or host")
	}
	c.Small = v == "small"
	return nil
}

// algorithms are those that there are.
var algorithms = []congestion.Algorithm{congestion.NewReno, congestion.Cubic, congestion.BBR}

func setCongestion(c *Config, v string) error {
	a := congestion.Find(v, algorithms...)
	if a == nil {
		return errors.New("want reno, cubic or bbr")
	}
	c.Congestion = a
	return nil
}

func setNetwork(c *Config, v string) error {
	if v == "" || v != filepath.Base(v) || v == "." || v == ".." || len(v) > 32 {
		return errors.New("want a short name such as lab")
	}
	c.Network = v
	return nil
}
