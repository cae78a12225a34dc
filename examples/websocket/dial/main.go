// Dial is a WebSocket client: it sends messages and prints the answers.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/websocket/dial -url ws://host:8080/echo
//	go run ./examples/websocket/dial -url ws://127.0.0.1:8080/echo
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.url=ws://192.0.2.7:8080/echo" ./examples/websocket/dial
//
// The peer may be examples/websocket/handler.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/coder/websocket"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, url string

func main() {
	flag.StringVar(&url, "url", url, "`address` of the WebSocket, ws://host/path")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dial:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case url == "":
		return errors.New("no WebSocket to dial: give -url ws://host/path")
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	// The context is the deadline of everything that follows.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, url, nil)
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	fmt.Println("Connected to", url)

	for _, message := range []string{"hello", "how are you?", "goodbye"} {
		if err := conn.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
			return err
		}
		_, answer, err := conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("waiting for an answer to %q: %w", message, err)
		}
		fmt.Printf("%q -> %q\n", message, answer)
	}
	return conn.Close(websocket.StatusNormalClosure, "")
}
