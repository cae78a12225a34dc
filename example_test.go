package netdev_test

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// echo is the smallest device: one stream socket that hears what it says.
type echo struct {
	open  bool
	queue []byte
}

const echoFd = 0

func (e *echo) check(fd int) error {
	if fd != echoFd || !e.open {
		return netdev.ErrInvalidSocketFd
	}
	return nil
}

func (e *echo) Socket(domain, stype, protocol int) (int, error) {
	switch {
	case domain != netdev.AF_INET:
		return -1, netdev.ErrFamilyNotSupported
	case stype != netdev.SOCK_STREAM || protocol == netdev.IPPROTO_TLS:
		return -1, netdev.ErrProtocolNotSupported
	case e.open:
		return -1, netdev.ErrNoMoreSockets
	}
	e.open = true
	return echoFd, nil
}

func (e *echo) Send(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	if err := e.check(fd); err != nil {
		return 0, err
	}
	e.queue = append(e.queue, buf...)
	return len(buf), nil
}

func (e *echo) Recv(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
	if err := e.check(fd); err != nil {
		return 0, err
	}
	if len(e.queue) == 0 {
		return 0, io.EOF
	}
	n := copy(buf, e.queue)
	e.queue = e.queue[n:]
	return n, nil
}

func (e *echo) Close(fd int) error {
	if err := e.check(fd); err != nil {
		return err
	}
	*e = echo{}
	return nil
}

func (e *echo) GetHostByName(string) (netip.Addr, error) {
	return netip.Addr{}, netdev.ErrHostUnknown
}
func (e *echo) Addr() (netip.Addr, error)                            { return netip.MustParseAddr("192.0.2.1"), nil }
func (e *echo) Bind(fd int, ip netip.AddrPort) error                 { return e.check(fd) }
func (e *echo) Connect(fd int, host string, ip netip.AddrPort) error { return e.check(fd) }
func (e *echo) Listen(fd int, backlog int) error                     { return netdev.ErrNotSupported }
func (e *echo) Accept(fd int) (int, netip.AddrPort, error) {
	return -1, netip.AddrPort{}, netdev.ErrNotSupported
}
func (e *echo) SetSockOpt(fd, level, opt int, value interface{}) error {
	return netdev.ErrNotSupported
}

func Example() {
	netdev.UseNetdev(&echo{})
	defer netdev.UseNetdev(nil)

	dev := netdev.Current()
	fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close(fd)
	if err := dev.Connect(fd, "", netip.MustParseAddrPort("192.0.2.1:7")); err != nil {
		fmt.Println(err)
		return
	}

	var none time.Time // no deadline
	dev.Send(fd, []byte("hello"), 0, none)
	buf := make([]byte, 16)
	n, err := dev.Recv(fd, buf, 0, none)
	fmt.Printf("%q %v\n", buf[:n], err)
	n, err = dev.Recv(fd, buf, 0, none)
	fmt.Printf("%q %v\n", buf[:n], err)

	_, err = dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0)
	fmt.Println(err, errors.Is(err, netdev.ErrNoMoreSockets))
	// Output:
	// "hello" <nil>
	// "" EOF
	// No more sockets true
}

// A device that can do more than the eleven methods has more methods; As finds
// them, and says so when they are not there.
func ExampleAs() {
	var dev netdev.Netdever = &echo{}
	if s, ok := netdev.As[netdev.Shutdowner](dev); ok {
		fmt.Println(s.Shutdown(echoFd, netdev.SHUT_WR))
	} else {
		fmt.Println("no half-close here:", errors.ErrUnsupported)
	}
	// Output: no half-close here: unsupported operation
}
