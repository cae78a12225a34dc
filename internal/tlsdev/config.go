//go:build !tinygo

package tlsdev

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"slices"

	"github.com/netdev-go/netdev"
)

// newConfig is what crypto/tls is to do for config, of which it keeps nothing.
func newConfig(config *netdev.TLSConfig) (*tls.Config, error) {
	c := &tls.Config{
		ServerName: config.ServerName,
		NextProtos: slices.Clone(config.NextProtos),
		MinVersion: tls.VersionTLS12,
	}
	if config.RootCAs != nil {
		c.RootCAs = x509.NewCertPool()
		for _, der := range config.RootCAs {
			root, err := x509.ParseCertificate(slices.Clone(der))
			if err != nil {
				return nil, failure{err, netdev.ErrInvalid}
			}
			c.RootCAs.AddCert(root)
		}
	}
	if len(config.Certificate) == 0 {
		return c, nil
	}
	cert, err := certificate(config)
	if err != nil {
		return nil, failure{err, netdev.ErrInvalid}
	}
	c.Certificates = []tls.Certificate{cert}
	return c, nil
}

func certificate(config *netdev.TLSConfig) (tls.Certificate, error) {
	var cert tls.Certificate
	for _, der := range config.Certificate {
		cert.Certificate = append(cert.Certificate, slices.Clone(der))
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return cert, err
	}
	key, err := x509.ParsePKCS8PrivateKey(config.PrivateKey)
	if err != nil {
		return cert, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return cert, netdev.ErrInvalid
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(leaf.PublicKey) {
		return cert, netdev.ErrInvalid
	}
	cert.Leaf, cert.PrivateKey = leaf, key
	return cert, nil
}
