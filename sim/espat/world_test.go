package espat_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim"
	"github.com/netdev-go/netdev/sim/espat"
)

// world has f run with a chip that is joined, on a network with a gateway, which
// leases addresses and resolves names.
func world(t *testing.T, c espat.Config, f func(r *rig, peer *sim.Peer)) {
	t.Helper()
	b, err := sim.Boot(sim.Config{Forwards: []sim.Forward{}})
	must(t, err)
	c.Network, c.BootTime = b, -1
	chip := espat.New(c)
	defer func() {
		must(t, chip.Stop())
		must(t, b.Stop())
	}()
	peer, err := b.Peer()
	must(t, err)
	r := &rig{T: t, Chip: chip, uart: chip.Port()}
	r.until("ready\r\n")
	r.command("ATE0")
	r.command("AT+CWMODE=1")
	r.command(`AT+CWHOSTNAME="thing"`)
	r.ask(`AT+CWJAP="home","correct horse"`, "WIFI CONNECTED\r\nWIFI GOT IP\r\n"+ok)
	r.command("AT+CIPMUX=1")
	f(r, peer)
}

func TestTheAddressAndTheNameServersAreTheLeases(t *testing.T) {
	world(t, espat.Config{}, func(r *rig, peer *sim.Peer) {
		got := r.command("AT+CIPSTA?")
		addr := peer.DeviceAddr(2).String()
		if !strings.HasPrefix(got, `+CIPSTA:ip:"`+addr+`"`+"\r\n"+`+CIPSTA:gateway:"10.0.2.1"`+"\r\n"+`+CIPSTA:netmask:"255.255.255.0"`) {
			t.Errorf("%q, the address is %s", got, addr)
		}
		r.ask("AT+CIPDNS?", `+CIPDNS:0,"10.0.2.1"`+"\r\n"+ok)
	})
}

func TestNamesAndPings(t *testing.T) {
	world(t, espat.Config{NameTime: 10 * time.Millisecond}, func(r *rig, peer *sim.Peer) {
		addr := peer.Addr(2).String()
		r.ask(`AT+CIPDOMAIN="peer",2,5000`, `+CIPDOMAIN:"`+addr+`"`+"\r\n"+ok)
		r.ask(`AT+CIPDOMAIN="10.9.8.7"`, `+CIPDOMAIN:"10.9.8.7"`+"\r\n"+ok)
		r.ask(`AT+CIPDOMAIN="nobody.netdev"`, "\r\nERROR\r\n")
		r.ask(`AT+CIPDOMAIN="peer",3`, "\r\nERROR\r\n")
		if got := r.command(`AT+PING="peer"`); !strings.HasPrefix(got, "+PING:") {
			t.Errorf("%q", got)
		}
		r.ask(`AT+PING="nobody.netdev"`, "+PING:TIMEOUT\r\n\r\nERROR\r\n")
	})
}

func TestTheClockIsRightAfterSNTP(t *testing.T) {
	world(t, espat.Config{}, func(r *rig, _ *sim.Peer) {
		r.ask("AT+CIPSNTPTIME?", "+CIPSNTPTIME:Thu Jan  1 00:00:00 1970\r\n"+ok)
		r.command(`AT+CIPSNTPCFG=1,2,"time.example"`)
		r.ask("AT+CIPSNTPCFG?", `+CIPSNTPCFG:1,2,"time.example"`+"\r\n"+ok)
		r.until("+TIME_UPDATED\r\n")
		r.write("AT+CIPSNTPTIME?\r\n")
		r.until("+CIPSNTPTIME:")
		text := strings.TrimSuffix(r.until("\r\n"), "\r\n")
		r.until(ok)
		at, err := time.Parse(time.ANSIC, text)
		if d := time.Until(at) - 2*time.Hour; err != nil || d.Abs() > time.Minute {
			t.Errorf("%s is %v off, %v", text, d, err)
		}
	})
}

// certificate returns one for a name, signed by itself, and itself in PEM.
func certificate(t *testing.T, name string) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestTLSChecksNothingUntilItIsToldTo(t *testing.T) {
	cert, roots := certificate(t, "peer")
	world(t, espat.Config{Roots: roots}, func(r *rig, peer *sim.Peer) {
		l, err := peer.Listen(context.Background(), "tcp", ":443")
		must(t, err)
		defer l.Close()
		names := make(chan string, 8)
		secure := tls.NewListener(l, &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
			names <- h.ServerName
			return &cert, nil
		}})
		go func() {
			for {
				c, err := secure.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					io.Copy(c, c)
				}()
			}
		}()
		r.command("AT+CIPRECVTYPE=5,1")
		r.ask(`AT+CIPSTART=0,"SSL","peer",443`, "0,CONNECT\r\n"+ok)
		if got := <-names; got != "" {
			t.Errorf("the name %q was sent without having been set", got)
		}
		r.ask("AT+CIPSEND=0,5", "\r\nOK\r\n\r\n>")
		r.write("hello")
		r.expect("\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n")
		r.expect("\r\n+IPD,0,5\r\n")
		r.ask("AT+CIPRECVDATA=0,9", "+CIPRECVDATA:5,hello\r\nOK\r\n")
		r.ask("AT+CIPCLOSE=0", "0,CLOSED\r\n"+ok)

		r.command(`AT+CIPSSLCCONF=0,2,0,0`)
		r.command(`AT+CIPSSLCSNI=0,"peer"`)
		r.command(`AT+CIPSSLCCN=0,"peer"`)
		r.ask(`AT+CIPSTART=0,"SSL","peer",443`, "0,CONNECT\r\n"+ok)
		if got := <-names; got != "peer" {
			t.Errorf("the name sent is %q", got)
		}
		r.ask("AT+CIPCLOSE=0", "0,CLOSED\r\n"+ok)
		r.command(`AT+CIPSSLCCN=0,"another"`)
		r.ask(`AT+CIPSTART=0,"SSL","peer",443`, "\r\nERROR\r\n")
	})
}

// Somebody may come in on the link that is about to be connected.
func TestALinkThatAClientHasTakenIsNotConnected(t *testing.T) {
	world(t, espat.Config{NameTime: 300 * time.Millisecond}, func(r *rig, peer *sim.Peer) {
		l, err := peer.Listen(context.Background(), "tcp", ":80")
		must(t, err)
		defer l.Close()
		r.command("AT+CIPSERVER=1,8080")
		r.write(`AT+CIPSTART=0,"TCP","peer",80` + "\r\n")
		c, err := peer.DialContext(context.Background(), "tcp", netip.AddrPortFrom(peer.DeviceAddr(2), 8080).String())
		must(t, err)
		defer c.Close()
		r.expect("0,CONNECT\r\n")
		r.expect("ALREADY CONNECTED\r\n\r\nERROR\r\n")
		if got := r.command("AT+CIPSTATE?"); !strings.Contains(got, `,8080,1`) || strings.Contains(got, "+CIPSTATE:1") {
			t.Errorf("the links: %q", got)
		}
	})
}
