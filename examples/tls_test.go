package examples_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

// An authority signs certificates, and is itself in a file for a client.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{key: newKey(t), file: filepath.Join(t.TempDir(), "ca.pem")}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: name},
		NotAfter:              time.Now().Add(time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign returns a server's certificate that is good until notAfter.
func (a *authority) sign(t *testing.T, ip string, notAfter time.Time) tls.Certificate {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: "a test server"},
		IPAddresses:  []net.IP{net.ParseIP(ip)},
		NotAfter:     notAfter,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// A secret is a TLS server that counts the requests that reached it.
type secret struct {
	addr  string
	asked atomic.Int32
}

func newSecret(t *testing.T, cert tls.Certificate) *secret {
	t.Helper()
	s := new(secret)
	s.addr = accept(t, func(conn net.Conn) {
		conn = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}})
		defer conn.Close()
		if n, _ := conn.Read(make([]byte, 1000)); n > 0 {
			s.asked.Add(1)
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\nthe secret")
		}
	})
	return s
}

func TestTLSClientReadsFromAServerItCanVerify(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		ca := newAuthority(t, "a test authority")
		server := newSecret(t, ca.sign(t, d.loopback(), time.Now().Add(time.Hour)))
		out := succeed(t, d, "tlsclient", "-addr", d.peer(server.addr), "-ca", ca.file)
		contains(t, out, "CN=a test server, says CN=a test authority (TLS_", "200 OK", "the secret")
	})
}

func TestTLSClientRefusesAServerItCannotVerify(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		ca, other := newAuthority(t, "a test authority"), newAuthority(t, "another authority")
		soon := time.Now().Add(time.Hour)
		for _, c := range []struct {
			desc   string
			server *secret
			args   []string
			want   string
		}{
			{"signed by another", newSecret(t, ca.sign(t, d.loopback(), soon)), []string{"-ca", other.file}, "unknown authority"},
			{"unknown to the system", newSecret(t, ca.sign(t, d.loopback(), soon)), nil, "unknown authority"},
			{"for another address", newSecret(t, ca.sign(t, "127.0.0.99", soon)), []string{"-ca", ca.file}, "valid for 127.0.0.99, not " + d.loopback()},
			{"out of date", newSecret(t, ca.sign(t, d.loopback(), time.Now().Add(-time.Hour))), []string{"-ca", ca.file}, "expired"},
		} {
			fail(t, []string{"certificate", c.want}, d, "tlsclient", append(c.args, "-addr", d.peer(c.server.addr))...)
			if n := c.server.asked.Load(); n != 0 {
				t.Errorf("%s: the client sent its request all the same", c.desc)
			}
		}
	})
}

func TestTLSClientNeedsTLS(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		plaintext := d.peer(accept(t, func(conn net.Conn) {
			conn.Read(make([]byte, 1000))
			io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}))
		fail(t, []string{"does not look like a TLS handshake"}, d, "tlsclient", "-addr", plaintext)
	})
}

func TestTLSClientReportsABadCAFile(t *testing.T) {
	onEachDevice(t, func(t *testing.T, d device) {
		fail(t, []string{"no such file"}, d, "tlsclient", "-addr", "127.0.0.1:1", "-ca", filepath.Join(t.TempDir(), "ca.pem"))
		fail(t, []string{"tls_test.go has no PEM certificate in it"}, d, "tlsclient", "-addr", "127.0.0.1:1", "-ca", "tls_test.go")
	})
}
