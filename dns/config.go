package dns

import (
	"crypto/rand"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// A Device is what a Client needs of a [netdev.Netdever]. Where the device is a
// [netdev.PacketNetdever] too, the source of each datagram is checked again.
type Device interface {
	Socket(domain int, stype int, protocol int) (int, error)
	Bind(sockfd int, ip netip.AddrPort) error
	Connect(sockfd int, host string, ip netip.AddrPort) error
	Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error)
	Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error)
	Close(sockfd int) error
}

var _ Device = netdev.Netdever(nil)

// A Host is a name whose addresses are known without a question.
type Host struct {
	Name  string // in any case, without a final dot
	Addrs []netip.Addr
}

// Config describes a Client. Only Device and Servers are needed; every other
// field has a default at zero. The functions are called from any goroutine,
// without a lock.
type Config struct {
	Device  Device
	Servers func() []netip.AddrPort // the name servers of now, the best first; port 0 is 53. The first 8 count.
	Search  func() []string         // the domains that a short name is tried in; nil is none. The first 6 count.
	Hosts   []Host                  // found before anybody is asked

	NDots    int           // a name with as many dots is tried as it stands first; 0 is 1, negative is 0
	Timeout  time.Duration // the longest wait for one answer; 0 is 5 s. The first wait is a fifth of it, and doubles.
	Attempts int           // how often each server is asked; 0 is 3
	Rotate   bool          // begin at another server each time, not at the one that answered last
	MixCase  bool          // hide more bits in the case of the letters asked for (draft-vixie-dnsext-dns0x20)

	MaxQueries   int           // questions under way at a time, the others wait; 0 is 8
	MaxMessage   int           // bytes of an answer over TCP; 0 is 65535
	MaxDatagram  int           // bytes of an answer over UDP, 512 or more; 0 is 1232
	CacheEntries int           // answers remembered; 0 is 256, negative is none
	CacheBytes   int           // memory for them, about; 0 is 64 KiB, negative is none
	MaxTTL       time.Duration // how long an answer is remembered at most; 0 is a day. "No such name" lasts an eighth of it.

	Rand func() uint32    // unpredictable numbers; nil is crypto/rand
	Now  func() time.Time // nil is time.Now; the device's deadlines are of the same clock
}

const (
	maxServers = 8
	maxSearch  = 6
	port       = 53
)

// withDefaults returns c with its defaults in place.
func (c Config) withDefaults() Config {
	setDefault(&c.NDots, 1)
	setDefault(&c.Timeout, 5*time.Second)
	setDefault(&c.Attempts, 3)
	setDefault(&c.MaxQueries, 8)
	setDefault(&c.MaxMessage, 65535)
	setDefault(&c.MaxDatagram, udpSize)
	c.MaxDatagram = min(max(c.MaxDatagram, minUDPSize), 65535)
	setDefault(&c.CacheEntries, 256)
	setDefault(&c.CacheBytes, 64<<10)
	setDefault(&c.MaxTTL, 24*time.Hour)
	if c.Servers == nil {
		c.Servers = func() []netip.AddrPort { return nil }
	}
	if c.Search == nil {
		c.Search = func() []string { return nil }
	}
	if c.Rand == nil {
		c.Rand = random
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func setDefault[T int | time.Duration](field *T, value T) {
	if *field == 0 {
		*field = value
	}
}

func random() uint32 {
	var b [4]byte
	if _, err := rand.Read(b[:]); err != nil {
		// An id that can be guessed is worse than no answer.
		panic("dns: no random numbers: set Config.Rand")
	}
	return binary.LittleEndian.Uint32(b[:])
}
