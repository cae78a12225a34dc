// Tcpecho is a TCP server that sends each client its own bytes back.
//
// On the host, over a netdev or as an ordinary program; Ctrl-C ends it:
//
//	netdev run ./examples/tcpecho -listen :7777
//	go run ./examples/tcpecho -listen :7777
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET" ./examples/tcpecho
//
// Talk to it with examples/tcpclient, or with "nc HOST 7777".
package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, listen string

// A client that is silent for idle has to make room for others: a board may
// have no more than a handful of sockets.
const idle = time.Minute

func main() {
	flag.StringVar(&listen, "listen", cmp.Or(listen, ":7777"), "`address` to listen on, host:port or :port")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tcpecho:", err)
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

	go func() {
		<-stop
		ln.Close()
	}()

	for {
		conn, err := ln.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil: // out of sockets, say: there are some again when a client leaves
			fmt.Fprintln(os.Stderr, "tcpecho:", err)
			time.Sleep(time.Second)
		default:
			go serve(conn)
		}
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	n, err := echo(conn)
	if err != nil {
		fmt.Fprintf(os.Stderr, "tcpecho: %v: %v\n", conn.RemoteAddr(), err)
	}
	fmt.Printf("%v: %d bytes echoed\n", conn.RemoteAddr(), n)
}

// echo returns how many bytes it sent back before the client was done.
func echo(conn net.Conn) (total int, err error) {
	buf := make([]byte, 512)
	for {
		if err := conn.SetDeadline(time.Now().Add(idle)); err != nil {
			return total, err
		}
		n, err := conn.Read(buf)
		if n > 0 {
			n, err := conn.Write(buf[:n])
			total += n
			if err != nil {
				return total, err
			}
		}
		if errors.Is(err, io.EOF) {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}
