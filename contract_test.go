package netdev_test

import (
	"testing"

	"github.com/netdev-go/netdev"
)

// Drivers written for TinyGo are compiled against these numbers and texts.

func TestConstantsAreThePublishedOnes(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"AF_INET", netdev.AF_INET, 0x2},
		{"SOCK_STREAM", netdev.SOCK_STREAM, 0x1},
		{"SOCK_DGRAM", netdev.SOCK_DGRAM, 0x2},
		{"SOL_SOCKET", netdev.SOL_SOCKET, 0x1},
		{"SO_KEEPALIVE", netdev.SO_KEEPALIVE, 0x9},
		{"SOL_TCP", netdev.SOL_TCP, 0x6},
		{"TCP_KEEPINTVL", netdev.TCP_KEEPINTVL, 0x5},
		{"IPPROTO_TCP", netdev.IPPROTO_TCP, 0x6},
		{"IPPROTO_UDP", netdev.IPPROTO_UDP, 0x11},
		{"IPPROTO_TLS", netdev.IPPROTO_TLS, 0xFE},
		{"F_SETFL", netdev.F_SETFL, 0x4},
	} {
		if c.got != c.want {
			t.Errorf("%s = %#x, want %#x", c.name, c.got, c.want)
		}
	}
}

// What was added keeps to Linux's numbers, so that drivers/host passes them on.
func TestFurtherConstantsAreLinux(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"AF_INET6", netdev.AF_INET6, 10},
		{"SOCK_RAW", netdev.SOCK_RAW, 3},
		{"IPPROTO_IP", netdev.IPPROTO_IP, 0},
		{"IPPROTO_ICMP", netdev.IPPROTO_ICMP, 1},
		{"IPPROTO_IPV6", netdev.IPPROTO_IPV6, 41},
		{"IPPROTO_ICMPV6", netdev.IPPROTO_ICMPV6, 58},
		{"SO_REUSEADDR", netdev.SO_REUSEADDR, 2},
		{"SO_TYPE", netdev.SO_TYPE, 3},
		{"SO_ERROR", netdev.SO_ERROR, 4},
		{"SO_BROADCAST", netdev.SO_BROADCAST, 6},
		{"SO_SNDBUF", netdev.SO_SNDBUF, 7},
		{"SO_RCVBUF", netdev.SO_RCVBUF, 8},
		{"SO_LINGER", netdev.SO_LINGER, 13},
		{"SO_REUSEPORT", netdev.SO_REUSEPORT, 15},
		{"SO_ACCEPTCON", netdev.SO_ACCEPTCON, 30},
		{"TCP_NODELAY", netdev.TCP_NODELAY, 1},
		{"TCP_MAXSEG", netdev.TCP_MAXSEG, 2},
		{"TCP_KEEPIDLE", netdev.TCP_KEEPIDLE, 4},
		{"TCP_KEEPCNT", netdev.TCP_KEEPCNT, 6},
		{"TCP_USER_TIMEOUT", netdev.TCP_USER_TIMEOUT, 18},
		{"IP_TOS", netdev.IP_TOS, 1},
		{"IP_TTL", netdev.IP_TTL, 2},
		{"IP_MULTICAST_IF", netdev.IP_MULTICAST_IF, 32},
		{"IP_MULTICAST_TTL", netdev.IP_MULTICAST_TTL, 33},
		{"IP_MULTICAST_LOOP", netdev.IP_MULTICAST_LOOP, 34},
		{"IPV6_UNICAST_HOPS", netdev.IPV6_UNICAST_HOPS, 16},
		{"IPV6_MULTICAST_HOPS", netdev.IPV6_MULTICAST_HOPS, 18},
		{"IPV6_MULTICAST_LOOP", netdev.IPV6_MULTICAST_LOOP, 19},
		{"IPV6_V6ONLY", netdev.IPV6_V6ONLY, 26},
		{"MSG_PEEK", netdev.MSG_PEEK, 0x2},
		{"MSG_DONTWAIT", netdev.MSG_DONTWAIT, 0x40},
		{"SHUT_RD", netdev.SHUT_RD, 0},
		{"SHUT_WR", netdev.SHUT_WR, 1},
		{"SHUT_RDWR", netdev.SHUT_RDWR, 2},
		{"PollIn", int(netdev.PollIn), 0x1},
		{"PollOut", int(netdev.PollOut), 0x4},
		{"PollErr", int(netdev.PollErr), 0x8},
		{"PollHup", int(netdev.PollHup), 0x10},
	} {
		if c.got != c.want {
			t.Errorf("%s = %#x, want %#x", c.name, c.got, c.want)
		}
	}
}

// The one text that differs from v0.27.0 is the spelling of DHCP, as in every
// later version.
func TestErrorTextsAreThePublishedOnes(t *testing.T) {
	for _, c := range []struct {
		err  error
		text string
	}{
		{netdev.ErrHostUnknown, "Host unknown"},
		{netdev.ErrMalAddr, "Malformed address"},
		{netdev.ErrFamilyNotSupported, "Address family not supported"},
		{netdev.ErrProtocolNotSupported, "Socket protocol/type not supported"},
		{netdev.ErrStartingDHCPClient, "Error starting DHCP client"},
		{netdev.ErrStartingDHCPServer, "Error starting DHCP server"},
		{netdev.ErrNoMoreSockets, "No more sockets"},
		{netdev.ErrClosingSocket, "Error closing socket"},
		{netdev.ErrNotSupported, "Not supported"},
		{netdev.ErrInvalidSocketFd, "Invalid socket fd"},
		{netdev.ErrTimeout, "i/o timeout"},
	} {
		if c.err.Error() != c.text {
			t.Errorf("%q, want %q", c.err, c.text)
		}
	}
}
