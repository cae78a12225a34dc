// Webstatic serves files that are embedded in the program: a page, its style
// and a picture.
//
// On the host, over a netdev or as an ordinary program; Ctrl-C ends it:
//
//	netdev run ./examples/webstatic -listen :8080
//	go run ./examples/webstatic -listen :8080
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.listen=:80" ./examples/webstatic
package main

import (
	"cmp"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, listen string

//go:embed site
var files embed.FS

func main() {
	flag.StringVar(&listen, "listen", cmp.Or(listen, ":8080"), "`address` to listen on, host:port or :port")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "webstatic:", err)
		os.Exit(1)
	}
}

func run() error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	site, err := fs.Sub(files, "site")
	if err != nil {
		return err
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

	server := http.Server{
		Handler:      http.FileServerFS(site),
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 30 * time.Second,
		IdleTimeout:  time.Minute,
	}
	go func() {
		<-stop
		server.Close()
	}()
	if err := server.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
