package offload_test

import (
	"testing"
	"testing/synctest"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

func TestOptionsOfTheChipHaveTheirType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		fd, local := connect(t, dev)
		must(t, dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, 1))
		chip.with(local, func(s *fakeSock) {
			if !s.keepAlive {
				t.Error("the chip does not have the option")
			}
		})
		if v, err := dev.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE); v != true || err != nil {
			t.Fatalf("GetSockOpt: %v, %v", v, err)
		}
		want(t, "SetSockOpt", dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_KEEPALIVE, "yes"), netdev.ErrInvalid)
	})
}

func TestWhatNobodyHasIsNotSupported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		tcp, _ := connect(t, dev)
		udp, _ := bind(t, dev)
		before := chip.total()
		for _, o := range []struct {
			fd, level, opt int
			value          any
		}{
			{tcp, netdev.SOL_SOCKET, netdev.SO_LINGER, 0}, // without Config.Abort
			{tcp, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true},
			{tcp, netdev.SOL_SOCKET, netdev.SO_TYPE, 1},
			{tcp, netdev.SOL_SOCKET, netdev.SO_ERROR, 1},
			{tcp, netdev.SOL_SOCKET, netdev.SO_ACCEPTCON, true},
			{tcp, netdev.SOL_SOCKET, 77, 1},
			{tcp, netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL, 1},
			{udp, netdev.SOL_TCP, netdev.TCP_NODELAY, true},
			{udp, netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY, true},
			{udp, 99, 1, 1},
		} {
			want(t, "SetSockOpt", dev.SetSockOpt(o.fd, o.level, o.opt, o.value), netdev.ErrNotSupported)
		}
		if after := chip.total(); after != before {
			t.Fatal("the chip was asked")
		}
		want(t, "SetSockOpt", dev.SetSockOpt(tcp, netdev.SOL_TCP, netdev.TCP_NODELAY, true), netdev.ErrNotSupported)
		_, err := dev.GetSockOpt(tcp, netdev.SOL_TCP, netdev.TCP_NODELAY)
		want(t, "GetSockOpt", err, netdev.ErrNotSupported)
	})
}

func TestThePendingErrorIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chip, dev := newFake(t, offload.Config{})
		udp := datagram(t, dev)
		must(t, dev.Connect(udp, "", peerAddr))
		chip.on(func(call string, id int) error {
			if call == "SendTo" {
				return netdev.ErrConnRefused
			}
			return nil
		})
		_, err := dev.Send(udp, []byte("x"), 0, never)
		must(t, err)
		synctest.Wait()
		v, err := dev.GetSockOpt(udp, netdev.SOL_SOCKET, netdev.SO_ERROR)
		if v != netdev.ErrConnRefused || err != nil {
			t.Fatalf("SO_ERROR: %v, %v", v, err)
		}
		if v, err = dev.GetSockOpt(udp, netdev.SOL_SOCKET, netdev.SO_ERROR); v != nil || err != nil {
			t.Fatalf("SO_ERROR once more: %v, %v", v, err)
		}
	})
}

func TestBroadcastCanBeForbidden(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, dev := newFake(t, offload.Config{})
		udp, _ := bind(t, dev)
		all := addrPort("255.255.255.255:67")
		_, err := dev.SendTo(udp, []byte("x"), 0, all, never)
		must(t, err)
		must(t, dev.SetSockOpt(udp, netdev.SOL_SOCKET, netdev.SO_BROADCAST, false))
		_, err = dev.SendTo(udp, []byte("x"), 0, all, never)
		want(t, "SendTo", err, netdev.ErrAccess)
		want(t, "Connect", dev.Connect(udp, "", all), netdev.ErrAccess)
	})
}
