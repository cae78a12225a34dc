//go:build !tinygo

package net_test

import (
	"crypto/tls"
	"errors"
	stdnet "net"
	"net/netip"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"golang.org/x/net/nettest"
)

// tlsChip says that it does TLS, and records what it is told. It does none: its
// bytes go out as they come, on loopback.
type tlsChip struct {
	wiretap
	refuse     error // of ConfigureTLS
	untrusted  bool  // Connect finds the certificate bad
	protocols  []int
	configured []net.TLSConfig
	hosts      []string
}

func (c *tlsChip) Socket(domain, stype, protocol int) (int, error) {
	c.protocols = append(c.protocols, protocol)
	if protocol == netdev.IPPROTO_TLS {
		protocol = netdev.IPPROTO_TCP
	}
	return c.Netdever.Socket(domain, stype, protocol)
}

func (c *tlsChip) Connect(fd int, host string, addr netip.AddrPort) error {
	c.hosts = append(c.hosts, host)
	if c.untrusted {
		return netdev.ErrTLSCertificate
	}
	return c.Netdever.Connect(fd, host, addr)
}

// configurer is a tlsChip whose TLS can be trusted.
type configurer struct{ *tlsChip }

func (c configurer) ConfigureTLS(_ int, config *net.TLSConfig) error {
	c.configured = append(c.configured, *config)
	return c.refuse
}

func (c configurer) NegotiatedProtocol(int) (string, error) { return "chosen", nil }

func newChip() *tlsChip { return &tlsChip{wiretap: wiretap{Netdever: devices[1].open()}} }

func (c *tlsChip) usedTLS() bool {
	for _, p := range c.protocols {
		if p == netdev.IPPROTO_TLS {
			return true
		}
	}
	return false
}

func TestTheDevicesTLSIsToldWhatToCheck(t *testing.T) {
	l := must[stdnet.Listener](t)(stdnet.Listen("tcp", loopback0))
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, test := range []struct{ host, serverName, want string }{
		{"127.0.0.1", "", "127.0.0.1"},
		{"localhost", "", "localhost"},
		{"127.0.0.1", "other.test", "other.test"},
	} {
		chip := newChip()
		use(t, configurer{chip})
		config := &net.TLSConfig{ServerName: test.serverName, RootCAs: [][]byte{{1}}, NextProtos: []string{"p"}}
		c, err := net.DialTLS("tcp4", net.JoinHostPort(test.host, port), config)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Handshake(); err != nil {
			t.Errorf("Handshake: %v", err)
		}
		if c.NegotiatedProtocol() != "chosen" {
			t.Errorf("NegotiatedProtocol = %q", c.NegotiatedProtocol())
		}
		c.Close()
		if err := c.Handshake(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Handshake after Close: %v, want ErrClosed", err)
		}
		// A port in use costs another socket, but no other connection.
		if len(chip.configured) == 0 || len(chip.hosts) != 1 {
			t.Fatalf("told %d times, connected to %q", len(chip.configured), chip.hosts)
		}
		told := chip.configured[len(chip.configured)-1]
		if told.ServerName != test.want || chip.hosts[0] != test.want {
			t.Errorf("%v: told the name %q and the host %q, want %q", test, told.ServerName, chip.hosts[0], test.want)
		}
		if len(told.RootCAs) != 1 || len(told.NextProtos) != 1 {
			t.Errorf("told %+v", told)
		}
		if config.ServerName != test.serverName {
			t.Error("the caller's configuration was changed")
		}
	}
}

func TestADeviceThatFindsTheCertificateBadIsBelieved(t *testing.T) {
	chip := newChip()
	chip.untrusted = true
	use(t, configurer{chip})
	_, err := net.DialTLS("tcp", "127.0.0.1:1", nil)
	if want := "dial tcp 127.0.0.1:1: tls: certificate is not trusted"; err == nil || err.Error() != want {
		t.Errorf("DialTLS: %v, want %s", err, want)
	}
	if len(chip.hosts) != 1 {
		t.Errorf("connected %d times, want once", len(chip.hosts))
	}
}

func TestADevicesTLSThatIsNotToBeTrustedIsNotUsed(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	id := newIdentity(t, root, tomorrow, "127.0.0.1")
	address := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{id.crypto()}})
	config := &net.TLSConfig{RootCAs: [][]byte{root.cert.Raw}}
	for _, test := range []struct {
		name   string
		device func(*tlsChip) netdev.Netdever
		asked  bool
	}{
		{"that cannot be configured", func(c *tlsChip) netdev.Netdever { return c }, false},
		{"that refuses the configuration", func(c *tlsChip) netdev.Netdever {
			c.refuse = netdev.ErrNotSupported
			return configurer{c}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			chip := newChip()
			use(t, test.device(chip))
			c, err := net.DialTLS("tcp", address, config)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.Write([]byte("secret"))
			if chip.usedTLS() != test.asked {
				t.Errorf("a TLS socket was asked for: %v, want %v", chip.usedTLS(), test.asked)
			}
			chip.checkRecords(t)
			if chip.contains("secret") {
				t.Error("plaintext was sent")
			}

			l := must[net.Listener](t)(net.ListenTLS("tcp", loopback0, id.config(t, root)))
			defer l.Close()
			go func() {
				c, err := l.Accept()
				if err == nil {
					c.(*net.TLSConn).Handshake()
					c.Close()
				}
			}()
			std, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: pool(root)})
			if err != nil {
				t.Fatal(err)
			}
			std.Close()
		})
	}
}

func TestADeviceWithABadConfigurationIsAnError(t *testing.T) {
	chip := newChip()
	chip.refuse = netdev.ErrInvalid
	use(t, configurer{chip})
	if _, err := net.DialTLS("tcp", "127.0.0.1:1", nil); !errors.Is(err, netdev.ErrInvalid) {
		t.Errorf("DialTLS: %v, want ErrInvalid", err)
	}
	if len(chip.hosts) != 0 {
		t.Error("it was connected all the same")
	}
}

func TestTheDevicesTLSIsAConn(t *testing.T) {
	id := newIdentity(t, nil, tomorrow, "127.0.0.1")
	use(t, configurer{newChip()})
	nettest.TestConn(t, func() (c1, c2 stdnet.Conn, stop func(), err error) {
		l, err := net.ListenTLS("tcp", loopback0, id.config(t, id))
		if err != nil {
			return nil, nil, nil, err
		}
		defer l.Close()
		c1, err = net.DialTLS("tcp", l.Addr().String(), nil)
		if err != nil {
			return nil, nil, nil, err
		}
		c2, err = l.Accept()
		if err != nil {
			return nil, nil, nil, err
		}
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	})
}
