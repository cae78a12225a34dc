//go:build !tinygo

package tlsdev_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	stdnet "net"
	"net/netip"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	"github.com/netdev-go/netdev/internal/bare"
	"github.com/netdev-go/netdev/internal/tlsdev"
	"github.com/netdev-go/netdev/net"
)

var (
	never    time.Time
	anyPort  = netip.MustParseAddrPort("127.0.0.1:0")
	patience = 30 * time.Second // machines are busy at times
)

func soon() time.Time { return time.Now().Add(patience) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func secure(t *testing.T, d everything) int {
	t.Helper()
	fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS)
	must(t, err)
	t.Cleanup(func() { d.Close(fd) })
	must(t, d.ConfigureTLS(fd, both()))
	return fd
}

func listen(t *testing.T, d everything, backlog int) (int, netip.AddrPort) {
	t.Helper()
	fd := secure(t, d)
	must(t, d.Bind(fd, anyPort))
	must(t, d.Listen(fd, backlog))
	addr, err := d.GetSockName(fd)
	must(t, err)
	return fd, addr
}

// pair connects a TLS socket of the device to crypto/tls over the host's TCP.
func pair(t *testing.T, d everything) (int, *tls.Conn) {
	t.Helper()
	ln, err := stdnet.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer ln.Close()
	accepted := make(chan *tls.Conn, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			close(accepted)
			return
		}
		s := tls.Server(c, peerConfig())
		s.SetDeadline(soon())
		s.Handshake()
		accepted <- s
	}()
	fd := secure(t, d)
	must(t, d.Connect(fd, "", ln.Addr().(*stdnet.TCPAddr).AddrPort()))
	c := <-accepted
	t.Cleanup(func() { c.NetConn().Close() })
	return fd, c
}

func TestADeviceThatCannotCarryTLSIsNotWrapped(t *testing.T) {
	h := host.New()
	for name, dev := range map[string]netdev.Netdever{
		"some capabilities": struct {
			netdev.Netdever
			netdev.Shutdowner
		}{bare.Device(h), h},
		"TLS already": wrapped(),
	} {
		if got := tlsdev.Wrap(dev); got != dev {
			t.Errorf("a device with %s became a %T", name, got)
		}
	}
	if got, ok := netdev.As[*host.Device](tlsdev.Wrap(h)); !ok || got != h {
		t.Error("the device is not found behind its wrapper")
	}
	if _, ok := netdev.As[netdev.Poller](tlsdev.Wrap(bare.Device(h))); ok {
		t.Error("the wrapper of the eleven methods has capabilities that these have not")
	}
}

func TestWhatCloseLeavesStillArrives(t *testing.T) {
	d := wrapped()
	fd, peer := pair(t, d)
	data := make([]byte, 64<<20)
	rand.Read(data)
	n, err := d.Send(fd, data, netdev.MSG_DONTWAIT, never)
	wantErr(t, "Send of more than fits", err, netdev.ErrWouldBlock)
	start := time.Now()
	must(t, d.Close(fd))
	if took := time.Since(start); took > patience/2 {
		t.Errorf("Close took %v", took)
	}
	for what, err := range closedCalls(d, fd) {
		wantErr(t, what+" of a socket that still sends", err, netdev.ErrInvalidSocketFd)
	}
	list, err := d.Sockets()
	must(t, err)
	if len(list) > 0 {
		t.Errorf("listed: %v", list)
	}
	sum := sha256.New()
	got, err := io.Copy(sum, peer)
	if err != nil || got != int64(n) || [32]byte(sum.Sum(nil)) != sha256.Sum256(data[:n]) {
		t.Errorf("the peer received %d bytes, %v, want the %d that Send took", got, err, n)
	}
	inner, _ := netdev.As[*host.Device](d)
	for end := soon(); ; {
		list, err := inner.Sockets()
		must(t, err)
		if len(list) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the device still has %v", list)
		}
	}
}

