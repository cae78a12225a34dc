package broken

import (
	"net/netip"
	"sync"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// Limited returns a device that keeps the contract with most sockets, as a chip
// does, and without capabilities.
func Limited(tb testing.TB, most int) netdev.Netdever {
	return &limited{Netdever: host.New(), free: most}
}

type limited struct {
	netdev.Netdever
	mu   sync.Mutex
	free int
}

func (d *limited) take() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.free == 0 {
		return false
	}
	d.free--
	return true
}

func (d *limited) give() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.free++
}

func (d *limited) Socket(domain, stype, protocol int) (int, error) {
	if !d.take() {
		return -1, netdev.ErrNoMoreSockets
	}
	fd, err := d.Netdever.Socket(domain, stype, protocol)
	if err != nil {
		d.give()
	}
	return fd, err
}

func (d *limited) Accept(lfd int) (int, netip.AddrPort, error) {
	fd, from, err := d.Netdever.Accept(lfd)
	if err == nil && !d.take() {
		d.Netdever.Close(fd)
		return -1, netip.AddrPort{}, netdev.ErrNoMoreSockets
	}
	return fd, from, err
}

func (d *limited) Close(fd int) error {
	err := d.Netdever.Close(fd)
	if err == nil {
		d.give()
	}
	return err
}
