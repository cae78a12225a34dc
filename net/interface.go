package net

import (
	"errors"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// The texts are those of Go's net.
var (
	errInvalidInterface      = errors.New("invalid network interface")
	errInvalidInterfaceIndex = errors.New("invalid network interface index")
	errInvalidInterfaceName  = errors.New("invalid network interface name")
	errNoSuchInterface       = errors.New("no such network interface")
)

// Interface is a network interface of the device. It has the fields of Go's
// net.Interface and converts to it; its methods ask the device.
type Interface struct {
	Index        int          // from 1
	MTU          int          // bytes
	Name         string       // such as "eth0"
	HardwareAddr HardwareAddr // EUI-48
	Flags        Flags
}

// soleInterface is what a device that cannot list its interfaces is taken to
// have.
const soleInterface = "net0"

// deviceInterfaces lists dev's interfaces.
func deviceInterfaces(dev netdev.Netdever) ([]netdev.Interface, error) {
	if d, ok := netdev.As[netdev.InterfaceLister](dev); ok {
		return d.Interfaces()
	}
	sole := netdev.Interface{Index: 1, Name: soleInterface, Flags: FlagUp | FlagRunning}
	own, err := dev.Addr()
	if err != nil {
		return nil, err
	}
	if own.IsValid() {
		// The contract does not tell the prefix of the network.
		p, err := own.Unmap().Prefix(own.Unmap().BitLen())
		if err == nil {
			sole.Addrs = append(sole.Addrs, p)
		}
	}
	return []netdev.Interface{sole}, nil
}

func routeError(err error) error {
	return &OpError{Op: "route", Net: "ip+net", Err: err}
}

// Interfaces returns the device's interfaces. A device without
// netdev.InterfaceLister has one, "net0".
func Interfaces() ([]Interface, error) {
	list, err := deviceInterfaces(current())
	if err != nil {
		return nil, routeError(err)
	}
	ifs := make([]Interface, len(list))
	for i, l := range list {
		ifs[i] = Interface{Index: l.Index, MTU: l.MTU, Name: l.Name, HardwareAddr: l.HardwareAddr, Flags: l.Flags}
	}
	return ifs, nil
}

// InterfaceAddrs returns the addresses of all interfaces, each an *IPNet.
func InterfaceAddrs() ([]Addr, error) {
	return addrsOf(0)
}

// InterfaceByIndex returns the interface of that number.
func InterfaceByIndex(index int) (*Interface, error) {
	if index <= 0 {
		return nil, routeError(errInvalidInterfaceIndex)
	}
	return findInterface(func(ifi *Interface) bool { return ifi.Index == index })
}

// InterfaceByName returns the interface of that name.
func InterfaceByName(name string) (*Interface, error) {
	if name == "" {
		return nil, routeError(errInvalidInterfaceName)
	}
	return findInterface(func(ifi *Interface) bool { return ifi.Name == name })
}

func findInterface(match func(*Interface) bool) (*Interface, error) {
	ifs, err := Interfaces()
	if err != nil {
		return nil, err
	}
	for i := range ifs {
		if match(&ifs[i]) {
			return &ifs[i], nil
		}
	}
	return nil, routeError(errNoSuchInterface)
}

// Addrs returns the addresses of the interface, each an *IPNet.
func (ifi *Interface) Addrs() ([]Addr, error) {
	if ifi == nil {
		return nil, routeError(errInvalidInterface)
	}
	return addrsOf(ifi.Index)
}

// MulticastAddrs returns the groups joined on the interface, each an *IPAddr. It
// is not supported where the device does not tell them.
func (ifi *Interface) MulticastAddrs() ([]Addr, error) {
	if ifi == nil {
		return nil, routeError(errInvalidInterface)
	}
	list, err := deviceInterfaces(current())
	if err != nil {
		return nil, routeError(err)
	}
	for _, l := range list {
		if l.Index != ifi.Index {
			continue
		}
		if l.Groups == nil {
			return nil, routeError(netdev.ErrNotSupported)
		}
		addrs := make([]Addr, len(l.Groups))
		for i, g := range l.Groups {
			addrs[i] = &IPAddr{IP: bytes16(g), Zone: g.Zone()}
		}
		return addrs, nil
	}
	return nil, routeError(errNoSuchInterface)
}

// bytes16 is a in the form that Go's net has addresses of interfaces in.
func bytes16(a netip.Addr) IP {
	b := a.As16()
	return b[:]
}

// addrsOf returns the addresses of the interface of that number, 0 for all.
func addrsOf(index int) ([]Addr, error) {
	list, err := deviceInterfaces(current())
	if err != nil {
		return nil, routeError(err)
	}
	var addrs []Addr
	for _, l := range list {
		if index != 0 && index != l.Index {
			continue
		}
		for _, p := range l.Addrs {
			a := p.Addr().Unmap()
			addrs = append(addrs, &IPNet{IP: bytes16(a), Mask: CIDRMask(p.Bits(), a.BitLen())})
		}
	}
	return addrs, nil
}
