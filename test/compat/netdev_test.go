package compat_test

import (
	"errors"
	"net"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/host"
	tiny "tinygo.org/x/drivers/netdev"
)

// Assignable both ways without a conversion: the method sets are one.
var (
	_ tiny.Netdever   = netdev.Netdever(nil)
	_ netdev.Netdever = tiny.Netdever(nil)

	_ tiny.Netdever   = (*host.Device)(nil)
	_ netdev.Netdever = (*tinyDriver)(nil)
)

// tinyDriver is written as drivers of tinygo.org/x/drivers are: it knows only
// that module's package.
type tinyDriver struct{ sockets int }

func (d *tinyDriver) GetHostByName(name string) (netip.Addr, error) {
	return netip.Addr{}, tiny.ErrHostUnknown
}
func (d *tinyDriver) Addr() (netip.Addr, error) { return netip.MustParseAddr("192.0.2.7"), nil }
func (d *tinyDriver) Socket(domain int, stype int, protocol int) (int, error) {
	if domain != tiny.AF_INET || stype != tiny.SOCK_STREAM || protocol != tiny.IPPROTO_TLS {
		return -1, tiny.ErrProtocolNotSupported
	}
	d.sockets++
	return d.sockets, nil
}
func (d *tinyDriver) Bind(sockfd int, ip netip.AddrPort) error                 { return nil }
func (d *tinyDriver) Connect(sockfd int, host string, ip netip.AddrPort) error { return nil }
func (d *tinyDriver) Listen(sockfd int, backlog int) error                     { return nil }
func (d *tinyDriver) Accept(sockfd int) (int, netip.AddrPort, error) {
	return -1, netip.AddrPort{}, tiny.ErrNotSupported
}
func (d *tinyDriver) Send(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	return len(buf), nil
}
func (d *tinyDriver) Recv(sockfd int, buf []byte, flags int, deadline time.Time) (int, error) {
	return -1, tiny.ErrTimeout
}
func (d *tinyDriver) Close(sockfd int) error { return nil }
func (d *tinyDriver) SetSockOpt(sockfd int, level int, opt int, value interface{}) error {
	return tiny.ErrNotSupported
}

func TestTheTwoNetdeverHaveTheSameMethods(t *testing.T) {
	ours, theirs := reflect.TypeFor[netdev.Netdever](), reflect.TypeFor[tiny.Netdever]()
	if ours.NumMethod() != theirs.NumMethod() {
		t.Fatalf("%d methods here, %d there", ours.NumMethod(), theirs.NumMethod())
	}
	for i := range ours.NumMethod() {
		if a, b := ours.Method(i), theirs.Method(i); a.Name != b.Name || a.Type != b.Type {
			t.Errorf("%s %v here, %s %v there", a.Name, a.Type, b.Name, b.Type)
		}
	}
}

func TestADriverOfTinyGoIsUsedAsItIs(t *testing.T) {
	netdev.UseNetdev(&tinyDriver{})
	defer netdev.UseNetdev(nil)
	dev := netdev.Current()
	if fd, err := dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TLS); fd != 1 || err != nil {
		t.Errorf("Socket = %d, %v", fd, err)
	}
	if addr, err := dev.Addr(); addr != netip.MustParseAddr("192.0.2.7") || err != nil {
		t.Errorf("Addr = %v, %v", addr, err)
	}
	if _, ok := netdev.As[netdev.Poller](dev); ok {
		t.Error("a driver of TinyGo has a capability that it has not")
	}
}

func TestADeviceOfOursIsUsedAsTinyGosDriver(t *testing.T) {
	var dev tiny.Netdever = host.New()
	fd, err := dev.Socket(tiny.AF_INET, tiny.SOCK_STREAM, tiny.IPPROTO_TCP)
	if err != nil {
		t.Fatal(err)
	}
	if err := dev.SetSockOpt(fd, tiny.SOL_SOCKET, tiny.SO_KEEPALIVE, true); err != nil {
		t.Errorf("keep-alive: %v", err)
	}
	// A float64 of half seconds, as TinyGo's net says it.
	if err := dev.SetSockOpt(fd, tiny.SOL_TCP, tiny.TCP_KEEPINTVL, float64(30)); err != nil {
		t.Errorf("keep-alive interval: %v", err)
	}
	if err := dev.Close(fd); err != nil {
		t.Error(err)
	}
}

func TestConstantsOfNetdevAreEqual(t *testing.T) {
	for name, c := range map[string][2]int{
		"AF_INET":       {netdev.AF_INET, tiny.AF_INET},
		"SOCK_STREAM":   {netdev.SOCK_STREAM, tiny.SOCK_STREAM},
		"SOCK_DGRAM":    {netdev.SOCK_DGRAM, tiny.SOCK_DGRAM},
		"SOL_SOCKET":    {netdev.SOL_SOCKET, tiny.SOL_SOCKET},
		"SO_KEEPALIVE":  {netdev.SO_KEEPALIVE, tiny.SO_KEEPALIVE},
		"SOL_TCP":       {netdev.SOL_TCP, tiny.SOL_TCP},
		"TCP_KEEPINTVL": {netdev.TCP_KEEPINTVL, tiny.TCP_KEEPINTVL},
		"IPPROTO_TCP":   {netdev.IPPROTO_TCP, tiny.IPPROTO_TCP},
		"IPPROTO_UDP":   {netdev.IPPROTO_UDP, tiny.IPPROTO_UDP},
		"IPPROTO_TLS":   {netdev.IPPROTO_TLS, tiny.IPPROTO_TLS},
		"F_SETFL":       {netdev.F_SETFL, tiny.F_SETFL},
	} {
		if c[0] != c[1] {
			t.Errorf("%s is %#x here, %#x there", name, c[0], c[1])
		}
	}
}

// These releases spell DHCP right; v0.27.0 did not.
func TestErrorTextsOfNetdevAreEqual(t *testing.T) {
	for _, c := range [][2]error{
		{netdev.ErrHostUnknown, tiny.ErrHostUnknown},
		{netdev.ErrMalAddr, tiny.ErrMalAddr},
		{netdev.ErrFamilyNotSupported, tiny.ErrFamilyNotSupported},
		{netdev.ErrProtocolNotSupported, tiny.ErrProtocolNotSupported},
		{netdev.ErrStartingDHCPClient, tiny.ErrStartingDHCPClient},
		{netdev.ErrStartingDHCPServer, tiny.ErrStartingDHCPServer},
		{netdev.ErrNoMoreSockets, tiny.ErrNoMoreSockets},
		{netdev.ErrClosingSocket, tiny.ErrClosingSocket},
		{netdev.ErrNotSupported, tiny.ErrNotSupported},
		{netdev.ErrInvalidSocketFd, tiny.ErrInvalidSocketFd},
		{netdev.ErrTimeout, tiny.ErrTimeout},
	} {
		if c[0].Error() != c[1].Error() {
			t.Errorf("%q here, %q there", c[0], c[1])
		}
	}
}

// The variables of the two packages are different ones. What a program that
// uses a driver of TinyGo can still rely on is the text, and that a timeout is
// a net.Error; package net makes the rest of it.
func TestErrorsOfATinyGoDriverAreItsOwn(t *testing.T) {
	_, err := (&tinyDriver{}).Recv(1, nil, 0, time.Time{})
	if errors.Is(err, netdev.ErrTimeout) {
		t.Error("a driver's ErrTimeout is ours: the comment above is out of date")
	}
	var ne net.Error
	if !errors.As(err, &ne) || !ne.Timeout() {
		t.Errorf("%v is no net.Error that timed out", err)
	}
}
