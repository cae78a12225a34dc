package wifinina

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
)

// connectTLS connects to a host by name, which is what the certificate is checked
// against, and waits for it. The chip resolves the name again by itself. By address
// it would go elsewhere: the firmware turns it round.
func (c *chip) connectTLS(s *sock, to netip.AddrPort, host string) error {
	if _, err := netip.ParseAddr(host); err == nil || host == "" || len(host) > nina.MaxText {
		return netdev.ErrTLSUnavailable
	}
	ok, err := c.startClient(s, host, to, modeTLS)
	switch {
	case ok:
		return nil
	case err != nil:
		return err
	case c.isDown():
		return netdev.ErrNetDown
	case c.legacy:
		return netdev.ErrTLSHandshake
	}
	// The firmware does not say why, but the C library may remember what the
	// connection met.
	switch n, _ := c.errno(); n {
	case errnoRefused, errnoTimedOut, errnoNetUnreach, errnoHostUnreach:
		return c.explain(s, n)
	}
	return netdev.ErrTLSHandshake
}
