//go:build !tinygo

package net_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	stdnet "net"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
)

// tlsServer is crypto/tls on the host's own network; it echoes.
func tlsServer(t *testing.T, config *tls.Config) (address string) {
	t.Helper()
	l := must[stdnet.Listener](t)(tls.Listen("tcp", loopback0, config))
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

// wiretap records what is sent through a device.
type wiretap struct {
	netdev.Netdever
	mu   sync.Mutex
	sent []byte
}

func (w *wiretap) Unwrap() netdev.Netdever { return w.Netdever }

func (w *wiretap) Send(fd int, b []byte, flags int, deadline time.Time) (int, error) {
	n, err := w.Netdever.Send(fd, b, flags, deadline)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, b[:max(n, 0)]...)
	return n, err
}

func (w *wiretap) contains(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Contains(w.sent, []byte(text))
}

// checkRecords reports what was sent that is no TLS record.
func (w *wiretap) checkRecords(t *testing.T) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.sent) == 0 {
		t.Error("nothing was sent")
	}
	for b := w.sent; len(b) > 0; {
		if len(b) < 5 || b[0] < 20 || b[0] > 23 || b[1] != 3 {
			t.Fatalf("not a TLS record: % x", b[:min(len(b), 16)])
		}
		size := 5 + int(b[3])<<8 + int(b[4])
		if size > len(b) {
			t.Fatalf("a record of %d bytes, of which %d were sent", size, len(b))
		}
		b = b[size:]
	}
}

func TestDialTLSVerifiesThePeer(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	good := newIdentity(t, root, tomorrow, "localhost", "127.0.0.1")
	other := newIdentity(t, root, tomorrow, "other.test")
	expired := newIdentity(t, root, time.Now().Add(-time.Hour), "127.0.0.1")
	alone := newIdentity(t, nil, tomorrow, "127.0.0.1")
	roots := [][]byte{root.cert.Raw}
	for _, test := range []struct {
		name   string
		server *identity
		max    uint16
		config *net.TLSConfig
		want   error
	}{
		{"good", good, 0, &net.TLSConfig{RootCAs: roots}, nil},
		{"good, TLS 1.2", good, tls.VersionTLS12, &net.TLSConfig{RootCAs: roots}, nil},
		{"another name that is asked for", other, 0, &net.TLSConfig{RootCAs: roots, ServerName: "other.test"}, nil},
		{"wrong name", other, 0, &net.TLSConfig{RootCAs: roots}, netdev.ErrTLSCertificate},
		{"wrong name that is asked for", good, 0, &net.TLSConfig{RootCAs: roots, ServerName: "other.test"}, netdev.ErrTLSCertificate},
		{"expired", expired, 0, &net.TLSConfig{RootCAs: roots}, netdev.ErrTLSCertificate},
		{"self-signed", alone, 0, &net.TLSConfig{RootCAs: roots}, netdev.ErrTLSCertificate},
		{"the host's roots", good, 0, nil, netdev.ErrTLSCertificate},
		{"no roots at all", good, 0, &net.TLSConfig{RootCAs: [][]byte{}}, netdev.ErrTLSCertificate},
		{"TLS 1.1", good, tls.VersionTLS11, &net.TLSConfig{RootCAs: roots}, netdev.ErrTLSHandshake},
	} {
		t.Run(test.name, func(t *testing.T) {
			address := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{test.server.crypto()}, MaxVersion: test.max, MinVersion: tls.VersionTLS10})
			for _, d := range devices {
				tap := &wiretap{Netdever: d.open()}
				use(t, tap)
				c, err := net.DialTLS("tcp", address, test.config)
				if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
					t.Fatalf("%s: DialTLS: %v, want %v", d.name, err, test.want)
				}
				if err == nil {
					secret := bytes.Repeat([]byte("secret"), 10_000)
					go c.Write(secret)
					got := make([]byte, len(secret))
					if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, secret) {
						t.Errorf("%s: the echo is not what was sent: %v", d.name, err)
					}
					if tap.contains("secret") {
						t.Errorf("%s: plaintext was sent", d.name)
					}
					c.Close()
				} else if op, ok := err.(*net.OpError); !ok || op.Op != "dial" || op.Addr.String() != address {
					t.Errorf("%s: %#v, want an OpError of dial", d.name, err)
				}
				tap.checkRecords(t)
			}
		})
	}
}

func TestDialTLSKeepsCryptosErrors(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	address := tlsServer(t, &tls.Config{Certificates: []tls.Certificate{newIdentity(t, root, tomorrow, "other.test").crypto()}})
	use(t, devices[0].open())
	_, err := net.DialTLS("tcp", address, &net.TLSConfig{RootCAs: [][]byte{root.cert.Raw}})
	var hostname x509.HostnameError
	if !errors.As(err, &hostname) {
		t.Errorf("DialTLS: %v, want an x509.HostnameError", err)
	}
}

