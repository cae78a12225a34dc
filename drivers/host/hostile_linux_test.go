//go:build !tinygo

package host_test

import (
	"context"
	"math"
	"net/netip"
	"strings"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// everyCall makes every call that takes a descriptor.
func everyCall(d *host.Device, fd int) map[string]error {
	errs := map[string]error{}
	buf := make([]byte, 1)
	to := netip.AddrPortFrom(loopback, 9)
	errs["Bind"] = d.Bind(fd, anyPort)
	errs["Connect"] = d.Connect(fd, "", to)
	errs["ConnectContext"] = d.ConnectContext(context.Background(), fd, "localhost", netip.AddrPortFrom(netip.Addr{}, 9))
	errs["Listen"] = d.Listen(fd, 1)
	_, _, errs["Accept"] = d.Accept(fd)
	_, errs["Send"] = d.Send(fd, buf, 0, never)
	_, errs["Recv"] = d.Recv(fd, buf, 0, never)
	_, errs["SendTo"] = d.SendTo(fd, buf, 0, to, never)
	_, _, errs["RecvFrom"] = d.RecvFrom(fd, buf, 0, never)
	errs["SetSockOpt"] = d.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, true)
	_, errs["GetSockOpt"] = d.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE)
	errs["SetSockOptRaw"] = d.SetSockOptRaw(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, make([]byte, 4))
	_, errs["GetSockOptRaw"] = d.GetSockOptRaw(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, make([]byte, 4))
	_, errs["GetSockName"] = d.GetSockName(fd)
	_, errs["GetPeerName"] = d.GetPeerName(fd)
	errs["Shutdown"] = d.Shutdown(fd, netdev.SHUT_RD)
	_, errs["Poll"] = d.Poll(fd)
	errs["PollNotify"] = d.PollNotify(fd, func() {})
	errs["SetNonblock"] = d.SetNonblock(fd, true)
	errs["JoinGroup"] = d.JoinGroup(fd, netip.MustParseAddr("224.0.0.251"), "")
	errs["LeaveGroup"] = d.LeaveGroup(fd, netip.MustParseAddr("224.0.0.251"), "")
	errs["Close"] = d.Close(fd)
	return errs
}

func TestUnknownDescriptorIsInvalid(t *testing.T) {
	d := host.New()
	stream(t, d)
	for _, fd := range []int{-1, 1, 15, 16, 1000, math.MaxInt32, math.MaxInt, math.MinInt} {
		for name, err := range everyCall(d, fd) {
			if err != netdev.ErrInvalidSocketFd {
				t.Errorf("%s(%d): %v", name, fd, err)
			}
		}
	}
	for name, err := range everyCall(host.New(), 0) {
		if err != netdev.ErrInvalidSocketFd {
			t.Errorf("%s of another device's descriptor: %v", name, err)
		}
	}
}

func TestSocketRefusesWhatItCannotDo(t *testing.T) {
	d := host.New()
	for _, test := range []struct {
		domain, stype, protocol int
		want                    error
	}{
		{0, netdev.SOCK_STREAM, 0, netdev.ErrFamilyNotSupported},
		{1, netdev.SOCK_STREAM, 0, netdev.ErrFamilyNotSupported},
		{-1, netdev.SOCK_STREAM, 0, netdev.ErrFamilyNotSupported},
		{math.MaxInt, netdev.SOCK_STREAM, 0, netdev.ErrFamilyNotSupported},
		{netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_UDP, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_TCP, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_TLS, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, netdev.SOCK_RAW, netdev.IPPROTO_TLS, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, netdev.SOCK_RAW, -1, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, 0, 0, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, 5, 0, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, math.MaxInt, 0, netdev.ErrProtocolNotSupported},
		{netdev.AF_INET, netdev.SOCK_STREAM | 1<<11, 0, netdev.ErrProtocolNotSupported},
	} {
		fd, err := d.Socket(test.domain, test.stype, test.protocol)
		if fd != -1 || err != test.want {
			t.Errorf("Socket(%d, %d, %d) = %d, %v, want -1, %v", test.domain, test.stype, test.protocol, fd, err, test.want)
		}
	}
}

func TestLongHostIsUnknown(t *testing.T) {
	d := host.New()
	long := strings.Repeat("a", 300)
	if _, err := d.GetHostByName(long); err != netdev.ErrHostUnknown {
		t.Errorf("GetHostByName: %v", err)
	}
	fd := stream(t, d)
	if err := d.Connect(fd, long, netip.AddrPortFrom(netip.Addr{}, 80)); err != netdev.ErrHostUnknown {
		t.Errorf("Connect: %v", err)
	}
	if err := d.Connect(fd, "", netip.AddrPort{}); err != netdev.ErrDestAddrRequired {
		t.Errorf("Connect to nothing: %v", err)
	}
}

func TestUnknownFlagsAreNotSupported(t *testing.T) {
	d := host.New()
	fd, _ := pair(t, d)
	udp, to := bound(t, d)
	for _, flags := range []int{-1, 1, 0x20, 0x100, math.MinInt, math.MaxInt} {
		_, err := d.Recv(fd, make([]byte, 1), flags, never)
		wantErr(t, "Recv", err, netdev.ErrNotSupported)
		_, err = d.Send(fd, make([]byte, 1), flags, never)
		wantErr(t, "Send", err, netdev.ErrNotSupported)
		_, err = d.SendTo(udp, make([]byte, 1), flags, to, never)
		wantErr(t, "SendTo", err, netdev.ErrNotSupported)
		_, _, err = d.RecvFrom(udp, make([]byte, 1), flags, never)
		wantErr(t, "RecvFrom", err, netdev.ErrNotSupported)
	}
	_, err := d.Send(fd, make([]byte, 1), netdev.MSG_PEEK, never)
	wantErr(t, "Send with MSG_PEEK", err, netdev.ErrNotSupported)
	wantErr(t, "Shutdown", d.Shutdown(fd, 7), netdev.ErrInvalid)
	must(t, d.Listen(stream(t, d), math.MinInt))
	must(t, d.Listen(stream(t, d), math.MaxInt))
}
