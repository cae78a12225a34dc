// Http-head asks for the headers of a page with net/http, without the page.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/http-head -url http://host:8080/
//	go run ./examples/http-head -url http://127.0.0.1:8080/
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.url=http://192.0.2.7:8080/" ./examples/http-head
//
// The peer may be examples/webserver.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, url string

func main() {
	flag.StringVar(&url, "url", url, "`address` of the page")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "http-head:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case url == "":
		return errors.New("no page to ask about: give -url http://host/path")
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	// Timeout is the deadline of the whole exchange.
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Head(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	fmt.Println(resp.Proto, resp.Status)
	if err := resp.Header.Write(os.Stdout); err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}
