package net

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// errTLSRefused is a device's TLS that is not there, or cannot do what the
// configuration asks for.
var errTLSRefused = errors.New("tls: refused by the device")

var errNoCertificate = errors.New("tls: a listener needs a certificate and its key")

// refusedTLS reports whether err, of opening or configuring a TLS socket,
// says that the device does not do this TLS.
func refusedTLS(err error) bool {
	return isUnsupported(err) || errors.Is(err, netdev.ErrProtocolNotSupported)
}

// tlsDevice reports whether dev is to be trusted with TLS at all.
func tlsDevice(dev netdev.Netdever) bool {
	_, ok := netdev.As[netdev.TLSConfigurer](dev)
	return ok
}

// DialTLS connects to address, "host:port", and returns when the peer's
// certificate is verified. A nil config is the zero TLSConfig: the host's name
// is checked, against the roots that the device or the host has.
//
// The TLS is the device's where it takes config, else on a host crypto/tls's;
// where there is neither, the error is netdev.ErrTLSUnavailable.
func DialTLS(network, address string, config *TLSConfig) (*TLSConn, error) {
	var d Dialer
	return d.DialTLS(context.Background(), network, address, config)
}

// DialTLS is the function of that name. The Dialer's limits and ctx cover the
// handshake.
func (d *Dialer) DialTLS(ctx context.Context, network, address string, config *TLSConfig) (*TLSConn, error) {
	if t, err := transport(network); err == nil && t != "tcp" {
		return nil, &OpError{Op: "dial", Net: network, Err: UnknownNetworkError(network)}
	}
	dev := or(d.Device)
	var c *TLSConn
	err := d.dial(ctx, dev, network, address, func(ctx context.Context, host string, local, remote netip.AddrPort) error {
		named := TLSConfig{}
		if config != nil {
			named = *config
		}
		if named.ServerName == "" {
			named.ServerName = host
		}
		t, err := d.dialTLS(ctx, dev, &named, endpoint{
			network: network, stype: netdev.SOCK_STREAM, host: named.ServerName, local: local, remote: remote,
		})
		if err == nil {
			c = &TLSConn{t}
		}
		return err
	})
	return c, err
}

func (d *Dialer) dialTLS(ctx context.Context, dev netdev.Netdever, config *TLSConfig, e endpoint) (tlsTransport, error) {
	if tlsDevice(dev) {
		e.protocol, e.tls = netdev.IPPROTO_TLS, config
		s, err := dialSocket(ctx, dev, e)
		if err == nil {
			c := conn{s}
			(&TCPConn{c}).setDefaults(d.KeepAlive, d.KeepAliveConfig)
			return &deviceTLS{c}, nil
		}
		if err != errTLSRefused {
			return nil, err
		}
	}
	client, err := newTLSClient(config)
	if err != nil {
		return nil, err
	}
	c, err := dialTCP(ctx, dev, e.network, e.local, e.remote)
	if err != nil {
		return nil, err
	}
	c.setDefaults(d.KeepAlive, d.KeepAliveConfig)
	return client(ctx, c)
}

// ListenTLS listens on address, "host:port", for TLS connections, which Accept
// returns as *TLSConn. config must have a certificate and its key.
func ListenTLS(network, address string, config *TLSConfig) (Listener, error) {
	dev := current()
	addr, err := resolveToListen(context.Background(), dev, network, address, "tcp")
	if err != nil {
		return nil, err
	}
	laddr, _ := addr.(*TCPAddr)
	l, err := listenTLS(dev, network, laddr, config)
	if err != nil {
		return nil, &OpError{Op: "listen", Net: network, Addr: addr, Err: err}
	}
	return l, nil
}

func listenTLS(dev netdev.Netdever, network string, laddr *TCPAddr, config *TLSConfig) (*tlsListener, error) {
	if config == nil || len(config.Certificate) == 0 || len(config.PrivateKey) == 0 {
		return nil, errNoCertificate
	}
	if tlsDevice(dev) {
		local, err := tcpAddrPort(laddr)
		if err != nil {
			return nil, err
		}
		s, err := listenSocket(dev, endpoint{
			network: network, stype: netdev.SOCK_STREAM, protocol: netdev.IPPROTO_TLS,
			tls: config, local: local,
		})
		if err == nil {
			return &tlsListener{&TCPListener{s: s}, acceptDeviceTLS}, nil
		}
		if err != errTLSRefused {
			return nil, err
		}
	}
	server, err := newTLSServer(config)
	if err != nil {
		return nil, err
	}
	l, err := listenTCP(dev, network, laddr)
	if err != nil {
		return nil, err
	}
	return &tlsListener{l, server}, nil
}

// tlsListener turns what a TCPListener accepts into a TLSConn.
type tlsListener struct {
	tcp *TCPListener
	tls func(*TCPConn) tlsTransport
}

func acceptDeviceTLS(c *TCPConn) tlsTransport { return &deviceTLS{c.conn} }

func (l *tlsListener) Accept() (Conn, error) {
	c, err := l.tcp.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return &TLSConn{l.tls(c)}, nil
}

func (l *tlsListener) Close() error { return l.tcp.Close() }
func (l *tlsListener) Addr() Addr   { return l.tcp.Addr() }

// SetDeadline is that of a TCPListener.
func (l *tlsListener) SetDeadline(t time.Time) error { return l.tcp.SetDeadline(t) }
