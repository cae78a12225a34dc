//go:build !tinygo

package net_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	stdnet "net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	"golang.org/x/net/nettest"
)

func echoHandler(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }

// post sends a body that does not fit into any buffer, and checks the echo.
func post(t *testing.T, client *http.Client, url string) {
	t.Helper()
	want := bytes.Repeat([]byte("0123456789"), 200_000)
	for range 3 { // the later ones on a connection that is kept alive
		resp, err := client.Post(url, "text/plain", bytes.NewReader(want))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("the echo has %d bytes, %v", len(got), err)
		}
	}
}

func TestHTTPServerOnOurListener(t *testing.T) {
	onEach(t, func(t *testing.T) {
		l := must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
		s := &http.Server{Handler: http.HandlerFunc(echoHandler)}
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		transport := &http.Transport{}
		post(t, &http.Client{Transport: transport}, "http://"+l.Addr().String())
		transport.CloseIdleConnections()
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
	})
}

func TestHTTPClientOnOurDial(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(echoHandler))
	defer s.Close()
	onEach(t, func(t *testing.T) {
		transport := &http.Transport{DialContext: new(net.Dialer).DialContext}
		defer transport.CloseIdleConnections()
		post(t, &http.Client{Transport: transport, Timeout: time.Minute}, s.URL)
	})
}

func TestHTTP2OverTLSOnBothSides(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	id := newIdentity(t, root, tomorrow, "127.0.0.1")
	onEach(t, func(t *testing.T) {
		s := httptest.NewUnstartedServer(http.HandlerFunc(echoHandler))
		s.Listener.Close()
		s.Listener = must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
		s.TLS = &tls.Config{Certificates: []tls.Certificate{id.crypto()}}
		s.EnableHTTP2 = true
		s.StartTLS()
		defer s.Close()
		transport := &http.Transport{
			DialContext:       new(net.Dialer).DialContext,
			TLSClientConfig:   &tls.Config{RootCAs: pool(root)},
			ForceAttemptHTTP2: true,
		}
		defer transport.CloseIdleConnections()
		post(t, &http.Client{Transport: transport}, s.URL)
	})
}

func TestHTTPThroughTLSConn(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	id := newIdentity(t, root, tomorrow, "127.0.0.1")
	onEach(t, func(t *testing.T) {
		l := must[net.Listener](t)(net.ListenTLS("tcp", loopback0, id.config(t, root)))
		s := &http.Server{Handler: http.HandlerFunc(echoHandler)}
		go s.Serve(l)
		defer s.Close()
		config := &net.TLSConfig{RootCAs: [][]byte{root.cert.Raw}}
		transport := &http.Transport{
			DialTLSContext: func(ctx context.Context, network, address string) (stdnet.Conn, error) {
				return new(net.Dialer).DialTLS(ctx, network, address, config)
			},
		}
		defer transport.CloseIdleConnections()
		post(t, &http.Client{Transport: transport}, "https://"+l.Addr().String())
	})
}

func TestCryptoTLSAboveOurConns(t *testing.T) {
	root := newIdentity(t, nil, tomorrow)
	id := newIdentity(t, root, tomorrow, "127.0.0.1")
	onEach(t, func(t *testing.T) {
		c, s := ourNet.pair(t)
		server := tls.Server(s, &tls.Config{Certificates: []tls.Certificate{id.crypto()}})
		go io.Copy(server, server)
		client := tls.Client(c, &tls.Config{RootCAs: pool(root), ServerName: "127.0.0.1"})
		want := bytes.Repeat([]byte("0123456789"), 50_000)
		go client.Write(want)
		got := make([]byte, len(want))
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the echo is not what was sent: %v", err)
		}
	})
}

// shortOfSockets has none for every second Accept.
type shortOfSockets struct {
	netdev.Netdever
	calls, refused atomic.Int32
}

func (d *shortOfSockets) Accept(fd int) (int, netip.AddrPort, error) {
	if d.calls.Add(1)%2 == 1 {
		d.refused.Add(1)
		return -1, netip.AddrPort{}, netdev.ErrNoMoreSockets
	}
	return d.Netdever.Accept(fd)
}

func TestAServerOutlivesADeviceShortOfSockets(t *testing.T) {
	d := &shortOfSockets{Netdever: devices[1].open()}
	use(t, d)
	l := must[stdnet.Listener](t)(net.Listen("tcp", loopback0))
	s := &http.Server{Handler: http.HandlerFunc(echoHandler), ErrorLog: log.New(io.Discard, "", 0)}
	go s.Serve(l)
	defer s.Close()
	for range 3 {
		transport := &http.Transport{DisableKeepAlives: true}
		post(t, &http.Client{Transport: transport}, "http://"+l.Addr().String())
	}
	if d.refused.Load() < 3 {
		t.Error("the device was not short of sockets")
	}
}

func TestOursSpeaksWithGos(t *testing.T) {
	onEach(t, func(t *testing.T) {
		for name, worlds := range map[string][2]world{"ours listens": {ourNet, goNet}, "Go's listens": {goNet, ourNet}} {
			t.Run(name, func(t *testing.T) {
				nettest.TestConn(t, func() (c1, c2 stdnet.Conn, stop func(), err error) {
					l, err := worlds[0].listen("tcp", loopback0)
					if err != nil {
						return nil, nil, nil, err
					}
					defer l.Close()
					if c1, err = worlds[1].dial("tcp", l.Addr().String()); err != nil {
						return nil, nil, nil, err
					}
					if c2, err = l.Accept(); err != nil {
						return nil, nil, nil, err
					}
					return c1, c2, func() { c1.Close(); c2.Close() }, nil
				})
			})
		}
	})
}
