package nina_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/sim/nina"
	"github.com/netdev-go/netdev/stack"
)

// epoch is when the time of a bubble begins.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// An authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: epoch.Add(-1000 * time.Hour), NotAfter: epoch.Add(1000 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	return &authority{t, cert, key}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// issue returns a certificate for a name, of an alternative name or after CN= of the
// subject, or for an address, that ends at some time from now.
func (a *authority) issue(name string, end time.Duration) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(a.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: epoch.Add(-500 * time.Hour), NotAfter: epoch.Add(end),
	}
	if cn, ok := strings.CutPrefix(name, "CN="); ok {
		template.Subject.CommonName = cn
	} else if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	must(a.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// serveTLS listens on a host, and returns what is accepted there.
func serveTLS(t *testing.T, dev netdev.Netdever, address string, cert tls.Certificate) <-chan *tls.Conn {
	l := listen(t, dev, address)
	out := make(chan *tls.Conn, 10)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
			go func() {
				if s.Handshake() != nil {
					s.Close()
					return
				}
				out <- s
			}()
		}
	}()
	return out
}

// dialTLS reports whether the chip has connected by name.
func (w *world) dialTLS(slot byte, host string, port uint16) bool {
	w.t.Helper()
	r := w.call(0x2D, []byte(host), make([]byte, 4), be(port), b1(slot), b1(2))
	return len(r) == 1 && r[0][0] == 1
}

const hours = time.Hour

func TestTLSByName(t *testing.T) {
	a := newAuthority(t)
	inWorld(t, nina.Config{Roots: a.pool()}, func(t *testing.T, w *world) {
		a := &authority{t, a.cert, a.key}
		w.join()
		conns := serveTLS(t, w.host("peer"), ":443", a.issue("peer", 500*hours))
		if !w.dialTLS(0, "peer", 443) {
			t.Fatal("it does not connect")
		}
		c := <-conns
		if v := c.ConnectionState(); v.Version != tls.VersionTLS12 || v.ServerName != "peer" {
			t.Errorf("version %x, for %q", v.Version, v.ServerName)
		}
		w.want(0x2F, 4, b1(0))
		if r := w.call(0x44, b1(0), []byte("hello")); !bytes.Equal(r[0], le(5)) {
			t.Errorf("sending is answered % X", r)
		}
		b := make([]byte, 5)
		_, err := io.ReadFull(c, b)
		must(t, err)
		c.Write(bytes.ToUpper(b))
		time.Sleep(time.Second)
		if got := w.available(0); got != 5 || !w.chip.DataReady() {
			t.Errorf("%d bytes are available, GPIO0 is %v", got, w.chip.DataReady())
		}
		w.want(0x2C, 'H', b1(0), b1(0))
		if got := w.call16(0x45, b1(0), le(100)); string(got) != "ELLO" {
			t.Errorf("read %q", got)
		}
		if r := w.call(0x3A, b1(0)); !bytes.Equal(r[1], be(443)) {
			t.Errorf("the peer is % X", r)
		}
		// It leaves without a word of TLS.
		w.want(0x2E, 1, b1(0))
		if _, err := c.Read(b); err != io.ErrUnexpectedEOF && err != io.EOF {
			t.Errorf("the end is %v", err)
		}
		c.Close()
		w.noAbuse()
	})
}

func TestTLSHearsTheEnd(t *testing.T) {
	a := newAuthority(t)
	inWorld(t, nina.Config{Roots: a.pool()}, func(t *testing.T, w *world) {
		w.join()
		conns := serveTLS(t, w.host("peer"), ":443", (&authority{t, a.cert, a.key}).issue("peer", 500*hours))
		if !w.dialTLS(0, "peer", 443) {
			t.Fatal("it does not connect")
		}
		c := <-conns
		c.Write([]byte("bye"))
		c.Close()
		time.Sleep(time.Second)
		if got := w.call16(0x45, b1(0), le(100)); string(got) != "bye" {
			t.Errorf("read %q", got)
		}
		time.Sleep(time.Second)
		w.want(0x2F, 0, b1(0))
		w.want(0x3F, 0)
	})
}

