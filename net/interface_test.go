//go:build !tinygo

package net_test

import (
	"errors"
	stdnet "net"
	"net/netip"
	"slices"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
)

func TestInterfacesAreTheDevices(t *testing.T) {
	use(t, devices[0].open())
	got, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	want := must[[]stdnet.Interface](t)(stdnet.Interfaces())
	if len(got) != len(want) {
		t.Fatalf("%d interfaces, want %d", len(got), len(want))
	}
	for i := range got {
		if std := stdnet.Interface(got[i]); std.Name != want[i].Name || std.Index != want[i].Index || std.MTU != want[i].MTU {
			t.Errorf("%v, want %v", std, want[i])
		}
		addrs, err := got[i].Addrs()
		if err != nil {
			t.Errorf("%s: %v", got[i].Name, err)
		}
		wantAddrs := must[[]stdnet.Addr](t)(want[i].Addrs())
		same := slices.EqualFunc(addrs, wantAddrs, func(a, b stdnet.Addr) bool { return a.String() == b.String() })
		if !same {
			t.Errorf("%s has %v, want %v", got[i].Name, addrs, wantAddrs)
		}
		byIndex, err := net.InterfaceByIndex(got[i].Index)
		if err != nil || byIndex.Name != got[i].Name {
			t.Errorf("InterfaceByIndex(%d) = %v, %v", got[i].Index, byIndex, err)
		}
	}
}

func TestADeviceWithoutAListHasOneInterface(t *testing.T) {
	use(t, &fake{})
	ifs, err := net.Interfaces()
	if err != nil || len(ifs) != 1 {
		t.Fatalf("Interfaces = %v, %v", ifs, err)
	}
	if ifs[0].Name != "net0" || ifs[0].Index != 1 || ifs[0].Flags != net.FlagUp|net.FlagRunning {
		t.Errorf("%+v", ifs[0])
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil || len(addrs) != 1 || addrs[0].String() != "10.0.0.2/32" {
		t.Errorf("InterfaceAddrs = %v, %v", addrs, err)
	}
	if _, err := ifs[0].MulticastAddrs(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("MulticastAddrs: %v, want ErrUnsupported", err)
	}
}

// lister is a device with interfaces.
type lister struct {
	*fake
	list []netdev.Interface
}

func (l lister) Interfaces() ([]netdev.Interface, error) { return l.list, nil }

func TestMulticastAddrsAreWhatTheDeviceTells(t *testing.T) {
	use(t, lister{&fake{}, []netdev.Interface{
		{Index: 1, Name: "lo", Groups: []netip.Addr{}},
		{Index: 2, Name: "eth0", Groups: addrs("224.0.0.251", "ff02::fb")},
		{Index: 3, Name: "eth1"},
	}})
	ifs := must[[]net.Interface](t)(net.Interfaces())
	for i, want := range [][]string{{}, {"224.0.0.251", "ff02::fb"}} {
		list, err := ifs[i].MulticastAddrs()
		if err != nil || len(list) != len(want) {
			t.Fatalf("%s: %v, %v, want %v", ifs[i].Name, list, err, want)
		}
		for j, a := range list {
			if ip, ok := a.(*net.IPAddr); !ok || a.String() != want[j] || len(ip.IP) != stdnet.IPv6len {
				t.Errorf("%s: %#v, want %v", ifs[i].Name, a, want[j])
			}
		}
	}
	if list, err := ifs[2].MulticastAddrs(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a device that does not tell: %v, %v, want ErrUnsupported", list, err)
	}
	if list, err := (&net.Interface{Index: 9}).MulticastAddrs(); err == nil {
		t.Errorf("an interface that there is not: %v", list)
	}
}
