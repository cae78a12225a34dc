package netdev_test

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

// fakeDevice is a Netdever whose address tells it apart from others.
type fakeDevice struct{ addr netip.Addr }

var _ netdev.Netdever = fakeDevice{}

func newFake(addr string) fakeDevice { return fakeDevice{netip.MustParseAddr(addr)} }

func (d fakeDevice) GetHostByName(string) (netip.Addr, error)            { return d.addr, nil }
func (d fakeDevice) Addr() (netip.Addr, error)                           { return d.addr, nil }
func (fakeDevice) Socket(int, int, int) (int, error)                     { return 3, nil }
func (fakeDevice) Bind(int, netip.AddrPort) error                        { return nil }
func (fakeDevice) Connect(int, string, netip.AddrPort) error             { return nil }
func (fakeDevice) Listen(int, int) error                                 { return nil }
func (fakeDevice) Accept(int) (int, netip.AddrPort, error)               { return 4, netip.AddrPort{}, nil }
func (fakeDevice) Send(_ int, b []byte, _ int, _ time.Time) (int, error) { return len(b), nil }
func (fakeDevice) Recv(int, []byte, int, time.Time) (int, error)         { return 0, nil }
func (fakeDevice) Close(int) error                                       { return nil }
func (fakeDevice) SetSockOpt(int, int, int, interface{}) error           { return nil }
