package compat_test

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/net"
	tiny "tinygo.org/x/drivers/netdev"
)

// slowDriver is a driver of TinyGo whose peer answers after a while. Like those
// of tinygo.org/x/drivers it returns -1 beside an error.
type slowDriver struct {
	tinyDriver
	answer <-chan []byte
}

func (d *slowDriver) GetHostByName(name string) (netip.Addr, error) {
	if name != "board.example" {
		return netip.Addr{}, tiny.ErrHostUnknown
	}
	return netip.MustParseAddr("192.0.2.9"), nil
}

func (d *slowDriver) Socket(domain int, stype int, protocol int) (int, error) {
	if domain != tiny.AF_INET {
		return -1, tiny.ErrFamilyNotSupported
	}
	return 1, nil
}

func (d *slowDriver) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	var passed <-chan time.Time
	if !deadline.IsZero() {
		passed = time.After(time.Until(deadline))
	}
	select {
	case b, ok := <-d.answer:
		if !ok {
			return 0, io.EOF
		}
		return copy(buf, b), nil
	case <-passed:
		return -1, tiny.ErrTimeout
	}
}

func TestNetRunsOnADriverOfTinyGo(t *testing.T) {
	answer := make(chan []byte)
	netdev.UseNetdev(&slowDriver{answer: answer})
	defer netdev.UseNetdev(nil)

	c, err := net.Dial("tcp4", "board.example:80")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if n, err := c.Write([]byte("hello")); n != 5 || err != nil {
		t.Errorf("Write = %d, %v", n, err)
	}

	// Longer than any slice that package net cuts a wait into.
	timer := time.AfterFunc(300*time.Millisecond, func() { answer <- []byte("late") })
	defer timer.Stop()
	buf := make([]byte, 16)
	if n, err := c.Read(buf); string(buf[:n]) != "late" || err != nil {
		t.Errorf("Read = %q, %v, want what came late", buf[:n], err)
	}

	c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := c.Read(buf); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read past its deadline = %d, %v, want os.ErrDeadlineExceeded", n, err)
	}

	c.SetReadDeadline(time.Time{})
	close(answer)
	if n, err := c.Read(buf); n != 0 || err != io.EOF {
		t.Errorf("Read at the end = %d, %v, want EOF", n, err)
	}
}

func TestANameThatATinyGoDriverDoesNotKnowIsNotFound(t *testing.T) {
	netdev.UseNetdev(&slowDriver{})
	defer netdev.UseNetdev(nil)
	_, err := net.LookupHost("nowhere.example")
	var dns *net.DNSError
	if !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("LookupHost = %v, want a DNSError that is not found", err)
	}
}
