// Http-postform fills in a form with net/http and prints the answer.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/http-postform -url http://host:8080/sign
//	go run ./examples/http-postform -url http://127.0.0.1:8080/sign
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.url=http://192.0.2.7:8080/sign" ./examples/http-postform
//
// The form is the one of the guest book of examples/webserver.
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, url, name, message string

func main() {
	flag.StringVar(&url, "url", url, "`address` that the form is sent to")
	flag.StringVar(&name, "name", cmp.Or(name, "http-postform"), "who you are")
	flag.StringVar(&message, "message", cmp.Or(message, "Greetings from a Go program."), "what you have to say")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "http-postform:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case url == "":
		return errors.New("no form to fill in: give -url http://host/path")
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	// Timeout is the deadline of the whole exchange, the body included.
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.PostForm(url, map[string][]string{"name": {name}, "message": {message}})
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
