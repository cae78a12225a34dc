package netdevtest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"time"

	"github.com/netdev-go/netdev"
)

var tlsGroup = Group{
	Name: "TLS", Prefix: "TLS", Capability: "TLSConfigurer", has: has[netdev.TLSConfigurer],
	Rules: []Rule{
		{
			ID: "TLS-1", Name: "trusted server", check: checkTLSTrusted,
			Text: "`Connect` to a server whose certificate `RootCAs` vouch for, and that carries `ServerName`, is nil, and bytes go both ways.",
		},
		{
			ID: "TLS-2", Name: "name from Connect", check: checkTLSHost,
			Text: "Where `ServerName` is empty the certificate must carry the `host` of `Connect`.",
		},
		{
			ID: "TLS-3", Name: "wrong name", check: checkTLSWrongName,
			Text: "A certificate for another name is `ErrTLSCertificate`.",
		},
		{
			ID: "TLS-4", Name: "untrusted", check: checkTLSUntrusted,
			Text: "A certificate that `RootCAs` do not vouch for is `ErrTLSCertificate`.",
		},
		{
			ID: "TLS-5", Name: "expired", check: checkTLSExpired,
			Text: "A certificate that has expired is `ErrTLSCertificate`.",
		},
		{
			ID: "TLS-6", Name: "ALPN", check: checkTLSProtocol, Optional: true,
			Text: "`NegotiatedProtocol` is what `NextProtos` and the peer agreed on, \"\" for nothing. A device without ALPN refuses `NextProtos` with `ErrNotSupported`.",
		},
		{
			ID: "TLS-7", Name: "peer without TLS", check: checkTLSNotTLS,
			Text: "A peer that does not speak TLS is `ErrTLSHandshake`.",
		},
		{
			ID: "TLS-8", Name: "the end of the stream", check: checkTLSEnd,
			Text: "After the peer's close_notify `Recv` is `io.EOF`; a connection that ends within a record is another error.",
		},
		{
			ID: "TLS-9", Name: "server", check: checkTLSServer, Optional: true,
			Text: "With `Certificate` and `PrivateKey` a TLS socket listens, and accepted sockets speak TLS. A device that cannot is `ErrNotSupported`.",
		},
		{
			ID: "TLS-10", Name: "configured too late", check: checkTLSLate,
			Text: "`ConfigureTLS` of a socket that is connected is `ErrInvalid`, and of one that is not a TLS socket too.",
		},
	},
}

const tlsName = "device.netdevtest.example"

// secure returns a TLS socket that trusts a and expects name.
func (t *trial) secure(config *netdev.TLSConfig) int {
	t.Helper()
	fd := t.tlsSocket()
	t.must("ConfigureTLS", t.dev.ConfigureTLS(fd, config))
	return fd
}

// echoed sends data and receives it back.
func (t *trial) echoed(fd int) {
	t.Helper()
	data := pattern(20000, 1)
	p := t.start("Send", func() (int, error) { return t.dev.Send(fd, data, 0, t.soonest()) })
	t.same("an echo over TLS", t.recvN(fd, len(data)), data)
	if res := p.wait(); res.n != len(data) || res.err != nil {
		t.Fatalf("Send of %d bytes over TLS: %v", len(data), res)
	}
}

func checkTLSTrusted(t *trial) {
	a := newAuthority(t)
	addr := t.serveTLS(a, tlsName)
	fd := t.secure(&netdev.TLSConfig{ServerName: tlsName, RootCAs: a.roots()})
	t.must("Connect over TLS", t.dev.Connect(fd, "", addr))
	t.echoed(fd)
}

func checkTLSHost(t *trial) {
	a := newAuthority(t)
	addr := t.serveTLS(a, tlsName)
	fd := t.secure(&netdev.TLSConfig{RootCAs: a.roots()})
	t.must("Connect over TLS", t.dev.Connect(fd, tlsName, addr))
	t.echoed(fd)
	fd = t.secure(&netdev.TLSConfig{RootCAs: a.roots()})
	t.want("Connect to another name", t.dev.Connect(fd, "other.example", addr), netdev.ErrTLSCertificate)
}

func checkTLSWrongName(t *trial) {
	a := newAuthority(t)
	addr := t.serveTLS(a, "other.example")
	fd := t.secure(&netdev.TLSConfig{ServerName: tlsName, RootCAs: a.roots()})
	t.want("Connect to a server with another's certificate", t.dev.Connect(fd, tlsName, addr), netdev.ErrTLSCertificate)
}

func checkTLSUntrusted(t *trial) {
	addr := t.serveTLS(newAuthority(t), tlsName)
	fd := t.secure(&netdev.TLSConfig{ServerName: tlsName, RootCAs: newAuthority(t).roots()})
	t.want("Connect to a server that nobody vouches for", t.dev.Connect(fd, tlsName, addr), netdev.ErrTLSCertificate)
}

