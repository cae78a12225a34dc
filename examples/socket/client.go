package main

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

const patience = 10 * time.Second

func client(dev netdev.Netdever) error {
	host, port, err := net.SplitHostPort(dial)
	if err != nil {
		return err
	}
	ip, err := dev.GetHostByName(host)
	if err != nil {
		return fmt.Errorf("%s: %w", host, err)
	}
	peer, err := netip.ParseAddrPort(net.JoinHostPort(ip.String(), port))
	if err != nil {
		return err
	}

	fd, err := stream(dev, ip)
	if err != nil {
		return err
	}
	defer dev.Close(fd)
	if err := dev.Connect(fd, "", peer); err != nil {
		return fmt.Errorf("connect to %v: %w", peer, err)
	}
	if _, err := dev.Send(fd, []byte("hello, socket\n"), 0, after(patience)); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	answer, err := line(dev, fd)
	if err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	fmt.Printf("%v answers %q\n", peer, answer)
	return nil
}

// line receives until a line is complete: a stream keeps no bounds, so that
// one may come in pieces.
func line(dev netdev.Netdever, fd int) ([]byte, error) {
	var line []byte
	buf := make([]byte, 64)
	for !bytes.Contains(line, []byte("\n")) {
		n, err := dev.Recv(fd, buf, 0, after(patience))
		if err != nil {
			return line, err
		}
		line = append(line, buf[:n]...)
	}
	return line, nil
}
