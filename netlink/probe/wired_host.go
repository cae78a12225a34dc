//go:build !tinygo

package probe

import (
	"net"

	"github.com/netdev-go/netdev/netlink"
)

// wired is the link of a device that has no say in it: it is up, and nothing
// ever happens to it.
type wired struct{}

func (wired) NetConnect(*netlink.ConnectParams) error    { return nil }
func (wired) NetDisconnect()                             {}
func (wired) NetNotify(func(netlink.Event))              {}
func (wired) GetHardwareAddr() (net.HardwareAddr, error) { return nil, netlink.ErrNotSupported }
