//go:build !tinygo

package tlsdev

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/netdev-go/netdev"
)

// full is a device with all capabilities that are given descriptors.
type full struct{ *device }

var (
	_ netdev.PacketNetdever   = full{}
	_ netdev.SockNamer        = full{}
	_ netdev.Shutdowner       = full{}
	_ netdev.SockOptGetter    = full{}
	_ netdev.ContextConnecter = full{}
	_ netdev.Poller           = full{}
	_ netdev.SocketLister     = full{}
)

// Unwrap returns the device without TLS, for its other capabilities.
func (d full) Unwrap() netdev.Netdever { return d.Netdever }

func (d full) SendTo(sockfd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	s := d.of(sockfd)
	if s == nil {
		return d.packet.SendTo(sockfd, buf, flags, to, deadline)
	}
	if to.Addr().IsValid() {
		peer, err := d.GetPeerName(sockfd)
		if err != nil {
			return 0, err
		}
		if peer != to {
			return 0, netdev.ErrIsConnected
		}
	}
	return s.send(buf, flags, deadline)
}

func (d full) RecvFrom(sockfd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	if s := d.of(sockfd); s != nil {
		n, err := s.recv(buf, flags, deadline)
		return n, netip.AddrPort{}, err
	}
	return d.packet.RecvFrom(sockfd, buf, flags, deadline)
}

func (d full) GetSockName(sockfd int) (netip.AddrPort, error) {
	if err := d.usable(sockfd); err != nil {
		return netip.AddrPort{}, err
	}
	return d.namer.GetSockName(sockfd)
}

func (d full) GetPeerName(sockfd int) (netip.AddrPort, error) {
	if err := d.usable(sockfd); err != nil {
		return netip.AddrPort{}, err
	}
	return d.namer.GetPeerName(sockfd)
}

func (d full) Shutdown(sockfd, how int) error {
	if s := d.of(sockfd); s != nil {
		return s.shutdown(how)
	}
	return d.shutdowner.Shutdown(sockfd, how)
}

func (d full) GetSockOpt(sockfd, level, opt int) (any, error) {
	s := d.of(sockfd)
	if s == nil {
		return d.opts.GetSockOpt(sockfd, level, opt)
	}
	if s.isClosed() {
		return nil, netdev.ErrInvalidSocketFd
	}
	if level == netdev.SOL_SOCKET && opt == netdev.SO_ERROR {
		if err := s.takeError(); err != nil {
			return err, nil
		}
		return nil, nil
	}
	return d.opts.GetSockOpt(sockfd, level, opt)
}

func (d full) ConnectContext(ctx context.Context, sockfd int, host string, ip netip.AddrPort) error {
	if s := d.of(sockfd); s != nil {
		return s.connect(ctx, host, ip)
	}
	return d.connecter.ConnectContext(ctx, sockfd, host, ip)
}

func (d full) Poll(sockfd int) (netdev.PollEvents, error) {
	if s := d.of(sockfd); s != nil {
		return s.poll()
	}
	return d.poller.Poll(sockfd)
}

func (d full) PollNotify(sockfd int, f func()) error {
	if s := d.of(sockfd); s != nil {
		return s.setNotify(f)
	}
	return d.poller.PollNotify(sockfd, f)
}

func (d full) SetNonblock(sockfd int, nonblocking bool) error {
	if s := d.of(sockfd); s != nil {
		return s.setNonblock(nonblocking)
	}
	return d.poller.SetNonblock(sockfd, nonblocking)
}

// Sockets lists the device's sockets, without those that send the rest of what
// they took before they were closed.
func (d full) Sockets() ([]netdev.SocketInfo, error) {
	list, err := d.lister.Sockets()
	return slices.DeleteFunc(list, func(i netdev.SocketInfo) bool { return d.usable(i.Sockfd) != nil }), err
}