func TestQuirk8_WhatTLSChecks(t *testing.T) {
	a, other := newAuthority(t), newAuthority(t)
	for _, test := range []struct {
		name      string
		authority *authority
		cert      string
		end       time.Duration
		roots     *x509.CertPool
		want      bool
	}{
		{"the right name", a, "peer", 500 * hours, a.pool(), true},
		{"another name", a, "other", 500 * hours, a.pool(), false},
		{"another authority", other, "peer", 500 * hours, a.pool(), false},
		{"an empty partition", a, "peer", 500 * hours, nil, false},
		{"the right name of a subject", a, "CN=peer", 500 * hours, a.pool(), true},
		{"another name of a subject", a, "CN=other", 500 * hours, a.pool(), false},
		{"an expired certificate, for want of a clock", a, "peer", -500 * hours / 2, a.pool(), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, nina.Config{Roots: test.roots}, func(t *testing.T, w *world) {
				w.join()
				cert := (&authority{t, test.authority.cert, test.authority.key}).issue(test.cert, test.end)
				conns := serveTLS(t, w.host("peer"), ":443", cert)
				if got := w.dialTLS(0, "peer", 443); got != test.want {
					t.Errorf("connected: %v", got)
				}
				select {
				case c := <-conns:
					defer c.Close()
				default:
				}
				w.noAbuse()
			})
		})
	}
}

func TestQuirk8_TLSByAddressGoesElsewhereAndChecksNoName(t *testing.T) {
	a := newAuthority(t)
	inWorld(t, nina.Config{Roots: a.pool()}, func(t *testing.T, w *world) {
		w.want(0x14, 0, b1(1), []byte{10, 0, 2, 77}, []byte{10, 0, 2, 1}, []byte{255, 0, 0, 0})
		w.join()
		cert := (&authority{t, a.cert, a.key}).issue("somebody else", 500*hours)
		for _, test := range []struct {
			at   string
			want string // who is reached
		}{{"10.0.2.8", "8.2.0.10"}, {"10.9.9.10", "10.9.9.10"}} {
			host, err := w.board.Host(stack.Config{Hostname: "at-" + test.at, Address: netip.MustParsePrefix(test.at + "/8")})
			must(t, err)
			must(t, host.NetConnect(nil))
			conns := serveTLS(t, host, ":443", cert)
			addr := netip.MustParseAddr(test.at)
			r := w.call(0x2D, ip(addr), be(443), b1(0), b1(2))
			if got, want := len(r) == 1, test.want == test.at; got != want {
				t.Errorf("%v: connected: %v", test.at, got)
			}
			select {
			case c := <-conns:
				c.Close()
			default:
			}
			w.want(0x2E, 1, b1(0))
		}
		w.noAbuse()
	})
}

func TestQuirk8_AnAddressIsNoName(t *testing.T) {
	a := newAuthority(t)
	inWorld(t, nina.Config{Roots: a.pool()}, func(t *testing.T, w *world) {
		w.join()
		h := w.host("peer")
		addr, _ := h.Addr()
		serveTLS(t, h, ":443", (&authority{t, a.cert, a.key}).issue(addr.String(), 500*hours))
		if w.dialTLS(0, addr.String(), 443) {
			t.Error("it connects to an address that the certificate has")
		}
	})
}

func TestATLSConnectionWithoutRoomForARecord(t *testing.T) {
	a := newAuthority(t)
	inWorld(t, nina.Config{Roots: a.pool()}, func(t *testing.T, w *world) {
		w.join()
		conns := serveTLS(t, w.host("peer"), ":443", (&authority{t, a.cert, a.key}).issue("peer", 500*hours))
		if !w.dialTLS(0, "peer", 443) {
			t.Fatal("it does not connect")
		}
		c := <-conns
		data := bytes.Repeat([]byte("x"), 4000)
		sent := w.fill(0)
		// What was answered 0 is sent, and offering it again is answered in full.
		got := make(chan int)
		go func() {
			n, _ := io.Copy(io.Discard, c)
			got <- int(n)
		}()
		time.Sleep(time.Minute)
		if r := w.call(0x44, b1(0), data); !bytes.Equal(r[0], le(4000)) {
			t.Errorf("when there is room it is answered % X", r)
		}
		time.Sleep(time.Minute)
		w.want(0x2E, 1, b1(0))
		if n := <-got; n != sent+4000 {
			t.Errorf("the peer has %d bytes, want %d", n, sent+4000)
		}
		c.Close()
	})
}
