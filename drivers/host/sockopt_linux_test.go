//go:build !tinygo

package host_test

import (
	"encoding/binary"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"syscall"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"golang.org/x/sys/unix"
)

func TestOptionsReadBackAsTheyWereSet(t *testing.T) {
	tests := []struct {
		name       string
		stype      int
		level, opt int
		values     []any
	}{
		{"SO_REUSEADDR", netdev.SOCK_STREAM, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, []any{true, false}},
		{"SO_REUSEPORT", netdev.SOCK_DGRAM, netdev.SOL_SOCKET, netdev.SO_REUSEPORT, []any{true, false}},
		{"SO_BROADCAST", netdev.SOCK_DGRAM, netdev.SOL_SOCKET, netdev.SO_BROADCAST, []any{false, true}},
		{"SO_KEEPALIVE", netdev.SOCK_STREAM, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, []any{true, false}},
		{"SO_SNDBUF", netdev.SOCK_STREAM, netdev.SOL_SOCKET, netdev.SO_SNDBUF, []any{65536}},
		{"SO_RCVBUF", netdev.SOCK_DGRAM, netdev.SOL_SOCKET, netdev.SO_RCVBUF, []any{65536}},
		{"SO_LINGER", netdev.SOCK_STREAM, netdev.SOL_SOCKET, netdev.SO_LINGER, []any{0, 7, -1}},
		{"TCP_NODELAY", netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_NODELAY, []any{true, false}},
		{"TCP_KEEPIDLE", netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_KEEPIDLE, []any{11}},
		{"TCP_KEEPINTVL", netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, []any{12}},
		{"TCP_KEEPCNT", netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_KEEPCNT, []any{5}},
		{"TCP_USER_TIMEOUT", netdev.SOCK_STREAM, netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT, []any{30000, 0}},
		{"IP_TOS", netdev.SOCK_DGRAM, netdev.IPPROTO_IP, netdev.IP_TOS, []any{0x10}},
		{"IP_TTL", netdev.SOCK_STREAM, netdev.IPPROTO_IP, netdev.IP_TTL, []any{3}},
		{"IP_MULTICAST_IF", netdev.SOCK_DGRAM, netdev.IPPROTO_IP, netdev.IP_MULTICAST_IF, []any{loopback}},
		{"IP_MULTICAST_TTL", netdev.SOCK_DGRAM, netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, []any{9}},
		{"IP_MULTICAST_LOOP", netdev.SOCK_DGRAM, netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP, []any{false, true}},
	}
	d := host.New()
	for _, test := range tests {
		fd := socket(t, d, netdev.AF_INET, test.stype)
		for _, v := range test.values {
			if err := d.SetSockOpt(fd, test.level, test.opt, v); err != nil {
				t.Errorf("%s = %v: %v", test.name, v, err)
			}
			if got, err := d.GetSockOpt(fd, test.level, test.opt); !reflect.DeepEqual(got, v) || err != nil {
				t.Errorf("%s = %v (%T), %v, want %v", test.name, got, got, err, v)
			}
		}
		if err := d.SetSockOpt(fd, test.level, test.opt, "text"); err != netdev.ErrInvalid {
			t.Errorf("%s of a string: %v", test.name, err)
		}
		if err := d.SetSockOpt(fd, test.level, test.opt, nil); err != netdev.ErrInvalid {
			t.Errorf("%s of nil: %v", test.name, err)
		}
	}
}

func TestIPv6Options(t *testing.T) {
	needIPv6(t)
	d := host.New()
	fd := socket(t, d, netdev.AF_INET6, netdev.SOCK_DGRAM)
	for opt, v := range map[int]any{
		netdev.IPV6_UNICAST_HOPS:   4,
		netdev.IPV6_MULTICAST_HOPS: 5,
		netdev.IPV6_MULTICAST_LOOP: false,
		netdev.IPV6_V6ONLY:         true,
	} {
		must(t, d.SetSockOpt(fd, netdev.IPPROTO_IPV6, opt, v))
		if got, err := d.GetSockOpt(fd, netdev.IPPROTO_IPV6, opt); got != v || err != nil {
			t.Errorf("option %d = %v, %v, want %v", opt, got, err, v)
		}
	}
}

func TestOptionsThatAreOnlyRead(t *testing.T) {
	d := host.New()
	lfd, addr := listen(t, d, 1)
	udp, _ := bound(t, d)
	get := func(fd, level, opt int, want any) {
		t.Helper()
		if got, err := d.GetSockOpt(fd, level, opt); got != want || err != nil {
			t.Errorf("option %d of %d = %v, %v, want %v", opt, level, got, err, want)
		}
	}
	get(lfd, netdev.SOL_SOCKET, netdev.SO_TYPE, netdev.SOCK_STREAM)
	get(udp, netdev.SOL_SOCKET, netdev.SO_TYPE, netdev.SOCK_DGRAM)
	get(lfd, netdev.SOL_SOCKET, netdev.SO_ACCEPTCON, true)
	get(udp, netdev.SOL_SOCKET, netdev.SO_ACCEPTCON, false)
	get(lfd, netdev.SOL_SOCKET, netdev.SO_ERROR, nil)
	fd := stream(t, d)
	must(t, d.Connect(fd, "", addr))
	if mss, err := d.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_MAXSEG); err != nil || mss.(int) < 500 {
		t.Errorf("TCP_MAXSEG = %v, %v", mss, err)
	}
	for _, opt := range []int{netdev.SO_TYPE, netdev.SO_ERROR, netdev.SO_ACCEPTCON} {
		wantErr(t, "SetSockOpt", d.SetSockOpt(fd, netdev.SOL_SOCKET, opt, 1), errors.ErrUnsupported)
	}
}

