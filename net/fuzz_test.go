//go:build !tinygo

package net_test

import (
	stdnet "net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev/net"
)

// FuzzResolveTCPAddr holds the reading of addresses to Go's. Names are left
// out: Go would ask a real server for them.
func FuzzResolveTCPAddr(f *testing.F) {
	for _, network := range []string{"", "tcp", "tcp4", "tcp6", "udp", "x"} {
		for _, address := range []string{
			"", ":", ":80", "127.0.0.1:80", "127.0.0.1", "[::1]:80", "[::1%lo]:http", "::1:80", "[::ffff:1.2.3.4]:1",
			"0.0.0.0:0", "[::]:0", "1.2.3.4:-1", "1.2.3.4:65536", "1.2.3.4:+7", "1.2.3.4:0x10", "1.2.3.4:99999999999999999999",
			"[1.2.3.4]:80", "[]:80", "[::1]", "[::1]80", "1.2.3.4:80:80", "1.2.3.4: 80", "1.2.3.4:no-such-service",
		} {
			f.Add(network, address)
		}
	}
	use(f, &fake{})
	f.Fuzz(func(t *testing.T, network, address string) {
		if host, _, err := stdnet.SplitHostPort(address); err == nil && host != "" {
			if _, err := netip.ParseAddr(host); err != nil {
				t.Skip("a name")
			}
		}
		got, err := net.ResolveTCPAddr(network, address)
		want, wantErr := stdnet.ResolveTCPAddr(network, address)
		switch {
		case (err == nil) != (wantErr == nil):
			t.Fatalf("%q, %q: %v, %v, want %v, %v", network, address, got, err, want, wantErr)
		case err != nil:
			if err.Error() != wantErr.Error() {
				t.Errorf("%q, %q: %v, want %v", network, address, err, wantErr)
			}
		case !got.IP.Equal(want.IP) || got.Port != want.Port || got.Zone != want.Zone || got.String() != want.String():
			t.Errorf("%q, %q: %v, want %v", network, address, got, want)
		}
	})
}
