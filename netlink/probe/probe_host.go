//go:build !tinygo

package probe

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/netlink"
)

// A Device is a device that can be had on a host.
type Device struct {
	Name    string `json:"name"`    // of the -device flag
	Summary string `json:"summary"` // one line
	open    func() netdev.Netdever
}

var devices = []Device{
	{"host", "the host's kernel, with every capability it has", func() netdev.Netdever { return host.New() }},
	{"bare", "the host's kernel through the eleven methods alone, as a small chip's driver", func() netdev.Netdever { return bare.Device(host.New()) }},
}

// Devices lists the devices, the default first.
func Devices() []Device { return append([]Device(nil), devices...) }

// Open returns a new device by its name.
func Open(name string) (netlink.Netlinker, netdev.Netdever, error) {
	var names []string
	for _, d := range devices {
		if d.Name == name {
			dev := d.open()
			return Link(dev), dev, nil
		}
		names = append(names, d.Name)
	}
	return nil, nil, errors.New("unknown device " + strconv.Quote(name) + "; the devices are " + strings.Join(names, ", "))
}

// Probe returns the current netdev, and makes that of the host current where
// there is none.
func Probe() (netlink.Netlinker, netdev.Netdever) {
	dev := netdev.Current()
	if _, err := dev.Addr(); errors.Is(err, netdev.ErrNetdevNotSet) {
		dev = host.New()
		netdev.UseNetdev(dev)
	}
	return joined{Link(dev)}, dev
}

// Link returns the link layer of dev, or one that is always up where dev has
// none.
func Link(dev netdev.Netdever) netlink.Netlinker {
	if link, ok := netdev.As[netlink.Netlinker](dev); ok {
		return link
	}
	return wired{}
}

// joined is the link of a device that "netdev run" may have connected before
// main, for programs that do not do so themselves.
type joined struct{ netlink.Netlinker }

var asked atomic.Bool

// NetConnect is the program's. For the first one, a device that is connected is
// as good as one that was.
func (l joined) NetConnect(params *netlink.ConnectParams) error {
	err := l.Netlinker.NetConnect(params)
	if !asked.Swap(true) && errors.Is(err, netlink.ErrConnected) {
		return nil
	}
	return err
}

// OnHost reports whether dev is the host's kernel, whose names and interfaces
// are those of the host.
func OnHost(dev netdev.Netdever) bool {
	_, ok := netdev.As[*host.Device](bare.Wrapped(dev))
	return ok
}
