package stack_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

func TestConfigureGivesTheNextNetConnectItsAddress(t *testing.T) {
	dev, err := ether.NewSwitch(ether.SwitchConfig{}).Open(ether.Config{Name: "board"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := stack.New(dev, stack.SmallBoard())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	for _, want := range []string{"192.168.4.1/24", "192.168.5.7/16"} {
		dns := []netip.Addr{netip.MustParseAddr("192.168.4.9")}
		if err := s.Configure(netip.MustParsePrefix(want), netip.Addr{}, dns); err != nil {
			t.Fatal(err)
		}
		dns[0] = netip.Addr{}
		if err := s.NetConnect(nil); err != nil {
			t.Fatal(err)
		}
		if addr, err := s.Addr(); err != nil || addr != netip.MustParsePrefix(want).Addr() {
			t.Errorf("Addr = %v, %v, want %s", addr, err, want)
		}
		if got := s.DNSServers(); len(got) != 1 || got[0].String() != "192.168.4.9" {
			t.Errorf("DNSServers = %v", got)
		}
		if err := s.Configure(netip.Prefix{}, netip.Addr{}, nil); !errors.Is(err, netlink.ErrConnected) {
			t.Errorf("Configure while connected = %v", err)
		}
		s.NetDisconnect()
	}
	if err := s.Configure(netip.MustParsePrefix("192.168.4.255/24"), netip.Addr{}, nil); !errors.Is(err, netdev.ErrInvalid) {
		t.Errorf("Configure of a broadcast address = %v", err)
	}
}
