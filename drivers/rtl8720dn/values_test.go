package rtl8720dn

import (
	"errors"
	"math"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

func TestErrorsOfLwIP(t *testing.T) {
	for n, want := range map[int]error{
		11: netdev.ErrWouldBlock, 12: netdev.ErrNoBuffers, 22: netdev.ErrInvalid, 23: netdev.ErrNoMoreSockets,
		92: netdev.ErrNotSupported, 98: netdev.ErrAddrInUse, 103: netdev.ErrConnAborted, 104: netdev.ErrConnReset,
		105: netdev.ErrNoBuffers, 106: netdev.ErrIsConnected, 107: netdev.ErrNotConnected,
		113: netdev.ErrHostUnreachable, 114: netdev.ErrInProgress, 115: netdev.ErrInProgress,
		// The C library's numbers.
		112: netdev.ErrAddrInUse, 116: netdev.ErrConnTimedOut, 118: netdev.ErrHostUnreachable,
		119: netdev.ErrInProgress, 128: netdev.ErrNotConnected,
		// Neither's.
		77: Errno(77), -1: Errno(-1),
	} {
		if got := errnoError(n); got != want {
			t.Errorf("error %d is %v, want %v", n, got, want)
		}
	}
	for n, want := range map[Errno]string{
		0: "rtl8720dn: lwIP error 0", 77: "rtl8720dn: lwIP error 77", -128: "rtl8720dn: lwIP error -128",
		math.MinInt32: "rtl8720dn: lwIP error -2147483648",
	} {
		if n.Error() != want {
			t.Errorf("%q, want %q", n.Error(), want)
		}
	}
	if !errors.Is(errBus, netdev.ErrNetDown) {
		t.Error("a chip that does not answer is no network that is down")
	}
}

func TestConnectingFailsForAReason(t *testing.T) {
	for err, want := range map[error]error{
		nil: nil, netdev.ErrInProgress: netdev.ErrInProgress,
		netdev.ErrConnReset: netdev.ErrConnRefused, netdev.ErrConnAborted: netdev.ErrConnTimedOut,
		netdev.ErrHostUnreachable: netdev.ErrHostUnreachable, errBus: netdev.ErrConnAborted,
	} {
		if got := connectError(err); got != want {
			t.Errorf("%v is told as %v, want %v", err, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	a := netip.MustParseAddrPort("127.0.0.1:34653")
	s := newSockaddr(a)
	if s != [16]byte{0, 2, 0x87, 0x5D, 127, 0, 0, 1} {
		t.Errorf("%v is % x", a, s)
	}
	if mapped := newSockaddr(netip.AddrPortFrom(netip.AddrFrom16(a.Addr().As16()), a.Port())); mapped != s {
		t.Errorf("in IPv6 it is % x", mapped)
	}
	if got, ok := parseSockaddr(s[:]); got != a || !ok {
		t.Errorf("% x is %v, %v", s, got, ok)
	}
	for _, b := range [][]byte{nil, s[:7], make([]byte, 16), {16, 2, 0, 80, 0, 0, 0, 0}, {16, 2, 0, 0, 10, 0, 0, 1}, {16, 10, 0, 80, 10, 0, 0, 1}} {
		if got, ok := parseSockaddr(b); ok {
			t.Errorf("% x is %v", b, got)
		}
	}
	for mask, want := range map[[4]byte]int{{}: 0, {255, 255, 255, 0}: 24, {255, 255, 240, 0}: 20, {255, 255, 255, 255}: 32, {255, 0, 255, 0}: 8} {
		if got := prefixLen(mask[:]); got != want {
			t.Errorf("a mask of %v has %d ones, want %d", mask, got, want)
		}
	}
}

func TestProtectionOfWhatAScanFinds(t *testing.T) {
	for security, want := range map[uint32]netlink.AuthType{
		0: netlink.AuthTypeOpen, 0x00200002: netlink.AuthTypeWPA, 0x00200004: netlink.AuthTypeWPA,
		0x00400004: netlink.AuthTypeWPA2, 0x00400006: netlink.AuthTypeWPA2, 0x00600000: netlink.AuthTypeWPA2Mixed,
		1: netlink.AuthTypeOther, 0x00800004: netlink.AuthTypeOther,
	} {
		if got := authType(security); got != want {
			t.Errorf("%#x is %d, want %d", security, got, want)
		}
	}
}

func TestConfigurationsThatCannotBe(t *testing.T) {
	for name, c := range map[string]Config{
		"no UART":        {},
		"an IPv6 prefix": {UART: new(parrot), Address: netip.MustParsePrefix("2001:db8::1/64")},
		"an IPv6 router": {UART: new(parrot), Gateway: netip.MustParseAddr("fe80::1")},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: New did not panic", name)
				}
			}()
			New(&c)
		}()
	}
}

func TestWhatAnswersAPing(t *testing.T) {
	p := ping{to: netip.MustParseAddr("10.0.0.9"), id: 0x1234}
	packet := func(from byte, icmp ...byte) []byte {
		h := make([]byte, 24) // with an option
		h[0], h[12], h[15] = 0x46, 10, from
		return append(h, icmp...)
	}
	echo := packet(2, 8, 0, 0, 0, 0x12, 0x34, 0, 1)
	unreachable := packet(1, append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, echo...)...)
	for _, tt := range []struct {
		name   string
		packet []byte
		done   bool
		err    error
	}{
		{"the reply", packet(9, 0, 0, 0, 0, 0x12, 0x34, 0, 1), true, nil},
		{"another's", packet(8, 0, 0, 0, 0, 0x12, 0x34, 0, 1), false, nil},
		{"another ping's", packet(9, 0, 0, 0, 0, 0x12, 0x35, 0, 1), false, nil},
		{"the request", echo, false, nil},
		{"unreachable", unreachable, true, netdev.ErrHostUnreachable},
		{"something else unreachable", packet(1, append([]byte{3, 1, 0, 0, 0, 0, 0, 0}, packet(2, 17, 0, 0, 0, 0x12, 0x34, 0, 1)...)...), false, nil},
	} {
		if done, err := p.isAnswer(tt.packet); done != tt.done || err != tt.err {
			t.Errorf("%s: %v, %v", tt.name, done, err)
		}
		for n := range tt.packet {
			p.isAnswer(tt.packet[:n]) // must not panic
		}
	}
}

// lwIP would cut them down to what it has room for.
func TestOptionsThatLwIPHasNoRoomForAreRefused(t *testing.T) {
	d := joined(t)
	for _, o := range []struct{ stype, level, opt, most, wrong int }{
		{netdev.SOCK_STREAM, netdev.IPPROTO_IP, netdev.IP_TTL, 255, 0},
		{netdev.SOCK_STREAM, netdev.IPPROTO_IP, netdev.IP_TOS, 255, -1},
		{netdev.SOCK_DGRAM, netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, 255, -1},
		{netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, 32767, 0},
		{netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, 32767, 0},
		{netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_KEEPCNT, 127, -1},
	} {
		fd := open(t, d, o.stype)
		if err := d.SetSockOpt(fd, o.level, o.opt, o.most); err != nil {
			t.Errorf("option %d of %d: %v", o.opt, o.most, err)
		}
		for _, n := range []int{o.wrong, o.most + 1, math.MaxInt32, math.MinInt32} {
			if err := d.SetSockOpt(fd, o.level, o.opt, n); err != netdev.ErrInvalid {
				t.Errorf("option %d of %d: %v", o.opt, n, err)
			}
		}
		d.Close(fd)
	}
}
