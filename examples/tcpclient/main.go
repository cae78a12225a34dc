// Tcpclient dials a TCP server, sends it lines and prints what comes back.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/tcpclient -addr host:7777
//	go run ./examples/tcpclient -addr 127.0.0.1:7777
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.addr=192.0.2.7:7777" ./examples/tcpclient
//
// The peer may be examples/tcpecho.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, addr string

// patience bounds the dial, and then the whole conversation.
const patience = 10 * time.Second

func main() {
	flag.StringVar(&addr, "addr", addr, "`host:port` to dial")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tcpclient:", err)
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
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	conn, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Println("Connected to", conn.RemoteAddr())
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}

	answers := bufio.NewReader(conn)
	for _, line := range []string{"hello", "how are you?", "goodbye"} {
		sent := time.Now()
		if _, err := fmt.Fprintln(conn, line); err != nil {
			return err
		}
		answer, err := answers.ReadString('\n')
		if err != nil {
			return fmt.Errorf("waiting for an answer to %q: %w", line, err)
		}
		fmt.Printf("%q -> %q in %v\n", line, answer, time.Since(sent).Round(10*time.Microsecond))
	}
	return conn.Close()
}
