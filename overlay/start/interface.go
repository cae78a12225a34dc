//go:build netdev_overlay

package start

import (
	"net"
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink/probe"
)

// interfaces lists those of the device, or one with its address.
func interfaces() (ifs []net.NetdevInterface, err error, ok bool) {
	dev := netdev.Current()
	if probe.OnHost(dev) {
		return nil, nil, false
	}
	list, err := deviceInterfaces(dev)
	for _, l := range list {
		i := net.NetdevInterface{Interface: net.Interface{
			Index: l.Index, MTU: l.MTU, Name: l.Name, HardwareAddr: l.HardwareAddr, Flags: l.Flags,
		}}
		for _, p := range l.Addrs {
			i.Addrs = append(i.Addrs, &net.IPNet{IP: bytes16(p.Addr()), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())})
		}
		if l.Groups != nil {
			i.Groups = make([]net.Addr, 0, len(l.Groups))
		}
		for _, g := range l.Groups {
			i.Groups = append(i.Groups, &net.IPAddr{IP: bytes16(g), Zone: g.Zone()})
		}
		ifs = append(ifs, i)
	}
	return ifs, err, true
}

// bytes16 is a in the form that Go's net has addresses of interfaces in.
func bytes16(a netip.Addr) net.IP {
	b := a.As16()
	return b[:]
}

func deviceInterfaces(dev netdev.Netdever) ([]netdev.Interface, error) {
	if l, ok := netdev.As[netdev.InterfaceLister](dev); ok {
		return l.Interfaces()
	}
	addr, err := dev.Addr()
	if err != nil {
		return nil, err
	}
	return []netdev.Interface{{
		Index: 1, MTU: 1500, Name: "net0", Flags: net.FlagUp | net.FlagRunning,
		Addrs: []netip.Prefix{netip.PrefixFrom(addr, addr.BitLen())},
	}}, nil
}
