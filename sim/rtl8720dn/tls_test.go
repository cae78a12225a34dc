package rtl8720dn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/big"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netdev-go/netdev/sim/rtl8720dn"
)

// A tlsServer is the peer's, with a certificate for the name "peer".
type tlsServer struct {
	at    netip.AddrPort
	leaf  []byte // DER
	pem   string
	names chan string // that clients have said
	conns chan *tls.Conn
}

func (w *world) tlsServer() *tlsServer {
	w.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "peer"}, DNSNames: []string{"peer"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		w.tb.Fatal(err)
	}
	l, at := w.listen()
	s := &tlsServer{at: at, leaf: der, names: make(chan string, 9), conns: make(chan *tls.Conn, 9)}
	s.pem = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	config := &tls.Config{
		GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			s.names <- h.ServerName
			return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
		},
	}
	go func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				if conn := tls.Server(raw, config); conn.Handshake() == nil {
					s.conns <- conn
				}
			}()
		}
	}()
	return s
}

// tlsClient returns a handle whose handshakes may take ten seconds.
func (w *world) tlsClient() uint32 {
	w.tb.Helper()
	r := w.call(mbedtls, 0x01)
	h := r.u32()
	r.end()
	for _, call := range [][]any{{byte(0x03), h}, {byte(0x05), h, uint32(10_000)}} {
		r = w.call(mbedtls, call[0].(byte), call[1:]...)
		r.end()
	}
	return h
}

func (w *world) startTLS(h uint32, host string, port uint16) int {
	w.tb.Helper()
	r, ok := w.answer(w.ask(mbedtls, 0x12, h, some(host), uint32(port), 0), time.Hour)
	if !ok {
		w.tb.Fatal("no reply to start")
	}
	defer r.end()
	return r.i32()
}

func TestTLSWithoutACAChecksNothingAndSaysNoName(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		s := w.tlsServer()
		h := w.tlsClient()
		if n := w.startTLS(h, "peer", s.at.Port()); n != 0 {
			t.Fatalf("start = %d, want the socket", n)
		}
		if name := <-s.names; name != "" {
			t.Errorf("the client said %q", name)
		}
		conn := <-s.conns
		if v := conn.ConnectionState().Version; v != tls.VersionTLS12 {
			t.Errorf("TLS %#x", v)
		}
		if r := w.i32(mbedtls, 0x15, h, "hello", uint16(5)); r != 5 {
			t.Errorf("send = %d", r)
		}
		b := make([]byte, 5)
		if _, err := io.ReadFull(conn, b); err != nil || string(b) != "hello" {
			t.Errorf("the peer has %q, %v", b, err)
		}
		r := w.call(mbedtls, 0x16, h, uint32(100))
		if junk := r.binary(); len(junk) != 1 || r.i32() != -0x6900 {
			t.Errorf("receive of nothing: % x", junk)
		}
		begin := time.Now()
		if r := w.i32(mbedtls, 0x14, h); r != -0x6900 || time.Since(begin) != 200*time.Millisecond {
			t.Errorf("data_to_read of nothing = %d after %v", r, time.Since(begin))
		}
		conn.Write([]byte("and back"))
		synctest.Wait()
		begin = time.Now()
		if r := w.i32(mbedtls, 0x14, h); r != 0 || time.Since(begin) != 10*time.Millisecond {
			t.Errorf("data_to_read = %d after %v", r, time.Since(begin))
		}
		r = w.call(mbedtls, 0x16, h, uint32(4))
		if got := r.binary(); string(got) != "and " || r.i32() != 4 {
			t.Errorf("receive %q", got)
		}
		r = w.call(mbedtls, 0x16, h, uint32(100))
		if got := r.binary(); string(got) != "back" {
			t.Errorf("receive %q", got)
		}
		conn.Close()
		synctest.Wait()
		r = w.call(mbedtls, 0x16, h, uint32(100))
		if r.binary(); r.i32() != -0x7880 {
			t.Error("the end of the session is not told")
		}
		for _, request := range []byte{0x13, 0x02} {
			r = w.call(mbedtls, request, h)
			r.end()
		}
		if n := w.stream(); n != 0 {
			t.Errorf("stop has left the socket: the next one is %d", n)
		}
		w.clean()
	})
}

