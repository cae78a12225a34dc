//go:build !linux && !tinygo

package host

import (
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host/internal/gonet"
	"github.com/netdev-go/netdev/netlink"
)

// Device is Go's own net package as a network device. Its methods may be called
// from any goroutine.
type Device = gonet.Device

var (
	_ netdev.Netdever         = (*Device)(nil)
	_ netdev.PacketNetdever   = (*Device)(nil)
	_ netdev.SockNamer        = (*Device)(nil)
	_ netdev.Shutdowner       = (*Device)(nil)
	_ netdev.ContextConnecter = (*Device)(nil)
	_ netdev.MultiResolver    = (*Device)(nil)
	_ netdev.InterfaceLister  = (*Device)(nil)
	_ netlink.Netlinker       = (*Device)(nil)
)

// New returns a device that is connected, with no sockets. It needs no close.
func New() *Device { return gonet.New() }