func checkTLSExpired(t *trial) {
	a := newAuthority(t)
	addr := t.serve(&tls.Config{Certificates: []tls.Certificate{a.issue(tlsName, time.Now().Add(-time.Hour))}})
	fd := t.secure(&netdev.TLSConfig{ServerName: tlsName, RootCAs: a.roots()})
	t.want("Connect to a server with an expired certificate", t.dev.Connect(fd, tlsName, addr), netdev.ErrTLSCertificate)
}

func checkTLSProtocol(t *trial) {
	a := newAuthority(t)
	addr := t.serveTLS(a, tlsName)
	for _, protos := range [][]string{{"netdevtest/1"}, {"unknown", "netdevtest/2"}, nil} {
		fd := t.tlsSocket()
		err := t.dev.ConfigureTLS(fd, &netdev.TLSConfig{ServerName: tlsName, RootCAs: a.roots(), NextProtos: protos})
		if errors.Is(err, netdev.ErrNotSupported) {
			t.absent("ConfigureTLS with NextProtos: %v", err)
		}
		t.must("ConfigureTLS", err)
		t.must("Connect over TLS", t.dev.Connect(fd, "", addr))
		want := ""
		if len(protos) > 0 {
			want = protos[len(protos)-1]
		}
		got, err := t.dev.NegotiatedProtocol(fd)
		if err != nil || got != want {
			t.Fatalf("NegotiatedProtocol of %q: %q, %s, want %q", protos, got, describe(err), want)
		}
	}
}

func checkTLSNotTLS(t *trial) {
	ln, addr := t.peerListener(inet)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(t.cfg.Timeout))
		c.Read(make([]byte, 1))
		io.WriteString(c, "HTTP/1.0 400 Bad Request\r\n\r\n")
		io.Copy(io.Discard, c)
	}()
	fd := t.secure(&netdev.TLSConfig{ServerName: tlsName, RootCAs: newAuthority(t).roots()})
	t.want("Connect to a server that does not speak TLS", t.dev.Connect(fd, tlsName, addr), netdev.ErrTLSHandshake)
}

func checkTLSEnd(t *trial) {
	a := newAuthority(t)
	for _, whole := range []bool{true, false} {
		ln, addr := t.peerListener(inet)
		cert := a.issue(tlsName, time.Now().Add(time.Hour))
		go func() {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(t.cfg.Timeout))
			cut := &cutConn{Conn: c}
			s := tls.Server(cut, &tls.Config{Certificates: []tls.Certificate{cert}})
			s.Write([]byte("the end"))
			cut.halve = !whole
			s.CloseWrite()
			c.(interface{ CloseWrite() error }).CloseWrite()
			io.Copy(io.Discard, c)
		}()
		fd := t.secure(&netdev.TLSConfig{ServerName: tlsName, RootCAs: a.roots()})
		t.must("Connect over TLS", t.dev.Connect(fd, "", addr))
		t.same("the last words", t.recvN(fd, 7), []byte("the end"))
		n, err := t.dev.Recv(fd, make([]byte, 1), 0, t.soonest())
		if n != 0 || err == nil || whole != (err == io.EOF) {
			t.Fatalf("Recv at the end of the connection, with a whole close_notify %v: %v", whole, result{n, err})
		}
		t.close(fd)
	}
}

// A cutConn sends only half of what it is given when it is told to.
type cutConn struct {
	net.Conn
	halve bool
}

func (c *cutConn) Write(b []byte) (int, error) {
	if !c.halve {
		return c.Conn.Write(b)
	}
	_, err := c.Conn.Write(b[:len(b)/2])
	return len(b), err
}

func checkTLSServer(t *trial) {
	a := newAuthority(t)
	cert := a.issue(tlsName, time.Now().Add(time.Hour))
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	lfd := t.tlsSocket()
	err = t.dev.ConfigureTLS(lfd, &netdev.TLSConfig{Certificate: cert.Certificate, PrivateKey: key})
	if errors.Is(err, netdev.ErrNotSupported) {
		t.absent("ConfigureTLS of a server: %v", err)
	}
	t.must("ConfigureTLS", err)
	addr := t.bind(lfd)
	t.must("Listen", t.dev.Listen(lfd, 1))
	c := tls.Client(t.dial(addr), &tls.Config{ServerName: tlsName, RootCAs: a.pool()})
	handshake := make(chan error, 1)
	go func() { handshake <- c.Handshake() }()
	fd, from := t.accept(lfd)
	if want := peerAddr(c.LocalAddr()); from != want {
		t.Fatalf("Accept of a TLS connection returned %v, want %v", from, want)
	}
	if err := <-handshake; err != nil {
		t.Fatalf("the peer's handshake: %v", err)
	}
	t.echo(fd, c, 1)
}

func checkTLSLate(t *trial) {
	a := newAuthority(t)
	addr := t.serveTLS(a, tlsName)
	config := &netdev.TLSConfig{ServerName: tlsName, RootCAs: a.roots()}
	fd := t.secure(config)
	t.must("Connect over TLS", t.dev.Connect(fd, "", addr))
	t.want("ConfigureTLS of a connected socket", t.dev.ConfigureTLS(fd, config), netdev.ErrInvalid)
	t.want("ConfigureTLS of a plain stream", t.dev.ConfigureTLS(t.stream(), config), netdev.ErrInvalid)
}
