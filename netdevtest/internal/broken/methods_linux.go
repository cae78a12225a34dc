package broken

import (
	"context"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

func (d *hooks) GetHostByName(name string) (netip.Addr, error) {
	if d.getHostByName != nil {
		return d.getHostByName(name)
	}
	return d.Device.GetHostByName(name)
}

func (d *hooks) Addr() (netip.Addr, error) {
	if d.addr != nil {
		return d.addr()
	}
	return d.Device.Addr()
}

func (d *hooks) Socket(domain, stype, protocol int) (int, error) {
	if d.socket != nil {
		return d.socket(domain, stype, protocol)
	}
	return d.Device.Socket(domain, stype, protocol)
}

func (d *hooks) Bind(fd int, ip netip.AddrPort) error {
	if d.bind != nil {
		return d.bind(fd, ip)
	}
	return d.Device.Bind(fd, ip)
}

func (d *hooks) Connect(fd int, host string, ip netip.AddrPort) error {
	if d.connect != nil {
		return d.connect(fd, host, ip)
	}
	return d.Device.Connect(fd, host, ip)
}

func (d *hooks) Listen(fd, backlog int) error {
	if d.listen != nil {
		return d.listen(fd, backlog)
	}
	return d.Device.Listen(fd, backlog)
}

func (d *hooks) Accept(fd int) (int, netip.AddrPort, error) {
	if d.accept != nil {
		return d.accept(fd)
	}
	return d.Device.Accept(fd)
}

func (d *hooks) Send(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	if d.send != nil {
		return d.send(fd, buf, flags, deadline)
	}
	return d.Device.Send(fd, buf, flags, deadline)
}

func (d *hooks) Recv(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	if d.recv != nil {
		return d.recv(fd, buf, flags, deadline)
	}
	return d.Device.Recv(fd, buf, flags, deadline)
}

func (d *hooks) Close(fd int) error {
	if d.closeFd != nil {
		return d.closeFd(fd)
	}
	return d.Device.Close(fd)
}

func (d *hooks) SetSockOpt(fd, level, opt int, value any) error {
	if d.setSockOpt != nil {
		return d.setSockOpt(fd, level, opt, value)
	}
	return d.Device.SetSockOpt(fd, level, opt, value)
}

func (d *hooks) SendTo(fd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	if d.sendTo != nil {
		return d.sendTo(fd, buf, flags, to, deadline)
	}
	return d.Device.SendTo(fd, buf, flags, to, deadline)
}

func (d *hooks) RecvFrom(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	if d.recvFrom != nil {
		return d.recvFrom(fd, buf, flags, deadline)
	}
	return d.Device.RecvFrom(fd, buf, flags, deadline)
}

func (d *hooks) GetSockName(fd int) (netip.AddrPort, error) {
	if d.getSockName != nil {
		return d.getSockName(fd)
	}
	return d.Device.GetSockName(fd)
}

func (d *hooks) GetPeerName(fd int) (netip.AddrPort, error) {
	if d.getPeerName != nil {
		return d.getPeerName(fd)
	}
	return d.Device.GetPeerName(fd)
}

func (d *hooks) Shutdown(fd, how int) error {
	if d.shutdown != nil {
		return d.shutdown(fd, how)
	}
	return d.Device.Shutdown(fd, how)
}

func (d *hooks) GetSockOpt(fd, level, opt int) (any, error) {
	if d.getSockOpt != nil {
		return d.getSockOpt(fd, level, opt)
	}
	return d.Device.GetSockOpt(fd, level, opt)
}

func (d *hooks) ConnectContext(ctx context.Context, fd int, host string, ip netip.AddrPort) error {
	if d.connectContext != nil {
		return d.connectContext(ctx, fd, host, ip)
	}
	return d.Device.ConnectContext(ctx, fd, host, ip)
}

func (d *hooks) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if d.lookupNetIP != nil {
		return d.lookupNetIP(ctx, network, host)
	}
	return d.Device.LookupNetIP(ctx, network, host)
}

func (d *hooks) Poll(fd int) (netdev.PollEvents, error) {
	if d.poll != nil {
		return d.poll(fd)
	}
	return d.Device.Poll(fd)
}

func (d *hooks) PollNotify(fd int, f func()) error {
	if d.pollNotify != nil {
		return d.pollNotify(fd, f)
	}
	return d.Device.PollNotify(fd, f)
}

func (d *hooks) SetNonblock(fd int, nonblocking bool) error {
	if d.setNonblock != nil {
		return d.setNonblock(fd, nonblocking)
	}
	return d.Device.SetNonblock(fd, nonblocking)
}

func (d *hooks) JoinGroup(fd int, group netip.Addr, iface string) error {
	if d.joinGroup != nil {
		return d.joinGroup(fd, group, iface)
	}
	return d.Device.JoinGroup(fd, group, iface)
}

func (d *hooks) LeaveGroup(fd int, group netip.Addr, iface string) error {
	if d.leaveGroup != nil {
		return d.leaveGroup(fd, group, iface)
	}
	return d.Device.LeaveGroup(fd, group, iface)
}

// DNSServers is not among the host's methods: its kernel knows no servers.
func (d *hooks) DNSServers() []netip.Addr {
	if d.dnsServers != nil {
		return d.dnsServers()
	}
	return nil
}

func (d *hooks) Interfaces() ([]netdev.Interface, error) {
	if d.interfaces != nil {
		return d.interfaces()
	}
	return d.Device.Interfaces()
}

func (d *hooks) Sockets() ([]netdev.SocketInfo, error) {
	if d.sockets != nil {
		return d.sockets()
	}
	return d.Device.Sockets()
}

func (d *hooks) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	if d.ping != nil {
		return d.ping(ctx, addr, payload)
	}
	return d.Device.Ping(ctx, addr, payload)
}
