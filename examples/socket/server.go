package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/signal"
	"time"

	"github.com/netdev-go/netdev"
)

const idle = time.Minute

func server(dev netdev.Netdever) error {
	at, err := netip.ParseAddrPort(listen)
	if err != nil {
		return fmt.Errorf("-listen %q: %w", listen, err)
	}
	fd, err := stream(dev, at.Addr())
	if err != nil {
		return err
	}
	defer dev.Close(fd)
	// Without it the port of an earlier run is taken for a minute.
	if err := dev.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_REUSEADDR, true); err != nil {
		return err
	}
	if err := dev.Bind(fd, at); err != nil {
		return fmt.Errorf("bind to %v: %w", at, err)
	}
	if err := dev.Listen(fd, 5); err != nil {
		return fmt.Errorf("listen on %v: %w", at, err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	fmt.Println("Listening on", at)

	go func() {
		<-stop
		dev.Close(fd)
	}()

	for {
		client, from, err := dev.Accept(fd)
		switch {
		case errors.Is(err, netdev.ErrClosed), errors.Is(err, netdev.ErrInvalidSocketFd):
			return nil
		case err != nil: // out of sockets, say: there are some again when a client leaves
			fmt.Fprintln(os.Stderr, "socket:", err)
			time.Sleep(time.Second)
		default:
			go serve(dev, client, from)
		}
	}
}

func serve(dev netdev.Netdever, fd int, from netip.AddrPort) {
	defer dev.Close(fd)
	buf := make([]byte, 512)
	total := 0
	for {
		n, err := dev.Recv(fd, buf, 0, after(idle))
		if err == nil {
			n, err = dev.Send(fd, buf[:n], 0, after(idle))
			total += max(n, 0)
		}
		if err != nil {
			if !errors.Is(err, io.EOF) { // which is the client's goodbye
				fmt.Fprintf(os.Stderr, "socket: %v: %v\n", from, err)
			}
			fmt.Printf("%v: %d bytes echoed\n", from, total)
			return
		}
	}
}
