// Tlsclient dials a TLS server, prints who it proved to be, and fetches its
// front page. A server whose certificate does not check out is refused.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/tlsclient -addr www.example.com:443
//	go run ./examples/tlsclient -addr localhost:8443 -ca ca.pem
//
// On a board, which has no flags, and where the device brings its own TLS and
// its own roots:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.addr=www.example.com:443" ./examples/tlsclient
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, addr, ca string

// patience bounds the dial with its handshake, and then the whole exchange.
const patience = 10 * time.Second

func main() {
	flag.StringVar(&addr, "addr", addr, "`host:port` to dial")
	flag.StringVar(&ca, "ca", ca, "PEM `file` of the only certificate authorities to trust, instead of the system's")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tlsclient:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case addr == "":
		return errors.New("no address to dial: give -addr host:port")
	}
	roots, err := authorities(ca)
	if err != nil {
		return err
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	// The name to verify is the host in addr.
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: patience}, "tcp", addr, &tls.Config{RootCAs: roots})
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	// A device that does TLS itself keeps the details to itself.
	if c, ok := net.Conn(conn).(interface{ ConnectionState() tls.ConnectionState }); ok {
		state := c.ConnectionState()
		leaf := state.PeerCertificates[0]
		fmt.Printf("This is %v, says %v (%s)\n", leaf.Subject, leaf.Issuer, tls.CipherSuiteName(state.CipherSuite))
	}

	if _, err := fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", addr); err != nil {
		return err
	}
	_, err = io.Copy(os.Stdout, conn)
	return err
}

// authorities reads a file of certificates; with none, nil is the system's.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s has no PEM certificate in it", file)
	}
	return pool, nil
}