func closedCalls(d everything, fd int) map[string]error {
	errs := make(map[string]error)
	_, errs["Send"] = d.Send(fd, []byte{1}, 0, never)
	_, errs["Recv"] = d.Recv(fd, make([]byte, 1), 0, never)
	_, errs["SendTo"] = d.SendTo(fd, []byte{1}, 0, netip.AddrPort{}, never)
	_, _, errs["RecvFrom"] = d.RecvFrom(fd, make([]byte, 1), 0, never)
	_, _, errs["Accept"] = d.Accept(fd)
	_, errs["GetSockName"] = d.GetSockName(fd)
	_, errs["GetPeerName"] = d.GetPeerName(fd)
	_, errs["GetSockOpt"] = d.GetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_TYPE)
	_, errs["Poll"] = d.Poll(fd)
	_, errs["NegotiatedProtocol"] = d.NegotiatedProtocol(fd)
	errs["PollNotify"] = d.PollNotify(fd, func() {})
	errs["SetNonblock"] = d.SetNonblock(fd, true)
	errs["Bind"] = d.Bind(fd, anyPort)
	errs["Connect"] = d.Connect(fd, "", anyPort)
	errs["Listen"] = d.Listen(fd, 1)
	errs["SetSockOpt"] = d.SetSockOpt(fd, netdev.SOL_TCP, netdev.TCP_NODELAY, true)
	errs["Shutdown"] = d.Shutdown(fd, netdev.SHUT_WR)
	errs["ConfigureTLS"] = d.ConfigureTLS(fd, both())
	errs["Close"] = d.Close(fd)
	return errs
}

func TestBothDirectionsAtOnceWithSmallBuffers(t *testing.T) {
	d := wrapped()
	fd, peer := pair(t, d)
	data := make([]byte, 8<<20)
	rand.Read(data)
	errs := make(chan error, 3)
	go func() {
		_, err := io.CopyBuffer(struct{ io.Writer }{peer}, struct{ io.Reader }{peer}, make([]byte, 1000))
		errs <- err
	}()
	go func() {
		_, err := d.Send(fd, data, 0, time.Now().Add(6*patience))
		if err == nil {
			err = d.Shutdown(fd, netdev.SHUT_WR)
		}
		errs <- err
	}()
	peer.SetDeadline(time.Now().Add(6 * patience))
	got := make([]byte, 0, len(data))
	for buf := make([]byte, 777); len(got) < len(data); {
		n, err := d.Recv(fd, buf, 0, soon())
		must(t, err)
		got = append(got, buf[:n]...)
	}
	if !bytes.Equal(got, data) {
		t.Error("the echo is another")
	}
	must(t, <-errs)
	must(t, <-errs)
}

func TestSilentPeersKeepNobodyWaiting(t *testing.T) {
	d := wrapped()
	lfd, addr := listen(t, d, 16)
	for _, talk := range []string{"", "\x16\x03", "GET / HTTP/1.0\r\n\r\n"} {
		c, err := stdnet.Dial("tcp4", addr.String())
		must(t, err)
		defer c.Close()
		io.WriteString(c, talk)
	}
	good, err := stdnet.Dial("tcp4", addr.String())
	must(t, err)
	defer good.Close()
	go tls.Client(good, peerConfig()).Handshake()
	fd, from, err := d.Accept(lfd)
	must(t, err)
	defer d.Close(fd)
	if want := good.LocalAddr().(*stdnet.TCPAddr).AddrPort(); from != want {
		t.Errorf("Accept returned %v, want %v", from, want)
	}
}

func TestCloseOfAListenerEndsWhatItHas(t *testing.T) {
	d := wrapped()
	lfd, addr := listen(t, d, 16)
	silent, err := stdnet.Dial("tcp4", addr.String())
	must(t, err)
	defer silent.Close()
	c, err := tls.Dial("tcp4", addr.String(), peerConfig())
	must(t, err)
	defer c.Close()
	must(t, d.Close(lfd))
	silent.SetReadDeadline(soon())
	if n, err := silent.Read(make([]byte, 1)); err == nil || errors.Is(err, stdnet.ErrClosed) || isTimeout(err) {
		t.Errorf("a peer in its handshake: %d, %v", n, err)
	}
	c.SetReadDeadline(soon())
	if n, err := c.Read(make([]byte, 1)); err == nil || isTimeout(err) {
		t.Errorf("a peer that was not accepted: %d, %v", n, err)
	}
}

func isTimeout(err error) bool {
	var e stdnet.Error
	return errors.As(err, &e) && e.Timeout()
}

