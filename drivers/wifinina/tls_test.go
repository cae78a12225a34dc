//go:build !tinygo

package wifinina_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/wifinina"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/sim/boards"
	"github.com/netdev-go/netdev/sim/nina"
)

// selfSigned returns a certificate for a name, which is its own authority.
func selfSigned(t *testing.T, name string) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	leaf, err := x509.ParseCertificate(der)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, leaf
}

// secure returns a world whose chip trusts roots.
func secure(t *testing.T, firmware string, roots ...*x509.Certificate) *world {
	t.Helper()
	w := switchOn(t, boards.Config{Firmware: firmware}, func(cc *nina.Config, dc *wifinina.Config) {
		cc.Roots = x509.NewCertPool()
		for _, r := range roots {
			cc.Roots.AddCert(r)
		}
		dc.ChipTLS = true
	})
	must(t, w.board.NetConnect(&netlink.ConnectParams{}))
	return w
}

// echoTLS serves an echo with cert.
func (w *world) echoTLS(cert tls.Certificate) netip.AddrPort {
	w.Helper()
	l, addr := w.listen()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
				io.Copy(s, s)
				s.Close()
			}()
		}
	}()
	return addr
}

func (w *world) tlsSocket() int {
	w.Helper()
	fd, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
	must(w.T, err)
	return fd
}

func TestTLSIsRefusedUnlessAskedFor(t *testing.T) {
	t.Parallel()
	w := switchOn(t, boards.Config{}, nil)
	must(t, w.board.NetConnect(&netlink.ConnectParams{}))
	_, err := w.dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
	want(t, "Socket", err, netdev.ErrProtocolNotSupported)
	if _, ok := netdev.As[netdev.TLSConfigurer](w.dev); ok {
		t.Error("the device is a TLSConfigurer, and cannot be what that promises")
	}
}

func TestTLSByTheChipIsByName(t *testing.T) {
	t.Parallel()
	cert, leaf := selfSigned(t, "peer.netdev")
	other, _ := selfSigned(t, "peer.netdev")
	for _, firmware := range []string{"2.0.0", "1.4.8"} {
		t.Run(firmware, func(t *testing.T) {
			w := secure(t, firmware, leaf)
			addr := w.echoTLS(cert)
			byName := netip.AddrPortFrom(netip.Addr{}, addr.Port())

			fd := w.tlsSocket()
			must(t, w.dev.Connect(fd, "peer.netdev", byName))
			data := pattern(100_000)
			go func() {
				if n, err := w.dev.Send(fd, data, 0, soon()); n != len(data) || err != nil {
					t.Errorf("Send: %d, %v", n, err)
				}
			}()
			got := make([]byte, len(data))
			for n := 0; n < len(got); {
				m, err := w.dev.Recv(fd, got[n:], 0, soon())
				if n += m; err != nil {
					t.Fatalf("Recv after %d bytes: %v", n, err)
				}
			}
			if !bytes.Equal(got, data) {
				t.Error("other bytes came back")
			}
			must(t, w.dev.Close(fd))

			want(t, "Connect by address", w.dev.Connect(w.tlsSocket(), "", addr), netdev.ErrTLSUnavailable)
			want(t, "Connect by an address's text", w.dev.Connect(w.tlsSocket(), addr.Addr().String(), addr), netdev.ErrTLSUnavailable)
			want(t, "Connect by a name that the certificate has not", w.dev.Connect(w.tlsSocket(), "peer", byName), netdev.ErrTLSHandshake)
			stranger := w.echoTLS(other)
			want(t, "Connect to a stranger", w.dev.Connect(w.tlsSocket(), "peer.netdev", netip.AddrPortFrom(netip.Addr{}, stranger.Port())), netdev.ErrTLSHandshake)
			if w.dev.Connect(w.tlsSocket(), "peer.netdev", w.peer.Refused()) == nil {
				t.Error("Connect to a port that refuses: nil")
			}
			want(t, "Listen", w.dev.Listen(w.tlsSocket(), 1), netdev.ErrNotSupported)
		})
	}
}
