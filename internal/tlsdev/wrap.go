//go:build !tinygo

package tlsdev

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev"
)

// Wrap returns dev with TLS sockets and [netdev.TLSConfigurer]. Descriptors are
// dev's, and its other capabilities stay.
//
// Of the capabilities that are given a descriptor, all but MulticastJoiner must
// know of TLS sockets. Wrap does that for a device that has them all, and for
// one that has none; any other it returns as it is. So it does with a device
// that is a TLSConfigurer already.
func Wrap(dev netdev.Netdever) netdev.Netdever {
	if _, ok := netdev.As[netdev.TLSConfigurer](dev); ok {
		return dev
	}
	d := &device{Netdever: dev, sockets: make(map[int]*socket)}
	var has [7]bool
	d.packet, has[0] = netdev.As[netdev.PacketNetdever](dev)
	d.namer, has[1] = netdev.As[netdev.SockNamer](dev)
	d.shutdowner, has[2] = netdev.As[netdev.Shutdowner](dev)
	d.opts, has[3] = netdev.As[netdev.SockOptGetter](dev)
	d.connecter, has[4] = netdev.As[netdev.ContextConnecter](dev)
	d.poller, has[5] = netdev.As[netdev.Poller](dev)
	d.lister, has[6] = netdev.As[netdev.SocketLister](dev)
	switch has {
	case [7]bool{true, true, true, true, true, true, true}:
		return full{d}
	case [7]bool{}:
		return d
	}
	return dev
}

// A device is a device of the eleven methods, with TLS.
type device struct {
	netdev.Netdever

	// The capabilities of the device within; all of them or none are there.
	packet     netdev.PacketNetdever
	namer      netdev.SockNamer
	shutdowner netdev.Shutdowner
	opts       netdev.SockOptGetter
	connecter  netdev.ContextConnecter
	poller     netdev.Poller
	lister     netdev.SocketLister

	count   atomic.Int32 // of sockets
	mu      sync.Mutex
	sockets map[int]*socket // the TLS sockets, and those that were closed but still send
}

var (
	_ netdev.Netdever      = (*device)(nil)
	_ netdev.TLSConfigurer = (*device)(nil)
)

// of returns the TLS socket that sockfd is, or nil.
func (d *device) of(sockfd int) *socket {
	if d.count.Load() == 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sockets[sockfd]
}

// enter notes that the device gave out sockfd, for s or, where that is nil, for
// a plain socket.
func (d *device) enter(sockfd int, s *socket) {
	if s == nil && d.count.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s == nil {
		delete(d.sockets, sockfd) // one that is just being closed
	} else {
		d.sockets[sockfd] = s
	}
	d.count.Store(int32(len(d.sockets)))
}

func (d *device) forget(s *socket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sockets[s.fd] == s { // its number may be another's by now
		delete(d.sockets, s.fd)
	}
	d.count.Store(int32(len(d.sockets)))
}

// usable returns an error for a TLS socket that was closed, for calls that are
// the device's alone.
func (d *device) usable(sockfd int) error {
	if s := d.of(sockfd); s != nil && s.isClosed() {
		return netdev.ErrInvalidSocketFd
	}
	return nil
}

func (d *device) Socket(domain, stype, protocol int) (int, error) {
	isTLS := stype == netdev.SOCK_STREAM && protocol == netdev.IPPROTO_TLS
	if isTLS {
		protocol = netdev.IPPROTO_TCP
	}
	fd, err := d.Netdever.Socket(domain, stype, protocol)
	if err != nil {
		return fd, err
	}
	var s *socket
	if isTLS {
		s = newSocket(d, fd)
	}
	d.enter(fd, s)
	return fd, nil
}

func (d *device) Bind(sockfd int, ip netip.AddrPort) error {
	if err := d.usable(sockfd); err != nil {
		return err
	}
	return d.Netdever.Bind(sockfd, ip)
}

func (d *device) Connect(sockfd int, host string, ip netip.AddrPort) error {
	if s := d.of(sockfd); s != nil {
		return s.connect(context.Background(), host, ip)
	}
	return d.Netdever.Connect(sockfd, host, ip)
}

func (d *device) Listen(sockfd, backlog int) error {
	if s := d.of(sockfd); s != nil {
		return s.listen(backlog)
	}
	return d.Netdever.Listen(sockfd, backlog)
}

func (d *device) Accept(sockfd int) (int, netip.AddrPort, error) {
	if s := d.of(sockfd); s != nil {
		return s.accept()
	}
	fd, from, err := d.Netdever.Accept(sockfd)
	if err == nil {
		d.enter(fd, nil)
	}
	return fd, from, err
}

func (d *device) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	if s := d.of(sockfd); s != nil {
		return s.send(buf, flags, deadline)
	}
	return d.Netdever.Send(sockfd, buf, flags, deadline)
}

func (d *device) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	if s := d.of(sockfd); s != nil {
		return s.recv(buf, flags, deadline)
	}
	return d.Netdever.Recv(sockfd, buf, flags, deadline)
}

func (d *device) Close(sockfd int) error {
	if s := d.of(sockfd); s != nil {
		return s.close()
	}
	return d.Netdever.Close(sockfd)
}

func (d *device) SetSockOpt(sockfd, level, opt int, value interface{}) error {
	if err := d.usable(sockfd); err != nil {
		return err
	}
	err := d.Netdever.SetSockOpt(sockfd, level, opt, value)
	if s := d.of(sockfd); s != nil && err == nil && level == netdev.SOL_SOCKET && opt == netdev.SO_LINGER {
		seconds, err := netdev.OptInt(value)
		s.setAbort(err == nil && seconds == 0)
	}
	return err
}

// ConfigureTLS sets up a TLS socket. Of a listener's config the server name and
// the roots mean nothing: its peers are not asked for certificates.
func (d *device) ConfigureTLS(sockfd int, config *netdev.TLSConfig) error {
	s := d.of(sockfd)
	if s == nil {
		return d.notTLS(sockfd)
	}
	c, err := newConfig(config)
	if err != nil {
		return err
	}
	return s.configure(c)
}

func (d *device) NegotiatedProtocol(sockfd int) (string, error) {
	s := d.of(sockfd)
	if s == nil {
		return "", d.notTLS(sockfd)
	}
	return s.protocol()
}

// notTLS is the error of a descriptor that is no TLS socket's.
func (d *device) notTLS(sockfd int) error {
	// A call that does nothing but look at the descriptor first.
	if _, err := d.Netdever.Recv(sockfd, nil, 0, time.Unix(0, 0)); errors.Is(err, netdev.ErrInvalidSocketFd) {
		return err
	}
	return netdev.ErrInvalid
}
