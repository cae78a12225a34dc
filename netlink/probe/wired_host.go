//go:build !tinygo

package probe

import (
	"net"
	"sync/atomic"

	"github.com/netdev-go/netdev/netlink"
)

// wired is the link of a device that has no say in it.
type wired struct{}

var wiredNotify atomic.Pointer[func(netlink.Event)]

func (wired) NetConnect(*netlink.ConnectParams) error {
	if cb := wiredNotify.Load(); cb != nil && *cb != nil {
		(*cb)(netlink.EventNetUp)
	}
	return nil
}

func (wired) NetDisconnect() {
	if cb := wiredNotify.Load(); cb != nil && *cb != nil {
		(*cb)(netlink.EventNetDown)
	}
}

func (wired) NetNotify(cb func(netlink.Event)) { wiredNotify.Store(&cb) }

func (wired) GetHardwareAddr() (net.HardwareAddr, error) { return nil, netlink.ErrNotSupported }