func TestPendingErrorIsReadOnce(t *testing.T) {
	d := host.New()
	_, refused := closedPort(t)
	pending := func() int {
		fd := stream(t, d)
		must(t, d.SetNonblock(fd, true))
		wantErr(t, "Connect", d.Connect(fd, "", refused), netdev.ErrInProgress)
		pollUntil(t, d, fd, netdev.PollErr)
		return fd
	}
	fd := pending()
	if v, err := d.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ERROR); v != netdev.ErrConnRefused || err != nil {
		t.Errorf("SO_ERROR = %v, %v", v, err)
	}
	if v, err := d.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ERROR); v != nil || err != nil {
		t.Errorf("SO_ERROR again = %v, %v", v, err)
	}
	var raw [4]byte
	n, err := d.GetSockOptRaw(pending(), unix.SOL_SOCKET, unix.SO_ERROR, raw[:])
	if errno := syscall.Errno(binary.NativeEndian.Uint32(raw[:])); n != 4 || errno != syscall.ECONNREFUSED || err != nil {
		t.Errorf("raw SO_ERROR = %d bytes, %v, %v", n, errno, err)
	}
}

func TestResetReadAsAnOptionIsStillAReset(t *testing.T) {
	d := host.New()
	for name, get := range map[string]func(fd int){
		"GetSockOpt": func(fd int) {
			if v, err := d.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_ERROR); v != netdev.ErrConnReset || err != nil {
				t.Errorf("SO_ERROR = %v, %v", v, err)
			}
		},
		"GetSockOptRaw": func(fd int) { d.GetSockOptRaw(fd, unix.SOL_SOCKET, unix.SO_ERROR, make([]byte, 4)) },
	} {
		fd, c := pair(t, d)
		must(t, c.SetLinger(0))
		must(t, c.Close())
		pollUntil(t, d, fd, netdev.PollErr)
		get(fd)
		_, err := d.Recv(fd, make([]byte, 1), 0, soon())
		wantErr(t, "Recv after "+name, err, netdev.ErrConnReset)
	}
}

func TestCongestionControlHasAName(t *testing.T) {
	d := host.New()
	fd := stream(t, d)
	must(t, d.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION, "reno"))
	if v, err := d.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION); v != "reno" || err != nil {
		t.Errorf("TCP_CONGESTION = %v, %v", v, err)
	}
	for _, value := range []any{"none-such", "", 1, nil} {
		wantErr(t, "TCP_CONGESTION", d.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION, value), netdev.ErrInvalid)
	}
}

func TestOptionsBeyondTheContract(t *testing.T) {
	d := host.New()
	fd := stream(t, d)
	must(t, d.SetSockOpt(fd, netdev.SOL_TCP, unix.TCP_QUICKACK, false))
	if v, err := d.GetSockOpt(fd, netdev.SOL_TCP, unix.TCP_QUICKACK); v != 0 || err != nil {
		t.Errorf("TCP_QUICKACK = %v, %v", v, err)
	}
	must(t, d.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_CONGESTION, []byte("reno")))
	name := make([]byte, 16)
	n, err := d.GetSockOptRaw(fd, netdev.SOL_TCP, unix.TCP_CONGESTION, name)
	if string(name[:min(n, 4)]) != "reno" || err != nil {
		t.Errorf("TCP_CONGESTION = %q, %v", name[:n], err)
	}
	must(t, d.SetSockOptRaw(fd, netdev.SOL_TCP, unix.TCP_NODELAY, binary.NativeEndian.AppendUint32(nil, 1)))
	if v, _ := d.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_NODELAY); v != true {
		t.Errorf("TCP_NODELAY after a raw set = %v", v)
	}
	wantErr(t, "unknown option", d.SetSockOpt(fd, netdev.SOL_TCP, 9999, 1), errors.ErrUnsupported)
	_, err = d.GetSockOpt(fd, 9999, 1)
	wantErr(t, "unknown level", err, errors.ErrUnsupported)
	if err := d.SetSockOptRaw(fd, netdev.SOL_TCP, 9999, make([]byte, 4)); err != syscall.ENOPROTOOPT {
		t.Errorf("raw unknown option: %v, want the kernel's errno", err)
	}
	if err := d.SetSockOptRaw(fd, netdev.SOL_TCP, unix.TCP_NODELAY, nil); err != syscall.EINVAL {
		t.Errorf("raw option without a value: %v", err)
	}
}

func TestOptionValuesOutOfRange(t *testing.T) {
	d := host.New()
	fd := stream(t, d)
	for _, v := range []int{math.MaxInt, math.MinInt} {
		wantErr(t, "TCP_KEEPCNT", d.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPCNT, v), netdev.ErrInvalid)
	}
	wantErr(t, "SO_RCVBUF", d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_RCVBUF, -1), netdev.ErrInvalid)
	must(t, d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, math.MaxInt))
	must(t, d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_LINGER, -1))
	must(t, d.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPINTVL, 30.0)) // TinyGo's half seconds
	if v, _ := d.GetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_KEEPINTVL); v != 15 {
		t.Errorf("TCP_KEEPINTVL = %v, want 15", v)
	}
	six := netip.MustParseAddr("::1")
	udp := socket(t, d, netdev.AF_INET, netdev.SOCK_DGRAM)
	wantErr(t, "IP_MULTICAST_IF", d.SetSockOpt(udp, netdev.IPPROTO_IP, netdev.IP_MULTICAST_IF, six), netdev.ErrInvalid)
}
