//go:build !tinygo

package host

import (
	"net"

	"github.com/netdev-go/netdev/drivers/host/internal/gonet"
	"github.com/netdev-go/netdev/netlink"
	"golang.org/x/sys/unix"
)

var _ netlink.Netlinker = (*Device)(nil)

// NetConnect ignores its parameters: the host has joined its networks by
// itself. The device is usable from New on; the first NetConnect only tells
// NetNotify's function so.
func (d *Device) NetConnect(*netlink.ConnectParams) error {
	d.link.Lock()
	if d.link.joined {
		d.link.Unlock()
		return netlink.ErrConnected
	}
	d.link.joined = true
	notify := d.link.notify
	d.table.setDown(false)
	d.link.Unlock()
	if notify != nil {
		notify(netlink.EventNetUp)
	}
	return nil
}

// NetDisconnect takes the device, not the host, off the network: its sockets
// fail with ErrNetDown, and are to be closed as ever. The kernel's sockets
// behind them are closed at once, so that peers and ports are free.
func (d *Device) NetDisconnect() {
	d.link.Lock()
	was := d.table.setDown(true)
	d.link.joined = false
	notify := d.link.notify
	d.link.Unlock()
	if was {
		return
	}
	var began []*socket
	d.table.each(func(_ int, s *socket) {
		if s.begin(stateDown) {
			began = append(began, s)
		}
	})
	for _, s := range began {
		s.dropLinger()
		s.finish()
	}
	if notify != nil {
		notify(netlink.EventNetDown)
	}
}

// dropLinger keeps a close from waiting for a peer that is out of reach now.
func (s *socket) dropLinger() {
	if l, err := unix.GetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER); err == nil && l.Linger > 0 {
		unix.SetsockoptLinger(s.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{})
	}
}

// NetNotify has cb called by NetConnect and NetDisconnect, on their goroutine.
func (d *Device) NetNotify(cb func(netlink.Event)) {
	d.link.Lock()
	d.link.notify = cb
	d.link.Unlock()
}

// GetHardwareAddr returns the MAC address of the interface that has Addr. On a
// host that has none it is netlink.ErrNotSupported.
func (d *Device) GetHardwareAddr() (net.HardwareAddr, error) { return gonet.HardwareAddr() }
