package stack

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// Stack is a TCP/IP stack on one network device. Its methods may be called from
// any goroutine.
type Stack struct {
	dev    netlink.FrameDevice
	config Config
}

var (
	_ netdev.Netdever         = (*Stack)(nil)
	_ netdev.PacketNetdever   = (*Stack)(nil)
	_ netdev.SockNamer        = (*Stack)(nil)
	_ netdev.Shutdowner       = (*Stack)(nil)
	_ netdev.SockOptGetter    = (*Stack)(nil)
	_ netdev.ContextConnecter = (*Stack)(nil)
	_ netdev.MultiResolver    = (*Stack)(nil)
	_ netdev.Poller           = (*Stack)(nil)
	_ netdev.MulticastJoiner  = (*Stack)(nil)
	_ netdev.InterfaceLister  = (*Stack)(nil)
	_ netdev.SocketLister     = (*Stack)(nil)
	_ netdev.Pinger           = (*Stack)(nil)
	_ netlink.Netlinker       = (*Stack)(nil)
)

// New returns a stack on dev, whose handler it sets. Its loopback interface works
// at once, the other one after NetConnect. Stop gives dev back.
func New(dev netlink.FrameDevice, c Config) (*Stack, error) {
	return &Stack{dev: dev, config: c.withDefaults()}, nil
}

// Stop ends the stack: it disconnects, closes every socket and leaves the device.
// The device itself stays open.
func (s *Stack) Stop() error { return nil }

func (s *Stack) GetHostByName(name string) (netip.Addr, error) {
	return netip.Addr{}, netdev.ErrNotSupported
}
func (s *Stack) Addr() (netip.Addr, error)                       { return netip.Addr{}, netdev.ErrNotSupported }
func (s *Stack) Socket(domain, stype, protocol int) (int, error) { return -1, netdev.ErrNotSupported }
func (s *Stack) Bind(sockfd int, ip netip.AddrPort) error        { return netdev.ErrNotSupported }
func (s *Stack) Connect(sockfd int, host string, ip netip.AddrPort) error {
	return netdev.ErrNotSupported
}
func (s *Stack) Listen(sockfd, backlog int) error { return netdev.ErrNotSupported }
func (s *Stack) Accept(sockfd int) (int, netip.AddrPort, error) {
	return -1, netip.AddrPort{}, netdev.ErrNotSupported
}
func (s *Stack) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	return 0, netdev.ErrNotSupported
}
func (s *Stack) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	return 0, netdev.ErrNotSupported
}
func (s *Stack) Close(sockfd int) error                             { return netdev.ErrNotSupported }
func (s *Stack) SetSockOpt(sockfd, level, opt int, value any) error { return netdev.ErrNotSupported }
func (s *Stack) SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	return 0, netdev.ErrNotSupported
}
func (s *Stack) RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	return 0, netip.AddrPort{}, netdev.ErrNotSupported
}
func (s *Stack) GetSockName(sockfd int) (netip.AddrPort, error) {
	return netip.AddrPort{}, netdev.ErrNotSupported
}
func (s *Stack) GetPeerName(sockfd int) (netip.AddrPort, error) {
	return netip.AddrPort{}, netdev.ErrNotSupported
}
func (s *Stack) Shutdown(sockfd, how int) error                 { return netdev.ErrNotSupported }
func (s *Stack) GetSockOpt(sockfd, level, opt int) (any, error) { return nil, netdev.ErrNotSupported }
func (s *Stack) ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error {
	return netdev.ErrNotSupported
}
func (s *Stack) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	return nil, netdev.ErrNotSupported
}
func (s *Stack) Poll(sockfd int) (netdev.PollEvents, error)     { return 0, netdev.ErrNotSupported }
func (s *Stack) PollNotify(sockfd int, f func()) error          { return netdev.ErrNotSupported }
func (s *Stack) SetNonblock(sockfd int, nonblocking bool) error { return netdev.ErrNotSupported }
func (s *Stack) JoinGroup(sockfd int, group netip.Addr, iface string) error {
	return netdev.ErrNotSupported
}
func (s *Stack) LeaveGroup(sockfd int, group netip.Addr, iface string) error {
	return netdev.ErrNotSupported
}
func (s *Stack) Interfaces() ([]netdev.Interface, error) { return nil, netdev.ErrNotSupported }
func (s *Stack) Sockets() ([]netdev.SocketInfo, error)   { return nil, netdev.ErrNotSupported }
func (s *Stack) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	return 0, netdev.ErrNotSupported
}
func (s *Stack) NetConnect(params *netlink.ConnectParams) error { return netdev.ErrNotSupported }
func (s *Stack) NetDisconnect()                                 {}
func (s *Stack) NetNotify(cb func(netlink.Event))               {}
func (s *Stack) GetHardwareAddr() (net.HardwareAddr, error)     { return nil, netdev.ErrNotSupported }
