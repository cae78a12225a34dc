// Webclient fetches a web page with nothing but a TCP connection: it writes the
// request and prints the response as they are on the wire.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/webclient -addr host:8080 -path /
//	go run ./examples/webclient -addr 127.0.0.1:8080
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.addr=192.0.2.7:8080" ./examples/webclient
//
// The peer may be examples/webserver. For net/http see examples/http-get.
package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, addr, path string

// patience bounds the dial, and then the whole exchange.
const patience = 10 * time.Second

func main() {
	flag.StringVar(&addr, "addr", addr, "`host:port` of the web server")
	flag.StringVar(&path, "path", cmp.Or(path, "/"), "`path` of the page")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "webclient:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case addr == "":
		return errors.New("no web server to ask: give -addr host:port")
	case !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " \r\n"):
		return fmt.Errorf("bad path %q: it begins with / and has no spaces", path)
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
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, addr); err != nil {
		return err
	}

	response := bufio.NewReader(conn)
	status, err := response.ReadString('\n')
	if err != nil {
		return fmt.Errorf("waiting for the response: %w", err)
	}
	if !strings.HasPrefix(status, "HTTP/1.") {
		return fmt.Errorf("%s does not speak HTTP: it says %q", addr, status)
	}
	fmt.Print(status)
	// "Connection: close" makes the end of the stream the end of the page.
	if _, err := io.Copy(os.Stdout, response); err != nil {
		return err
	}
	return conn.Close()
}
