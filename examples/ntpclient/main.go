// Ntpclient asks a time server what time it is, and by how much the clock here
// is off.
//
// On the host, over a netdev or as an ordinary program:
//
//	netdev run ./examples/ntpclient -server pool.ntp.org
//	go run ./examples/ntpclient -server pool.ntp.org
//
// On a board, which has no flags:
//
//	tinygo flash -target=nano-rp2040 -ldflags="-X main.ssid=NAME -X main.pass=SECRET -X main.server=pool.ntp.org" ./examples/ntpclient
package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/beevik/ntp"

	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

var ssid, pass, server string

// patience is for one answer.
const (
	patience = 2 * time.Second
	tries    = 4
)

func main() {
	flag.StringVar(&server, "server", server, "time server to ask, `host` or host:port")
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "ntpclient:", err)
		os.Exit(1)
	}
}

func run() error {
	switch {
	case flag.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	case server == "":
		return errors.New("no time server to ask: give -server host")
	}
	link, _ := probe.Probe()
	if err := link.NetConnect(&netlink.ConnectParams{Ssid: ssid, Passphrase: pass}); err != nil {
		return err
	}

	resp, err := ask(server)
	if err != nil {
		return fmt.Errorf("%s: %w", server, err)
	}
	// An answer may still be one not to set a clock by.
	if err := resp.Validate(); err != nil {
		return fmt.Errorf("%s: %w", server, err)
	}
	fmt.Println("The time is", time.Now().Add(resp.ClockOffset).UTC().Format(time.RFC3339Nano))
	fmt.Printf("The clock here is off by %v; the answer took %v\n", -resp.ClockOffset, resp.RTT)
	return nil
}

// ask asks again where no answer comes: either datagram may be lost.
func ask(server string) (resp *ntp.Response, err error) {
	for range tries {
		resp, err = ntp.QueryWithOptions(server, ntp.QueryOptions{
			Timeout: patience,
			Dialer: func(_, server string) (net.Conn, error) {
				return net.DialTimeout("udp", server, patience)
			},
			// Timestamps of the kernel are only there for the kernel's own sockets.
			GetSystemTime: time.Now,
		})
		var late net.Error
		if !errors.As(err, &late) || !late.Timeout() {
			break
		}
	}
	return resp, err
}
