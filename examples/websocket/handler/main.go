// Handler is a WebSocket server: it sends each message back. Its page, for a
// browser, is a place to try that.
//
// On the host, over a netdev or as an ordinary program; Ctrl-C ends it:
//
//	netdev run ./examples/websocket/handler -listen :8080
//	go run ./examples/websocket/handler -listen :8080
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.listen=:80" ./examples/websocket/handler
//
// Talk to it with a browser, or with examples/websocket/dial.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/coder/websocket"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, listen string

// A client that is silent for idle has to make room for others.
const idle = 5 * time.Minute

//go:embed page.html
var page []byte

func main() {
	flag.StringVar(&listen, "listen", cmp.Or(listen, ":8080"), "`address` to listen on, host:port or :port")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "handler:", err)
		os.Exit(1)
	}
}

func run() error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	link, dev := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	if ip, err := dev.Addr(); err == nil {
		fmt.Println("The device's address is", ip)
	}
	fmt.Println("Listening on", ln.Addr())

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.Write(page) })
	mux.HandleFunc("/echo", echo)
	server := http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}

	go func() {
		<-stop
		server.Close()
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func echo(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer conn.CloseNow()
	for {
		ctx, cancel := context.WithTimeout(context.Background(), idle)
		kind, message, err := conn.Read(ctx)
		if err == nil {
			err = conn.Write(ctx, kind, message)
		}
		cancel()
		switch {
		case err == nil:
		case websocket.CloseStatus(err) != -1: // a goodbye
			return
		default:
			fmt.Fprintf(os.Stderr, "handler: %s: %v\n", r.RemoteAddr, err)
			return
		}
	}
}
