package netdevtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net/netip"
	"time"
)

// An authority vouches for the names of one trial.
type authority struct {
	t    *trial
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *trial) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "netdevtest"},
		NotBefore:             time.Now().Add(-3 * time.Hour),
		NotAfter:              time.Now().Add(time.Hour),
		KeyUsage:              x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	key := t.newKey()
	cert := t.sign(template, template, key, key)
	return &authority{t, cert, key}
}

func (t *trial) newKey() *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (t *trial) sign(template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// roots is the authority in the form of netdev.TLSConfig.
func (a *authority) roots() [][]byte { return [][]byte{a.cert.Raw} }

// pool is the authority in the form of crypto/tls.
func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// issue returns a certificate for name that ends at notAfter.
func (a *authority) issue(name string, notAfter time.Time) tls.Certificate {
	a.t.Helper()
	key := a.t.newKey()
	cert := a.t.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: name},
		DNSNames:     []string{name},
		NotBefore:    time.Now().Add(-2 * time.Hour),
		NotAfter:     notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.cert, key, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

// serveTLS has the peer echo over TLS, as name, and returns where.
func (t *trial) serveTLS(a *authority, name string) netip.AddrPort {
	t.Helper()
	return t.serve(&tls.Config{
		Certificates: []tls.Certificate{a.issue(name, time.Now().Add(time.Hour))},
		NextProtos:   []string{"netdevtest/2", "netdevtest/1"},
	})
}

func (t *trial) serve(config *tls.Config) netip.AddrPort {
	t.Helper()
	ln, addr := t.peerListener(inet)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				c.SetDeadline(time.Now().Add(2 * t.cfg.Timeout))
				s := tls.Server(c, config)
				io.Copy(s, s)
				s.CloseWrite()
			}()
		}
	}()
	return addr
}
