package broken

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
)

var errUntrusted = errors.New("certificate is not trusted")

func tlsWith(name, rules string, f flaws) Device {
	return Device{name, breaks(rules), func(tb testing.TB) netdev.Netdever { return newTLSDevice(tb, f) }}
}

// verifying has verify look at the peer's certificate instead of crypto/tls.
func verifying(verify func(leaf *x509.Certificate, name string, roots *x509.CertPool) error) func(*tls.Config, *x509.CertPool) {
	return func(config *tls.Config, roots *x509.CertPool) {
		name := config.ServerName
		config.InsecureSkipVerify = true
		config.VerifyConnection = func(state tls.ConnectionState) error {
			if verify(state.PeerCertificates[0], name, roots) != nil {
				return errUntrusted
			}
			return nil
		}
	}
}

func tlsDevices() []Device {
	return []Device{
		tlsWith("checks no certificate", "SOCK-8", flaws{
			client: verifying(func(*x509.Certificate, string, *x509.CertPool) error { return nil }),
		}),
		tlsWith("trusts only its own roots", "TLS-1 TLS-2 TLS-6 TLS-8 TLS-10", flaws{
			client: func(config *tls.Config, _ *x509.CertPool) { config.RootCAs = x509.NewCertPool() },
		}),
		tlsWith("any name will do", "TLS-2 TLS-3", flaws{
			client: verifying(func(leaf *x509.Certificate, _ string, roots *x509.CertPool) error {
				_, err := leaf.Verify(x509.VerifyOptions{Roots: roots})
				return err
			}),
		}),
		tlsWith("the name is all it checks", "TLS-4 TLS-5", flaws{
			client: verifying(func(leaf *x509.Certificate, name string, _ *x509.CertPool) error {
				return leaf.VerifyHostname(name)
			}),
		}),
		tlsWith("its clock is slow", "TLS-5", flaws{
			client: func(config *tls.Config, _ *x509.CertPool) {
				config.Time = func() time.Time { return time.Now().Add(-90 * time.Minute) }
			},
		}),
		tlsWith("does not ask for a protocol", "TLS-6", flaws{
			client: func(config *tls.Config, _ *x509.CertPool) { config.NextProtos = nil },
		}),
		tlsWith("a failed handshake is a reset", "TLS-7", flaws{handshake: netdev.ErrConnReset}),
		tlsWith("a cut connection is at its end", "TLS-8", flaws{
			end: func(err error) error { return replace(err, io.ErrUnexpectedEOF, io.EOF) },
		}),
		tlsWith("accepts without TLS", "TLS-9", flaws{plain: true}),
		tlsWith("is configured too late", "TLS-10", flaws{late: netdev.ErrInvalid}),
	}
}