func TestConfigurationsThatMakeNoSenseAreRefused(t *testing.T) {
	d := wrapped()
	fd := secure(t, d)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	other, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	for name, change := range map[string]func(c *netdev.TLSConfig){
		"root":        func(c *netdev.TLSConfig) { c.RootCAs = [][]byte{{1, 2, 3}} },
		"certificate": func(c *netdev.TLSConfig) { c.Certificate = [][]byte{{1, 2, 3}} },
		"key":         func(c *netdev.TLSConfig) { c.PrivateKey = nil },
		"other key":   func(c *netdev.TLSConfig) { c.PrivateKey = other },
	} {
		config := both()
		change(config)
		wantErr(t, "ConfigureTLS with a bad "+name, d.ConfigureTLS(fd, config), netdev.ErrInvalid)
	}
	config := both()
	config.Certificate, config.PrivateKey = nil, nil
	must(t, d.ConfigureTLS(fd, config))
	must(t, d.Bind(fd, anyPort))
	wantErr(t, "Listen without a certificate", d.Listen(fd, 1), netdev.ErrInvalid)
	must(t, d.ConfigureTLS(fd, both()))
	must(t, d.Listen(fd, 1))
	must(t, d.Listen(fd, 2))
	wantErr(t, "ConfigureTLS of a listener", d.ConfigureTLS(fd, both()), netdev.ErrInvalid)
	wantErr(t, "Connect of a listener", d.Connect(fd, "", anyPort), netdev.ErrInvalid)
	_, err = d.NegotiatedProtocol(fd)
	wantErr(t, "NegotiatedProtocol of a listener", err, netdev.ErrNotConnected)
	for name, dev := range map[string]netdev.Netdever{"full": d, "bare": tlsdev.Wrap(bare.Device(host.New()))} {
		c := dev.(netdev.TLSConfigurer)
		wantErr(t, name+": ConfigureTLS of no socket", c.ConfigureTLS(1<<30, both()), netdev.ErrInvalidSocketFd)
		plain, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
		must(t, err)
		defer dev.Close(plain)
		_, err = c.NegotiatedProtocol(plain)
		wantErr(t, name+": NegotiatedProtocol of a plain stream", err, netdev.ErrInvalid)
	}
}

func TestWithoutANameTheAddressIsTheName(t *testing.T) {
	d := wrapped()
	lfd, addr := listen(t, d, 1)
	defer d.Close(lfd)
	fd := secure(t, d)
	config := both()
	config.ServerName = ""
	must(t, d.ConfigureTLS(fd, config))
	wantErr(t, "Connect by address to a server with a name", d.Connect(fd, "", addr), netdev.ErrTLSCertificate)
	wantErr(t, "Connect again", d.Connect(fd, name, addr), netdev.ErrTLSCertificate)
	fd = secure(t, d)
	must(t, d.ConfigureTLS(fd, config))
	must(t, d.Connect(fd, name+".", addr))
}

func TestTheEndOfAContextEndsAHandshake(t *testing.T) {
	d := wrapped()
	ln, err := stdnet.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer ln.Close()
	fd := secure(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		c.Read(make([]byte, 1)) // the client's hello, which nobody answers
		cancel()
		io.Copy(io.Discard, c)
		c.Close()
	}()
	addr := ln.Addr().(*stdnet.TCPAddr).AddrPort()
	wantErr(t, "ConnectContext", d.ConnectContext(ctx, fd, "", addr), context.Canceled)
	wantErr(t, "Connect afterwards", d.Connect(fd, "", addr), context.Canceled)
	must(t, d.Close(fd))
}

func TestPackageNetUsesTheDevicesTLS(t *testing.T) {
	d := wrapped()
	netdev.UseNetdev(d)
	defer netdev.UseNetdev(nil)
	server := both()
	server.NextProtos = []string{"tlsdev/1"}
	ln, err := net.ListenTLS("tcp4", "127.0.0.1:0", server)
	must(t, err)
	defer ln.Close()
	served := make(chan error, 1)
	go func() {
		c, err := ln.Accept()
		if err == nil {
			_, err = io.Copy(c, c)
			c.Close()
		}
		served <- err
	}()
	client := both()
	client.NextProtos = []string{"tlsdev/0", "tlsdev/1"}
	c, err := net.DialTLS("tcp4", ln.Addr().String(), client)
	must(t, err)
	defer c.Close()
	if p := c.NegotiatedProtocol(); p != "tlsdev/1" {
		t.Errorf("negotiated %q", p)
	}
	c.SetDeadline(soon())
	if _, err := io.WriteString(c, "over and over"); err != nil {
		t.Error(err)
	}
	must(t, c.CloseWrite())
	echo, err := io.ReadAll(c)
	if err != nil || string(echo) != "over and over" {
		t.Errorf("echo: %q, %v", echo, err)
	}
	must(t, <-served)
}
