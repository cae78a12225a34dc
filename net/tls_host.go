//go:build !tinygo

package net

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"

	"github.com/netdev-go/netdev"
)

// softTLS is crypto/tls above a TCP socket of the device.
type softTLS struct {
	*tls.Conn
}

func (c softTLS) negotiatedProtocol() string { return c.ConnectionState().NegotiatedProtocol }

func (c softTLS) HandshakeContext(ctx context.Context) error {
	return tlsError(c.Conn.HandshakeContext(ctx))
}

// newTLSClient returns what makes a TCP connection a TLS connection, handshake
// included. It closes the connection when it fails.
func newTLSClient(config *TLSConfig) (func(context.Context, *TCPConn) (tlsTransport, error), error) {
	c, err := cryptoConfig(config)
	if err != nil {
		return nil, err
	}
	if config.RootCAs != nil {
		c.RootCAs = x509.NewCertPool()
		for _, der := range config.RootCAs {
			root, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, err
			}
			c.RootCAs.AddCert(root)
		}
	}
	return func(ctx context.Context, tcp *TCPConn) (tlsTransport, error) {
		t := softTLS{tls.Client(tcp, c)}
		if err := t.HandshakeContext(ctx); err != nil {
			tcp.Close()
			var network *OpError
			if errors.As(err, &network) && network.Net != "" {
				err = network.Err // the dial's error has the addresses
			}
			return nil, err
		}
		return t, nil
	}, nil
}

func newTLSServer(config *TLSConfig) (func(*TCPConn) tlsTransport, error) {
	c, err := cryptoConfig(config)
	if err != nil {
		return nil, err
	}
	return func(tcp *TCPConn) tlsTransport { return softTLS{tls.Server(tcp, c)} }, nil
}

func cryptoConfig(config *TLSConfig) (*tls.Config, error) {
	c := &tls.Config{
		ServerName: config.ServerName,
		NextProtos: config.NextProtos,
		MinVersion: tls.VersionTLS12,
	}
	if len(config.Certificate) == 0 {
		return c, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(config.PrivateKey)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(config.Certificate[0])
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("tls: the private key cannot sign")
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(leaf.PublicKey) {
		return nil, errors.New("tls: the private key is not the certificate's")
	}
	c.Certificates = []tls.Certificate{{Certificate: config.Certificate, PrivateKey: key, Leaf: leaf}}
	return c, nil
}

// A tlsFailure is crypto/tls's error that also is the netdev sentinel which a
// device would have returned.
type tlsFailure struct {
	error
	kind error
}

func (e tlsFailure) Unwrap() error        { return e.error }
func (e tlsFailure) Is(target error) bool { return target == e.kind }

func tlsError(err error) error {
	var certificate *tls.CertificateVerificationError
	var network *OpError
	switch {
	case err == nil:
		return nil
	case err == context.Canceled, err == context.DeadlineExceeded:
		return contextError(err)
	case errors.As(err, &certificate):
		return tlsFailure{err, netdev.ErrTLSCertificate}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &network) && network.Net != "":
		return err
	}
	return tlsFailure{err, netdev.ErrTLSHandshake}
}
