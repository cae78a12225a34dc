package broken

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// A Device breaks the rules that it names, and no others of their groups.
type Device struct {
	Name  string // what it does wrong
	Rules []string
	New   func(tb testing.TB) netdev.Netdever
}

// device returns a Device of the host's sockets with what change puts in their
// place.
func device(name string, rules []string, change func(d *hooks)) Device {
	return Device{name, rules, func(tb testing.TB) netdev.Netdever {
		d := &hooks{Device: host.New(), done: tb.Context().Done()}
		change(d)
		return d
	}}
}

// hooks is the host's device with some methods replaced.
type hooks struct {
	*host.Device
	done <-chan struct{} // closed when the trial is over: the end of calls that hang

	getHostByName  func(name string) (netip.Addr, error)
	addr           func() (netip.Addr, error)
	socket         func(domain, stype, protocol int) (int, error)
	bind           func(fd int, ip netip.AddrPort) error
	connect        func(fd int, host string, ip netip.AddrPort) error
	listen         func(fd, backlog int) error
	accept         func(fd int) (int, netip.AddrPort, error)
	send           func(fd int, buf []byte, flags int, deadline time.Time) (int, error)
	recv           func(fd int, buf []byte, flags int, deadline time.Time) (int, error)
	closeFd        func(fd int) error
	setSockOpt     func(fd, level, opt int, value any) error
	sendTo         func(fd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error)
	recvFrom       func(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error)
	getSockName    func(fd int) (netip.AddrPort, error)
	getPeerName    func(fd int) (netip.AddrPort, error)
	shutdown       func(fd, how int) error
	getSockOpt     func(fd, level, opt int) (any, error)
	connectContext func(ctx context.Context, fd int, host string, ip netip.AddrPort) error
	lookupNetIP    func(ctx context.Context, network, host string) ([]netip.Addr, error)
	dnsServers     func() []netip.Addr
	poll           func(fd int) (netdev.PollEvents, error)
	pollNotify     func(fd int, f func()) error
	setNonblock    func(fd int, nonblocking bool) error
	joinGroup      func(fd int, group netip.Addr, iface string) error
	leaveGroup     func(fd int, group netip.Addr, iface string) error
	interfaces     func() ([]netdev.Interface, error)
	sockets        func() ([]netdev.SocketInfo, error)
	ping           func(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error)
}

// hang waits until the trial is over.
func (d *hooks) hang() { <-d.done }

// isDatagram tells what fd is.
func (d *hooks) isDatagram(fd int) bool {
	stype, err := d.Device.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_TYPE)
	return err == nil && stype == netdev.SOCK_DGRAM
}
