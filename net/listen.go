package net

import (
	"context"
	"time"

	"github.com/netdev-go/netdev"
)

// A ListenConfig says how to listen. The zero ListenConfig is what [Listen]
// and [ListenPacket] use.
type ListenConfig struct {
	// KeepAlive is how long an accepted connection is idle before the first
	// keep-alive probe: 0 is 15 seconds, negative turns probes off.
	// KeepAliveConfig.Enable overrides it.
	KeepAlive       time.Duration
	KeepAliveConfig KeepAliveConfig

	// Device is what listens; nil is the current netdev.
	Device netdev.Netdever
}

// Listen listens on address, "host:port", for streams; network is "tcp",
// "tcp4" or "tcp6". A host of "" is every address of the device, port 0 a free
// port.
func Listen(network, address string) (Listener, error) {
	var lc ListenConfig
	return lc.Listen(context.Background(), network, address)
}

// ListenPacket listens on address, "host:port", for datagrams; network is
// "udp", "udp4" or "udp6".
func ListenPacket(network, address string) (PacketConn, error) {
	var lc ListenConfig
	return lc.ListenPacket(context.Background(), network, address)
}

// Listen is the function of that name. The end of ctx ends the resolution of
// address; it does nothing to the listener.
func (lc *ListenConfig) Listen(ctx context.Context, network, address string) (Listener, error) {
	l, err := lc.listen(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (lc *ListenConfig) listen(ctx context.Context, network, address string) (*TCPListener, error) {
	dev := or(lc.Device)
	addr, err := resolveToListen(ctx, dev, network, address, "tcp")
	if err != nil {
		return nil, err
	}
	laddr, _ := addr.(*TCPAddr)
	l, err := listenTCP(dev, network, laddr)
	if err != nil {
		return nil, &OpError{Op: "listen", Net: network, Addr: laddr, Err: err}
	}
	l.idle, l.keepAlive = lc.KeepAlive, lc.KeepAliveConfig
	return l, nil
}

// ListenPacket is the function of that name. The end of ctx ends the
// resolution of address; it does nothing to the connection.
func (lc *ListenConfig) ListenPacket(ctx context.Context, network, address string) (PacketConn, error) {
	dev := or(lc.Device)
	addr, err := resolveToListen(ctx, dev, network, address, "udp")
	if err != nil {
		return nil, err
	}
	laddr, _ := addr.(*UDPAddr)
	c, err := listenUDP(dev, network, laddr)
	if err != nil {
		return nil, &OpError{Op: "listen", Net: network, Addr: laddr, Err: err}
	}
	return c, nil
}

// resolveToListen resolves an address to listen on. Its errors are whole.
func resolveToListen(ctx context.Context, dev netdev.Netdever, network, address, want string) (Addr, error) {
	fail := func(addr Addr, err error) (Addr, error) {
		return nil, &OpError{Op: "listen", Net: network, Addr: addr, Err: err}
	}
	t, err := transport(network)
	if err != nil {
		return fail(nil, err)
	}
	_, list, err := DefaultResolver.resolveAddrPorts(ctx, dev, network, address)
	if err != nil {
		return fail(nil, err)
	}
	addr := dialAddr(t, first(list, true))
	if t != want {
		return fail(addr, &AddrError{Err: "unexpected address type", Addr: address})
	}
	return addr, nil
}
