package netdevtest

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/netdev-go/netdev"
)

// watched is a device whose every call is bounded in time, and whose panics
// are failures of the trial instead of the end of the process. It has the
// methods of all capabilities; a check calls only those that its group found.
type watched struct {
	t   *trial
	dev netdev.Netdever

	packet    netdev.PacketNetdever
	namer     netdev.SockNamer
	shutdown  netdev.Shutdowner
	opts      netdev.SockOptGetter
	connecter netdev.ContextConnecter
	resolver  netdev.MultiResolver
	servers   netdev.DNSServerLister
	poller    netdev.Poller
	tls       netdev.TLSConfigurer
	multicast netdev.MulticastJoiner
	ifaces    netdev.InterfaceLister
	sockets   netdev.SocketLister
	pinger    netdev.Pinger
}

var _ netdev.Netdever = (*watched)(nil)

func watch(t *trial, dev netdev.Netdever) *watched {
	w := &watched{t: t, dev: dev}
	w.packet, _ = netdev.As[netdev.PacketNetdever](dev)
	w.namer, _ = netdev.As[netdev.SockNamer](dev)
	w.shutdown, _ = netdev.As[netdev.Shutdowner](dev)
	w.opts, _ = netdev.As[netdev.SockOptGetter](dev)
	w.connecter, _ = netdev.As[netdev.ContextConnecter](dev)
	w.resolver, _ = netdev.As[netdev.MultiResolver](dev)
	w.servers, _ = netdev.As[netdev.DNSServerLister](dev)
	w.poller, _ = netdev.As[netdev.Poller](dev)
	w.tls, _ = netdev.As[netdev.TLSConfigurer](dev)
	w.multicast, _ = netdev.As[netdev.MulticastJoiner](dev)
	w.ifaces, _ = netdev.As[netdev.InterfaceLister](dev)
	w.sockets, _ = netdev.As[netdev.SocketLister](dev)
	w.pinger, _ = netdev.As[netdev.Pinger](dev)
	return w
}

// guard bounds a call; its result is deferred around it.
func (w *watched) guard(name string, arg any, deadline time.Time) func() {
	what := func() string { return fmt.Sprintf("%s(%v)", name, arg) }
	limit := w.t.cfg.Timeout
	// A deadline far away bounds nothing: the check ends the call itself.
	if wait := time.Until(deadline); !deadline.IsZero() && wait > 0 && wait < time.Minute {
		limit += wait
	}
	stop := w.t.bound(what, limit)
	return func() {
		if r := recover(); r != nil {
			stop()
			w.t.Errorf("%s panicked: %v\n%s", what(), r, debug.Stack())
			runtime.Goexit()
		}
		if !stop() {
			runtime.Goexit() // the trial has been given up
		}
	}
}

func (w *watched) GetHostByName(name string) (netip.Addr, error) {
	defer w.guard("GetHostByName", name, time.Time{})()
	return w.dev.GetHostByName(name)
}

func (w *watched) Addr() (netip.Addr, error) {
	defer w.guard("Addr", "", time.Time{})()
	return w.dev.Addr()
}

func (w *watched) Socket(domain int, stype int, protocol int) (int, error) {
	defer w.guard("Socket", []int{domain, stype, protocol}, time.Time{})()
	return w.dev.Socket(domain, stype, protocol)
}

func (w *watched) Bind(sockfd int, ip netip.AddrPort) error {
	defer w.guard("Bind", sockfd, time.Time{})()
	return w.dev.Bind(sockfd, ip)
}

func (w *watched) Connect(sockfd int, host string, ip netip.AddrPort) error {
	defer w.guard("Connect", sockfd, time.Time{})()
	return w.dev.Connect(sockfd, host, ip)
}

func (w *watched) Listen(sockfd int, backlog int) error {
	defer w.guard("Listen", sockfd, time.Time{})()
	return w.dev.Listen(sockfd, backlog)
}

func (w *watched) Accept(sockfd int) (int, netip.AddrPort, error) {
	defer w.guard("Accept", sockfd, time.Time{})()
	return w.dev.Accept(sockfd)
}

func (w *watched) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	defer w.guard("Send", sockfd, deadline)()
	return w.dev.Send(sockfd, buf, flags, deadline)
}

