package netdevtest_test

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
)

// serve echoes what arrives on sockfd until its end, and never waits in a call
// of the device.
func serve(dev netdev.Netdever, sockfd int) error {
	poller, ok := netdev.As[netdev.Poller](dev)
	if !ok {
		return errors.ErrUnsupported
	}
	if err := poller.SetNonblock(sockfd, true); err != nil {
		return err
	}
	// Room for one announcement is enough: it says "look again", not how often.
	changed := make(chan struct{}, 1)
	if err := poller.PollNotify(sockfd, func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}); err != nil {
		return err
	}
	var none time.Time
	buf := make([]byte, 1024)
	for {
		n, err := dev.Recv(sockfd, buf, 0, none)
		for sent := 0; sent < n; {
			m, err := dev.Send(sockfd, buf[sent:n], 0, none)
			sent += m
			if errors.Is(err, netdev.ErrWouldBlock) {
				<-changed // room, perhaps
			} else if err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case errors.Is(err, netdev.ErrWouldBlock):
			<-changed // data, perhaps
		case err != nil:
			return err
		}
	}
}

// A server that stands on readiness instead of a goroutine that blocks.
func Example_poller() {
	dev := host.New()
	local := netip.MustParseAddr("127.0.0.1")
	listener, _ := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	defer dev.Close(listener)
	dev.Bind(listener, netip.AddrPortFrom(local, 0))
	dev.Listen(listener, 1)
	addr, _ := dev.GetSockName(listener)

	client, _ := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	defer dev.Close(client)
	if err := dev.Connect(client, "", addr); err != nil {
		fmt.Println(err)
		return
	}
	server, _, _ := dev.Accept(listener)
	defer dev.Close(server)
	done := make(chan error)
	go func() { done <- serve(dev, server) }()

	dev.Send(client, []byte("hello"), 0, time.Time{})
	buf := make([]byte, 16)
	n, _ := dev.Recv(client, buf, 0, time.Time{})
	fmt.Println(string(buf[:n]))
	dev.Shutdown(client, netdev.SHUT_WR)
	fmt.Println(<-done)
	// Output:
	// hello
	// <nil>
}
