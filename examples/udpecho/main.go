// Udpecho is a UDP server that sends each datagram back to where it came from.
//
// On the host, over a netdev or as an ordinary program; Ctrl-C ends it:
//
//	netdev run -p 7777:7777/udp ./examples/udpecho -listen :7777
//	go run ./examples/udpecho -listen :7777
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET" ./examples/udpecho
//
// Talk to it with "nc -u HOST 7777".
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	// TinyGo's own net has no UDP server. This one has, here and on a board.
	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, listen string

func main() {
	flag.StringVar(&listen, "listen", cmp.Or(listen, ":7777"), "`address` to listen on, host:port or :port")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "udpecho:", err)
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

	conn, err := net.ListenPacket("udp", listen)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	if ip, err := dev.Addr(); err == nil {
		fmt.Println("The device's address is", ip)
	}
	fmt.Println("Listening on", conn.LocalAddr())

	go func() {
		<-stop
		conn.Close()
	}()

	buf := make([]byte, 1500) // a longer datagram is cut to this
	for {
		n, from, err := conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		// A datagram that cannot be sent is lost, as any datagram may be.
		if _, err := conn.WriteTo(buf[:n], from); err != nil {
			fmt.Fprintln(os.Stderr, "udpecho:", err)
			continue
		}
		fmt.Printf("%v: %d bytes echoed\n", from, n)
	}
}