func (w *watched) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	defer w.guard("Recv", sockfd, deadline)()
	return w.dev.Recv(sockfd, buf, flags, deadline)
}

func (w *watched) Close(sockfd int) error {
	defer w.guard("Close", sockfd, time.Time{})()
	return w.dev.Close(sockfd)
}

func (w *watched) SetSockOpt(sockfd int, level int, opt int, value interface{}) error {
	defer w.guard("SetSockOpt", []int{sockfd, level, opt}, time.Time{})()
	return w.dev.SetSockOpt(sockfd, level, opt, value)
}

func (w *watched) SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	defer w.guard("SendTo", sockfd, deadline)()
	return w.packet.SendTo(sockfd, buf, flags, to, deadline)
}

func (w *watched) RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	defer w.guard("RecvFrom", sockfd, deadline)()
	return w.packet.RecvFrom(sockfd, buf, flags, deadline)
}

func (w *watched) GetSockName(sockfd int) (netip.AddrPort, error) {
	defer w.guard("GetSockName", sockfd, time.Time{})()
	return w.namer.GetSockName(sockfd)
}

func (w *watched) GetPeerName(sockfd int) (netip.AddrPort, error) {
	defer w.guard("GetPeerName", sockfd, time.Time{})()
	return w.namer.GetPeerName(sockfd)
}

func (w *watched) Shutdown(sockfd int, how int) error {
	defer w.guard("Shutdown", sockfd, time.Time{})()
	return w.shutdown.Shutdown(sockfd, how)
}

func (w *watched) GetSockOpt(sockfd int, level, opt int) (any, error) {
	defer w.guard("GetSockOpt", []int{sockfd, level, opt}, time.Time{})()
	return w.opts.GetSockOpt(sockfd, level, opt)
}

func (w *watched) ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error {
	defer w.guard("ConnectContext", sockfd, time.Time{})()
	return w.connecter.ConnectContext(ctx, sockfd, host, ip)
}

func (w *watched) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	defer w.guard("LookupNetIP", host, time.Time{})()
	return w.resolver.LookupNetIP(ctx, network, host)
}

func (w *watched) Poll(sockfd int) (netdev.PollEvents, error) {
	defer w.guard("Poll", sockfd, time.Time{})()
	return w.poller.Poll(sockfd)
}

func (w *watched) PollNotify(sockfd int, f func()) error {
	defer w.guard("PollNotify", sockfd, time.Time{})()
	return w.poller.PollNotify(sockfd, f)
}

func (w *watched) SetNonblock(sockfd int, nonblocking bool) error {
	defer w.guard("SetNonblock", sockfd, time.Time{})()
	return w.poller.SetNonblock(sockfd, nonblocking)
}

func (w *watched) ConfigureTLS(sockfd int, config *netdev.TLSConfig) error {
	defer w.guard("ConfigureTLS", sockfd, time.Time{})()
	return w.tls.ConfigureTLS(sockfd, config)
}

func (w *watched) NegotiatedProtocol(sockfd int) (string, error) {
	defer w.guard("NegotiatedProtocol", sockfd, time.Time{})()
	return w.tls.NegotiatedProtocol(sockfd)
}

func (w *watched) JoinGroup(sockfd int, group netip.Addr, iface string) error {
	defer w.guard("JoinGroup", sockfd, time.Time{})()
	return w.multicast.JoinGroup(sockfd, group, iface)
}

func (w *watched) LeaveGroup(sockfd int, group netip.Addr, iface string) error {
	defer w.guard("LeaveGroup", sockfd, time.Time{})()
	return w.multicast.LeaveGroup(sockfd, group, iface)
}

func (w *watched) DNSServers() []netip.Addr {
	defer w.guard("DNSServers", "", time.Time{})()
	return w.servers.DNSServers()
}

func (w *watched) Interfaces() ([]netdev.Interface, error) {
	defer w.guard("Interfaces", "", time.Time{})()
	return w.ifaces.Interfaces()
}

func (w *watched) Sockets() ([]netdev.SocketInfo, error) {
	defer w.guard("Sockets", "", time.Time{})()
	return w.sockets.Sockets()
}

func (w *watched) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	defer w.guard("Ping", addr, time.Time{})()
	return w.pinger.Ping(ctx, addr, payload)
}
