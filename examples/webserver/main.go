// Webserver is a web page for a person: how the device is doing, a lamp to
// switch and a guest book to sign. It needs no script in the browser.
//
// On the host, over a netdev or as an ordinary program; Ctrl-C ends it:
//
//	netdev run ./examples/webserver -listen :8080
//	go run ./examples/webserver -listen :8080
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.listen=:80" ./examples/webserver
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, listen string

func main() {
	flag.StringVar(&listen, "listen", cmp.Or(listen, ":8080"), "`address` to listen on, host:port or :port")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "webserver:", err)
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
	at := address(dev, ln)
	fmt.Printf("Serving on http://%s/\n", at)

	// A browser that falls silent does not keep its socket.
	server := http.Server{
		Handler:      newSite(at),
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second,
		IdleTimeout:  time.Minute,
	}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-stop
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil { // pages under way are finished, or cut off then
			server.Close()
		}
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-stopped
	return nil
}

// address is where ln is reached: the device's own address, where ln listens
// on all it has.
func address(dev netdev.Netdever, ln net.Listener) string {
	host, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		return ln.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "127.0.0.1"
		if own, err := dev.Addr(); err == nil {
			host = own.String()
		}
	}
	return net.JoinHostPort(host, port)
}
