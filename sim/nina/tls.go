package nina

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"strings"
	"time"

	"github.com/netdev-go/netdev"
)

// A tlsClient is a TLS connection, as mbedTLS makes one: up to TLS 1.2, with the
// chain checked against the partition of CA certificates, and with no regard to
// the dates of certificates, for want of a clock.
type tlsClient struct {
	fd        int // -1 is none
	connected bool
	peeked    int
	conn      *tls.Conn
	wire      *wire
	record    []byte // what is left of one that was decrypted
}

// connectTLS blocks until the handshake is over. By address there is no name to be
// checked, and the address is spelled from its end.
func (f *firmware) connectTLS(c *tlsClient, host string, to netip.AddrPort) bool {
	named := host != ""
	if !named {
		a := to.Addr().As4()
		host = netip.AddrFrom4([4]byte{a[3], a[2], a[1], a[0]}).String()
	}
	*c = tlsClient{fd: -1, peeked: c.peeked}
	roots := f.chip.config.Roots
	if roots == nil {
		return false
	}
	addr, ok := f.resolve(host)
	if !ok {
		return false
	}
	c.fd = f.socket(1)
	if c.fd < 0 {
		return false
	}
	to = netip.AddrPortFrom(netip.AddrFrom4(addr), to.Port())
	if f.connect(c.fd, to) < 0 {
		f.stopTLS(c)
		return false
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection does it
		VerifyConnection: func(s tls.ConnectionState) error {
			return verify(s.PeerCertificates, roots, host, named)
		},
	}
	if named {
		config.ServerName = host
	}
	c.wire = &wire{f: f, fd: c.fd}
	c.conn = tls.Client(c.wire, config)
	if c.conn.Handshake() != nil {
		f.stopTLS(c)
		return false
	}
	f.setNonblock(c.fd)
	c.wire.queueing = true
	c.connected = true
	return true
}

// verify checks a chain, at a time when its leaf was valid.
func verify(chain []*x509.Certificate, roots *x509.CertPool, host string, named bool) error {
	if len(chain) == 0 {
		return errNoCertificate
	}
	leaf := *chain[0]
	options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool(), CurrentTime: leaf.NotBefore}
	for _, c := range chain[1:] {
		options.Intermediates.AddCert(c)
	}
	if _, err := leaf.Verify(options); err != nil {
		return err
	}
	_, notName := netip.ParseAddr(host)
	switch {
	case !named:
		return nil
	case notName == nil:
		return errNoName // addresses in certificates are not looked at
	case len(leaf.DNSNames) == 0 && strings.EqualFold(leaf.Subject.CommonName, host):
		return nil
	}
	return leaf.VerifyHostname(host)
}

var (
	errNoCertificate = errors.New("nina: no certificate")
	errNoName        = errors.New("nina: an address is no name")
)

// stopTLS ends the connection without a word of TLS.
func (f *firmware) stopTLS(c *tlsClient) {
	if c.fd >= 0 {
		f.close(c.fd)
	}
	c.conn, c.wire, c.record = nil, nil, nil
	c.connected, c.fd = false, -1
}

// writeTLS returns 0 while records wait for room. The next call is taken for the
// same data once more: as soon as all records are gone, it is done.
func (f *firmware) writeTLS(c *tlsClient, b []byte) int {
	if c.conn == nil {
		return 0
	}
	if len(c.wire.queue) > 0 {
		if !c.wire.flush() {
			return 0
		}
		return len(b)
	}
	n, err := c.conn.Write(b)
	if err != nil || len(c.wire.queue) > 0 {
		return 0
	}
	return n
}

// availableTLS decrypts a record if there is none, and ends a connection that has
// nothing more to say.
func (f *firmware) availableTLS(c *tlsClient) int {
	if len(c.record) > 0 {
		return len(c.record)
	}
	if c.conn == nil {
		f.stopTLS(c)
		return 0
	}
	b := make([]byte, 16<<10)
	n, err := c.conn.Read(b)
	if n == 0 && err != nil && !errors.Is(err, netdev.ErrWouldBlock) {
		f.stopTLS(c)
	}
	c.record = b[:n]
	return n
}

func (f *firmware) readTLS(c *tlsClient, b []byte) int {
	if f.availableTLS(c) == 0 {
		return -1
	}
	n := copy(b, c.record)
	c.record = c.record[n:]
	return n
}

// takeByteTLS keeps a byte that was peeked at from all who read more than one.
func (f *firmware) takeByteTLS(c *tlsClient, keep bool) int {
	if c.peeked == -1 {
		var b [1]byte
		c.peeked = -1
		if f.readTLS(c, b[:]) != -1 {
			c.peeked = int(b[0])
		}
	}
	b := c.peeked
	if !keep {
		c.peeked = -1
	}
	return b
}

func (f *firmware) connectedTLS(c *tlsClient) bool {
	if !c.connected {
		return false
	}
	f.availableTLS(c)
	return true
}

// A wire carries the records of a TLS connection. It blocks during the handshake.
// Later it queues what there is no room for.
type wire struct {
	f        *firmware
	fd       int
	queueing bool
	queue    []byte
}

func (w *wire) Read(b []byte) (int, error) {
	switch n, _ := w.f.recv(w.fd, b, 0); {
	case n > 0:
		return n, nil
	case n == 0:
		return 0, io.EOF
	case w.f.errno == eWOULDBLOCK:
		return 0, netdev.ErrWouldBlock
	}
	return 0, io.ErrUnexpectedEOF
}

func (w *wire) Write(b []byte) (int, error) {
	if !w.queueing {
		if n := w.f.send(w.fd, b, netip.AddrPort{}); n != len(b) {
			return max(n, 0), io.ErrClosedPipe
		}
		return len(b), nil
	}
	w.queue = append(w.queue, b...)
	w.flush()
	return len(b), nil
}

// flush reports whether nothing is left.
func (w *wire) flush() bool {
	for len(w.queue) > 0 {
		n := w.f.send(w.fd, w.queue, netip.AddrPort{})
		if n <= 0 {
			return false
		}
		w.queue = w.queue[n:]
	}
	return true
}

func (w *wire) Close() error                     { return nil }
func (w *wire) LocalAddr() stdnet.Addr           { return nil }
func (w *wire) RemoteAddr() stdnet.Addr          { return nil }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }
