// Http-post sends a JSON document with net/http and prints the answer.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/http-post -url http://host:8080/ -body '{"led": true}'
//	go run ./examples/http-post -url http://127.0.0.1:8080/ -body '{"led": true}'
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.url=http://192.0.2.7:8080/" ./examples/http-post
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, url, body string

func main() {
	flag.StringVar(&url, "url", url, "`address` to post to")
	flag.StringVar(&body, "body", cmp.Or(body, `{"hello": "netdev"}`), "the `document` to send")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "http-post:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case url == "":
		return errors.New("no address to post to: give -url http://host/path")
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	// Timeout is the deadline of the whole exchange.
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	fmt.Println(resp.Proto, resp.Status)
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}