func TestTLSWithACAChecksTheNameAndTheChain(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		s := w.tlsServer()
		h := w.tlsClient()
		r := w.call(mbedtls, 0x08, h, s.pem)
		r.u32()
		if n := w.startTLS(h, "peer", s.at.Port()); n < 0 {
			t.Fatalf("start = %d", n)
		}
		if name := <-s.names; name != "peer" {
			t.Errorf("the client said %q", name)
		}
		other := w.tlsClient()
		r = w.call(mbedtls, 0x08, other, s.pem)
		r.u32()
		begin := time.Now()
		if n := w.startTLS(other, s.at.Addr().String(), s.at.Port()); n != -0x2700 {
			t.Errorf("start with another name = %d", n)
		}
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("it failed after %v, want the handshake's timeout", took)
		}
	})
}

func TestATLSClientThatFailsLeavesItsSocket(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		h := w.tlsClient()
		if n := w.startTLS(h, w.peer.UnknownHost(), 443); n != -1 {
			t.Errorf("an unknown name: %d", n)
		}
		if n := w.startTLS(h, "peer", w.peer.Refused().Port()); n != -1 {
			t.Errorf("a closed port: %d", n)
		}
		if n := w.stream(); n != 2 {
			t.Errorf("the next socket is %d, want 2", n)
		}
	})
}

func TestAHandshakeWithAPeerThatSaysNothingTimesOut(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		_, at := w.listen()
		begin := time.Now()
		if n := w.startTLS(w.tlsClient(), "peer", at.Port()); n != -0x6900 || time.Since(begin) < 10*time.Second {
			t.Errorf("start = %d after %v", n, time.Since(begin))
		}
		r := w.call(mbedtls, 0x01)
		begin = time.Now()
		if n := w.startTLS(r.u32(), "peer", at.Port()); n != -0x6900 || time.Since(begin) > time.Second {
			t.Errorf("without a timeout: %d after %v", n, time.Since(begin))
		}
	})
}

func TestANewTLSClientHasGarbageForCertificates(t *testing.T) {
	joined(t, rtl8720dn.Config{DirtyHeap: true}, func(w *world) {
		s := w.tlsServer()
		if n := w.startTLS(w.tlsClient(), "peer", s.at.Port()); n != -0x2180 {
			t.Errorf("start = %d", n)
		}
		w.ask(mbedtls, 0x08, w.tlsClient(), s.pem)
		w.silent(time.Second)
		if st := w.chip.Stats(); st.Abuse != 1 || st.Resets != 1 {
			t.Errorf("%+v %q", st, w.chip.Abuses())
		}
	})
}

func TestTheNamesCheckTakesEveryOtherName(t *testing.T) {
	joined(t, rtl8720dn.Config{}, func(w *world) {
		s := w.tlsServer()
		h := w.tlsClient()
		if n := w.startTLS(h, "peer", s.at.Port()); n < 0 {
			t.Fatalf("start = %d", n)
		}
		sum := sha256.Sum256(s.leaf)
		fingerprint := hex.EncodeToString(sum[:])
		for _, c := range []struct {
			what    string
			request byte
			args    []any
			want    int
		}{
			{"its own name", 0x18, []any{h, "peer"}, 0},
			{"another name", 0x18, []any{h, "elsewhere"}, 1},
			{"its fingerprint and another name", 0x17, []any{h, fingerprint, "elsewhere"}, 1},
			{"another fingerprint", 0x17, []any{h, "00" + fingerprint[2:], "elsewhere"}, 0},
		} {
			r := w.call(mbedtls, c.request, c.args...)
			if got := r.u8(); got != c.want {
				t.Errorf("%s: %d, want %d", c.what, got, c.want)
			}
		}
		r := w.call(mbedtls, 0x19, -0x2700, uint32(100))
		if text := r.binary(); len(text) != 100 || string(text[:21]) != "mbedTLS error -0x2700" {
			t.Errorf("strerror %q", text)
		}
	})
}

func TestASocketOfATLSClientIsSetAndTold(t *testing.T) {
	inWorld(t, rtl8720dn.Config{}, func(w *world) {
		h := w.tlsClient()
		if r := w.i32(mbedtls, 0x06, h); r != -1 {
			t.Errorf("socket %d", r)
		}
		r := w.call(mbedtls, 0x04, h, 3)
		r.end()
		if r := w.i32(mbedtls, 0x06, h); r != 3 {
			t.Errorf("socket %d", r)
		}
		if r := w.i32(mbedtls, 0x07, h); r != 10_000 {
			t.Errorf("timeout %d", r)
		}
		r = w.call(mbedtls, 0x16, h, uint32(10))
		if r.binary(); r.i32() != -0x7100 {
			t.Error("receive before start")
		}
		if r := w.i32(mbedtls, 0x15, h, "x", uint16(1)); r != -0x7100 {
			t.Errorf("send before start = %d", r)
		}
	})
}
