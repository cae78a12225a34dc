//go:build !tinygo

package net_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	stdnet "net"
	"testing"
	"time"

	"github.com/netdev-go/netdev/net"
)

// An identity is a certificate with its key, of and by whom the test says.
type identity struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newIdentity returns an identity for names, signed by issuer, or by itself if
// that is nil.
func newIdentity(t *testing.T, issuer *identity, notAfter time.Time, names ...string) *identity {
	t.Helper()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: must[*big.Int](t)(rand.Int(rand.Reader, big.NewInt(1<<62))),
		Subject:      pkix.Name{CommonName: "test"},
		NotBefore:    time.Now().Add(-2 * time.Hour),
		NotAfter:     notAfter,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := stdnet.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	parent, signer := template, key
	if issuer != nil {
		parent, signer = issuer.cert, issuer.key
	} else {
		template.IsCA, template.BasicConstraintsValid = true, true
		template.KeyUsage |= x509.KeyUsageCertSign
	}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer))
	return &identity{must[*x509.Certificate](t)(x509.ParseCertificate(der)), key}
}

func (id *identity) crypto() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{id.cert.Raw}, PrivateKey: id.key}
}

// config is the identity in a TLSConfig that trusts root.
func (id *identity) config(t *testing.T, root *identity) *net.TLSConfig {
	t.Helper()
	return &net.TLSConfig{
		RootCAs:     [][]byte{root.cert.Raw},
		Certificate: [][]byte{id.cert.Raw},
		PrivateKey:  must[[]byte](t)(x509.MarshalPKCS8PrivateKey(id.key)),
	}
}

func pool(root *identity) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(root.cert)
	return p
}

var tomorrow = time.Now().Add(24 * time.Hour)
