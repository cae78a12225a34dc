//go:build !tinygo

package tlsdev

import (
	"crypto/tls"
	"errors"
	"io"

	"github.com/netdev-go/netdev"
)

// A failure is crypto/tls's error that also is the sentinel of the contract.
type failure struct {
	error
	kind error
}

func (e failure) Unwrap() []error { return []error{e.kind, e.error} }

// handshakeError is why a handshake failed: what the device said, if it did, or
// else what is wrong with the peer.
func (s *socket) handshakeError(err error) error {
	if s.wireErr != nil && s.wireErr != io.EOF {
		return s.wireErr
	}
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return failure{err, netdev.ErrTLSCertificate}
	}
	return failure{err, netdev.ErrTLSHandshake}
}

// readError is what comes after the last byte received. The end of the TCP
// connection between records counts as the peer's close_notify, which many do
// not send; within a record it is io.ErrUnexpectedEOF.
func (s *socket) readError(err error) error {
	if s.wireErr != nil && s.wireErr != io.EOF {
		return s.wireErr
	}
	var alert tls.AlertError
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		return err
	case errors.As(err, &alert):
		// In TLS 1.3 a client hears only now that it was refused.
		return failure{err, netdev.ErrTLSHandshake}
	}
	return failure{err, netdev.ErrConnAborted}
}
