package broken

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// TLS returns a device that keeps the contract and speaks TLS itself, as some
// chips do: crypto/tls over the host's sockets.
func TLS(tb testing.TB) netdev.Netdever { return newTLSDevice(tb, flaws{}) }

// flaws are what is wrong with a TLS device.
type flaws struct {
	client    func(config *tls.Config, roots *x509.CertPool)
	handshake error                 // stands for a failed handshake, instead of ErrTLSHandshake
	end       func(err error) error // of Recv
	plain     bool                  // accepted sockets speak no TLS
	late      error                 // of ConfigureTLS too late, instead of ErrInvalid
}

type tlsDevice struct {
	*hooks
	flaws
	mu      sync.Mutex
	sockets map[int]*tlsSocket
}

type tlsSocket struct {
	config netdev.TLSConfig
	conn   *tls.Conn // nil until it is connected
}

var _ netdev.TLSConfigurer = (*tlsDevice)(nil)

func newTLSDevice(tb testing.TB, f flaws) *tlsDevice {
	return &tlsDevice{
		hooks:   &hooks{Device: host.New(), done: tb.Context().Done()},
		flaws:   f,
		sockets: make(map[int]*tlsSocket),
	}
}

func (d *tlsDevice) Socket(domain, stype, protocol int) (int, error) {
	if protocol != netdev.IPPROTO_TLS || stype != netdev.SOCK_STREAM {
		return d.Device.Socket(domain, stype, protocol)
	}
	fd, err := d.Device.Socket(domain, stype, netdev.IPPROTO_TCP)
	if err == nil {
		d.enter(fd, &tlsSocket{})
	}
	return fd, err
}

func (d *tlsDevice) enter(fd int, s *tlsSocket) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sockets[fd] = s
}

func (d *tlsDevice) socketOf(fd int) *tlsSocket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sockets[fd]
}

func (d *tlsDevice) ConfigureTLS(fd int, config *netdev.TLSConfig) error {
	s := d.socketOf(fd)
	if s == nil || s.conn != nil {
		if d.late != nil {
			return nil
		}
		return netdev.ErrInvalid
	}
	s.config = *config
	return nil
}

func (d *tlsDevice) NegotiatedProtocol(fd int) (string, error) {
	s := d.socketOf(fd)
	if s == nil || s.conn == nil {
		return "", netdev.ErrNotConnected
	}
	return s.conn.ConnectionState().NegotiatedProtocol, nil
}

func (d *tlsDevice) Connect(fd int, host string, ip netip.AddrPort) error {
	err := d.Device.Connect(fd, host, ip)
	s := d.socketOf(fd)
	if err != nil || s == nil {
		return err
	}
	name := s.config.ServerName
	if name == "" {
		name = host
	}
	config := &tls.Config{ServerName: name, NextProtos: s.config.NextProtos}
	if s.config.RootCAs != nil {
		config.RootCAs = x509.NewCertPool()
		for _, der := range s.config.RootCAs {
			if root, err := x509.ParseCertificate(der); err == nil {
				config.RootCAs.AddCert(root)
			}
		}
	}
	if d.client != nil {
		d.client(config, config.RootCAs)
	}
	conn := tls.Client(&fdConn{dev: d.Device, fd: fd}, config)
	if err := d.shake(conn); err != nil {
		return err
	}
	s.conn = conn
	return nil
}

func (d *tlsDevice) shake(conn *tls.Conn) error {
	err := conn.Handshake()
	var untrusted *tls.CertificateVerificationError
	switch {
	case err == nil || errors.Is(err, netdev.ErrClosed):
		return err
	case errors.As(err, &untrusted) || errors.Is(err, errUntrusted):
		return netdev.ErrTLSCertificate
	case d.handshake != nil:
		return d.handshake
	}
	return netdev.ErrTLSHandshake
}

func (d *tlsDevice) Accept(lfd int) (int, netip.AddrPort, error) {
	fd, from, err := d.Device.Accept(lfd)
	s := d.socketOf(lfd)
	if err != nil || s == nil || d.plain {
		return fd, from, err
	}
	key, err := x509.ParsePKCS8PrivateKey(s.config.PrivateKey)
	if err != nil {
		return -1, from, netdev.ErrInvalid
	}
	conn := tls.Server(&fdConn{dev: d.Device, fd: fd}, &tls.Config{
		Certificates: []tls.Certificate{{Certificate: s.config.Certificate, PrivateKey: key}},
	})
	if err := d.shake(conn); err != nil {
		return -1, from, err
	}
	d.enter(fd, &tlsSocket{conn: conn})
	return fd, from, nil
}

func (d *tlsDevice) Send(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	s := d.socketOf(fd)
	if s == nil {
		return d.Device.Send(fd, buf, flags, deadline)
	}
	if s.conn == nil {
		return 0, netdev.ErrNotConnected
	}
	s.conn.SetWriteDeadline(deadline)
	return s.conn.Write(buf)
}

func (d *tlsDevice) Recv(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	s := d.socketOf(fd)
	if s == nil {
		return d.Device.Recv(fd, buf, flags, deadline)
	}
	if s.conn == nil {
		return 0, netdev.ErrNotConnected
	}
	s.conn.SetReadDeadline(deadline)
	n, err := s.conn.Read(buf)
	if d.end != nil {
		err = d.end(err)
	}
	return n, err
}

func (d *tlsDevice) Close(fd int) error {
	d.mu.Lock()
	delete(d.sockets, fd)
	d.mu.Unlock()
	return d.Device.Close(fd)
}

// fdConn is a connected socket as crypto/tls needs it.
type fdConn struct {
	dev *host.Device
	fd  int

	mu          sync.Mutex
	read, write time.Time
}

func (c *fdConn) Read(b []byte) (int, error) {
	c.mu.Lock()
	deadline := c.read
	c.mu.Unlock()
	return c.dev.Recv(c.fd, b, 0, deadline)
}

func (c *fdConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	deadline := c.write
	c.mu.Unlock()
	return c.dev.Send(c.fd, b, 0, deadline)
}

func (c *fdConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = t
	return nil
}

func (c *fdConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.write = t
	return nil
}

func (c *fdConn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *fdConn) Close() error         { return c.dev.Close(c.fd) }
func (c *fdConn) LocalAddr() net.Addr  { return &net.TCPAddr{} }
func (c *fdConn) RemoteAddr() net.Addr { return &net.TCPAddr{} }
