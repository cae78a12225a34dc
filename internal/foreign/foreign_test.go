package foreign_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/foreign"
)

func TestErrorFindsTheSentinelOfTheSameText(t *testing.T) {
	for _, ours := range []error{
		netdev.ErrHostUnknown, netdev.ErrMalAddr, netdev.ErrFamilyNotSupported, netdev.ErrProtocolNotSupported,
		netdev.ErrStartingDHCPClient, netdev.ErrStartingDHCPServer, netdev.ErrNoMoreSockets,
		netdev.ErrClosingSocket, netdev.ErrNotSupported, netdev.ErrInvalidSocketFd, netdev.ErrTimeout,
	} {
		for _, err := range []error{ours, errors.New(ours.Error())} {
			if got := foreign.Error(err); got != ours {
				t.Errorf("Error(%q) is another error", err)
			}
		}
	}
}

func TestErrorLeavesWhatItDoesNotKnow(t *testing.T) {
	for _, err := range []error{
		nil, io.EOF, net.ErrClosed, syscall.ECONNREFUSED, netdev.ErrConnReset, netdev.ErrWouldBlock,
		errors.New("chip fault 7"), fmt.Errorf("chip: %w", netdev.ErrTimeout),
	} {
		if got := foreign.Error(err); got != err {
			t.Errorf("Error(%v) = %v", err, got)
		}
	}
}

// scripted returns n and err from every call.
type scripted struct {
	n   int
	err error
}

func (d scripted) GetHostByName(string) (netip.Addr, error)      { return netip.IPv6Loopback(), d.err }
func (d scripted) Addr() (netip.Addr, error)                     { return netip.IPv6Loopback(), d.err }
func (d scripted) Socket(int, int, int) (int, error)             { return d.n, d.err }
func (d scripted) Bind(int, netip.AddrPort) error                { return d.err }
func (d scripted) Connect(int, string, netip.AddrPort) error     { return d.err }
func (d scripted) Listen(int, int) error                         { return d.err }
func (d scripted) Accept(int) (int, netip.AddrPort, error)       { return d.n, netip.AddrPort{}, d.err }
func (d scripted) Send(int, []byte, int, time.Time) (int, error) { return d.n, d.err }
func (d scripted) Recv(int, []byte, int, time.Time) (int, error) { return d.n, d.err }
func (d scripted) Close(int) error                               { return d.err }
func (d scripted) SetSockOpt(int, int, int, interface{}) error   { return d.err }
func (d scripted) GetSockOpt(int, int, int) (interface{}, error) { return d.n, nil }

func TestDeviceTranslatesEveryCall(t *testing.T) {
	dev := foreign.Device(scripted{-1, errors.New("i/o timeout")})
	addr, err := dev.GetHostByName("x")
	addr2, err2 := dev.Addr()
	if addr != netip.IPv6Loopback() || addr2 != addr {
		t.Error("an address did not come through")
	}
	errs := map[string]error{
		"GetHostByName": err, "Addr": err2,
		"Bind": dev.Bind(0, netip.AddrPort{}), "Connect": dev.Connect(0, "", netip.AddrPort{}),
		"Listen": dev.Listen(0, 0), "Close": dev.Close(0), "SetSockOpt": dev.SetSockOpt(0, 0, 0, nil),
	}
	for name, call := range map[string]func() (int, error){
		"Socket": func() (int, error) { return dev.Socket(0, 0, 0) },
		"Accept": func() (int, error) { fd, _, err := dev.Accept(0); return fd, err },
		"Send":   func() (int, error) { return dev.Send(0, nil, 0, time.Time{}) },
		"Recv":   func() (int, error) { return dev.Recv(0, nil, 0, time.Time{}) },
	} {
		n, err := call()
		if n != -1 {
			t.Errorf("%s returned %d, the device -1", name, n)
		}
		errs[name] = err
	}
	if len(errs) != 11 {
		t.Fatalf("%d calls", len(errs))
	}
	for name, err := range errs {
		if err != netdev.ErrTimeout {
			t.Errorf("%s = %v, want our ErrTimeout", name, err)
		}
	}
}

func TestDeviceHidesNoCapability(t *testing.T) {
	dev := foreign.Device(scripted{n: 7})
	if g, ok := netdev.As[netdev.SockOptGetter](dev); !ok {
		t.Error("the capability is hidden")
	} else if v, _ := g.GetSockOpt(0, 0, 0); v != 7 {
		t.Errorf("GetSockOpt = %v", v)
	}
	if _, ok := netdev.As[netdev.Poller](dev); ok {
		t.Error("a capability was added")
	}
	if foreign.Device(dev) != dev {
		t.Error("a device is wrapped twice")
	}
	var polling netdev.Netdever = struct {
		netdev.Netdever
		netdev.Poller
	}{Netdever: scripted{}}
	if foreign.Device(polling) != polling {
		t.Error("a device that polls is wrapped")
	}
}
