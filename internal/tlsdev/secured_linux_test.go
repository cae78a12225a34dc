//go:build !tinygo

package tlsdev_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/tlsdev"
	"github.com/netdev-go/netdev/netdevtest"
)

const name = "tlsdev.example"

// identity is a certificate for name that vouches for itself.
var identity = sync.OnceValue(func() tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		// The time of synctest is within, too.
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
})

// both is what either side of a test does: it has the identity and trusts it.
func both() *netdev.TLSConfig {
	key, err := x509.MarshalPKCS8PrivateKey(identity().PrivateKey)
	if err != nil {
		panic(err)
	}
	return &netdev.TLSConfig{
		ServerName: name, RootCAs: identity().Certificate,
		Certificate: identity().Certificate, PrivateKey: key,
	}
}

func peerConfig() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(identity().Leaf)
	return &tls.Config{ServerName: name, RootCAs: roots, Certificates: []tls.Certificate{identity()}}
}

// everything is what Wrap makes of the host.
type everything interface {
	netdev.Netdever
	netdev.PacketNetdever
	netdev.SockNamer
	netdev.Shutdowner
	netdev.SockOptGetter
	netdev.ContextConnecter
	netdev.Poller
	netdev.SocketLister
	netdev.TLSConfigurer
}

func wrapped() everything { return tlsdev.Wrap(host.New()).(everything) }

// secured is a device all of whose streams are TLS sockets, so that the rules
// for streams are tried on those.
type secured struct{ everything }

func (d secured) Unwrap() netdev.Netdever { return d.everything }

func (d secured) Socket(domain, stype, protocol int) (int, error) {
	if stype != netdev.SOCK_STREAM || protocol != 0 && protocol != netdev.IPPROTO_TCP {
		return d.everything.Socket(domain, stype, protocol)
	}
	fd, err := d.everything.Socket(domain, stype, netdev.IPPROTO_TLS)
	if err == nil {
		err = d.ConfigureTLS(fd, both())
	}
	return fd, err
}

// securedPeer speaks TLS on all of its streams.
type securedPeer struct{ netdevtest.Peer }

func (p securedPeer) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	ln, err := p.Peer.Listen(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l := &securedListener{Listener: ln, shaken: make(chan *securedConn, 1000), closed: make(chan struct{})}
	go l.run()
	return l, nil
}

func (p securedPeer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := p.Peer.DialContext(ctx, network, address)
	if err != nil || network[:3] != "tcp" {
		return c, err
	}
	s := &securedConn{Conn: tls.Client(c, peerConfig()), tcp: c.(*net.TCPConn)}
	if err := s.HandshakeContext(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return s, nil
}

// A securedListener shakes hands before Accept, as the device's Connect waits
// for that.
type securedListener struct {
	net.Listener
	shaken chan *securedConn
	closed chan struct{}
}

func (l *securedListener) run() {
	defer close(l.closed)
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return
		}
		go func() {
			s := &securedConn{Conn: tls.Server(c, peerConfig()), tcp: c.(*net.TCPConn)}
			if s.Handshake() != nil {
				c.Close()
				return
			}
			l.shaken <- s
		}()
	}
}

func (l *securedListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.shaken:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

type securedConn struct {
	*tls.Conn
	tcp   *net.TCPConn
	reset bool
}

func (c *securedConn) SetReadBuffer(bytes int) error { return c.tcp.SetReadBuffer(bytes) }

// SetLinger is for a reset. That is no reset to TLS if a close_notify precedes.
func (c *securedConn) SetLinger(sec int) error {
	c.reset = sec == 0
	return c.tcp.SetLinger(sec)
}

func (c *securedConn) Close() error {
	if c.reset {
		return c.tcp.Close()
	}
	return c.Conn.Close()
}

func (c *securedConn) CloseWrite() error {
	c.Conn.CloseWrite()
	return c.tcp.CloseWrite()
}

// The rules about TLS itself speak TLS within TLS here, to a peer whose name is
// another one; they are tried on the wrapped device.
func rulesOfStreams() []string {
	var rules []string
	for _, g := range netdevtest.Groups() {
		for _, r := range g.Rules {
			if g.Name != "TLS" && r.ID != "SOCK-7" && r.ID != "SOCK-8" {
				rules = append(rules, r.ID)
			}
		}
	}
	return rules
}

func TestTLSSocketsKeepTheRulesOfStreams(t *testing.T) {
	netdevtest.RunConfig(t, netdevtest.Config{
		New:   func(testing.TB) netdev.Netdever { return secured{wrapped()} },
		Peer:  func(tb testing.TB, _ netdev.Netdever) netdevtest.Peer { return securedPeer{netdevtest.Loopback(tb)} },
		Rules: rulesOfStreams(),
		Soak:  100, Timeout: patience,
	})
}
