// Socket uses the eleven methods of a netdev directly, without package net.
// With -dial it is a client that sends a line and prints the answer; without,
// a server that sends each client's bytes back. Ctrl-C ends the server.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/socket -listen 0.0.0.0:7777
//	go run ./examples/socket -dial 127.0.0.1:7777
//
// On a board, which has no flags (without main.dial, the server):
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.dial=192.0.2.7:7777" ./examples/socket
package main

import (
	"cmp"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, dial, listen string

func main() {
	flag.StringVar(&dial, "dial", dial, "`host:port` to talk to, instead of being the server")
	flag.StringVar(&listen, "listen", cmp.Or(listen, "0.0.0.0:7777"), "`ip:port` to listen on")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "socket:", err)
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
	ip, err := dev.Addr()
	if err != nil {
		return err
	}
	fmt.Println("The device's address is", ip)
	if dial != "" {
		return client(dev)
	}
	return server(dev)
}

// stream opens a TCP socket for ip's family.
func stream(dev netdev.Netdever, ip netip.Addr) (int, error) {
	domain := netdev.AF_INET
	if ip.Is6() {
		domain = netdev.AF_INET6
	}
	return dev.Socket(domain, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
}

// after is a deadline: each call that waits for the peer is given its own.
func after(d time.Duration) time.Time { return time.Now().Add(d) }