func TestDialTLSRefusesWhatItCannotUse(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	id, another := newIdentity(t, root, tomorrow, "x"), newIdentity(t, root, tomorrow, "x")
	mixed := id.config(t, root)
	mixed.PrivateKey = another.config(t, root).PrivateKey
	f := &fake{}
	use(t, f)
	for name, config := range map[string]*net.TLSConfig{
		"a root that is none":     {RootCAs: [][]byte{[]byte("x")}},
		"a certificate, no key":   {Certificate: [][]byte{id.cert.Raw}},
		"another's key":           mixed,
		"a certificate, not DER":  {Certificate: [][]byte{[]byte("x")}, PrivateKey: mixed.PrivateKey},
		"a key that is not PKCS8": {Certificate: [][]byte{id.cert.Raw}, PrivateKey: []byte("x")},
	} {
		if _, err := net.DialTLS("tcp", "10.0.0.1:443", config); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if f.opened != 0 {
		t.Error("a socket was opened all the same")
	}
	if _, err := net.DialTLS("udp", "10.0.0.1:443", nil); err == nil {
		t.Error("TLS over UDP: no error")
	}
}

func TestTLSAgreesOnAProtocol(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	id := newIdentity(t, root, tomorrow, "127.0.0.1")
	onEach(t, func(t *testing.T) {
		config := id.config(t, root)
		config.NextProtos = []string{"one", "two"}
		l := must[net.Listener](t)(net.ListenTLS("tcp", loopback0, config))
		defer l.Close()
		served := make(chan *net.TLSConn, 1)
		go func() {
			c, err := l.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			s := c.(*net.TLSConn)
			if err := s.Handshake(); err != nil {
				t.Error(err)
			}
			served <- s
		}()
		c, err := net.DialTLS("tcp", l.Addr().String(), &net.TLSConfig{RootCAs: [][]byte{root.cert.Raw}, NextProtos: []string{"two"}})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		s := <-served
		defer s.Close()
		if c.NegotiatedProtocol() != "two" || s.NegotiatedProtocol() != "two" {
			t.Errorf("agreed on %q and %q, want two", c.NegotiatedProtocol(), s.NegotiatedProtocol())
		}
		if c.LocalAddr().String() != s.RemoteAddr().String() || c.RemoteAddr().String() != s.LocalAddr().String() {
			t.Error("the two ends do not agree on their addresses")
		}
		c.Write([]byte("question"))
		if err := c.CloseWrite(); err != nil {
			t.Error(err)
		}
		if got, err := io.ReadAll(s); string(got) != "question" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("Read: %v, want a timeout", err)
		}
	})
}

func isTimeout(err error) bool {
	e, ok := err.(stdnet.Error)
	return ok && e.Timeout()
}

func TestListenTLSServesCryptoTLS(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	id := newIdentity(t, root, tomorrow, "localhost")
	onEach(t, func(t *testing.T) {
		l := must[net.Listener](t)(net.ListenTLS("tcp", loopback0, id.config(t, root)))
		defer l.Close()
		go func() {
			c, err := l.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			io.Copy(c, c)
		}()
		c, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: pool(root), ServerName: "localhost"})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.Write([]byte("hello"))
		b := make([]byte, 5)
		if _, err := io.ReadFull(c, b); string(b) != "hello" || err != nil {
			t.Errorf("read %q, %v", b, err)
		}
	})
}

func TestListenTLSNeedsACertificate(t *testing.T) {
	use(t, devices[0].open())
	root := newIdentity(t, nil, tomorrow)
	noKey := root.config(t, root)
	noKey.PrivateKey = nil
	for _, config := range []*net.TLSConfig{nil, {}, noKey} {
		if l, err := net.ListenTLS("tcp", loopback0, config); err == nil {
			l.Close()
			t.Errorf("ListenTLS with %v: no error", config)
		}
	}
}

func TestAHandshakeEndsWithItsContext(t *testing.T) {
	silent := must[stdnet.Listener](t)(stdnet.Listen("tcp", loopback0))
	defer silent.Close()
	onEach(t, func(t *testing.T) {
		d := net.Dialer{Timeout: 50 * time.Millisecond}
		_, err := d.DialTLS(context.Background(), "tcp", silent.Addr().String(), nil)
		if !isTimeout(err) {
			t.Errorf("DialTLS: %v, want a timeout", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err = new(net.Dialer).DialTLS(ctx, "tcp", silent.Addr().String(), nil)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("DialTLS: %v, want context.Canceled", err)
		}
	})
}
