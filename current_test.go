package netdev_test

import (
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netdev-go/netdev"
)

// calls are the eleven methods, each with the number beside its error.
var calls = map[string]func(netdev.Netdever) (int, error){
	"GetHostByName": func(d netdev.Netdever) (int, error) { _, err := d.GetHostByName("localhost"); return 0, err },
	"Addr":          func(d netdev.Netdever) (int, error) { _, err := d.Addr(); return 0, err },
	"Socket":        func(d netdev.Netdever) (int, error) { return d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, 0) },
	"Bind":          func(d netdev.Netdever) (int, error) { return 0, d.Bind(0, netip.AddrPort{}) },
	"Connect":       func(d netdev.Netdever) (int, error) { return 0, d.Connect(0, "", netip.AddrPort{}) },
	"Listen":        func(d netdev.Netdever) (int, error) { return 0, d.Listen(0, 1) },
	"Accept":        func(d netdev.Netdever) (int, error) { fd, _, err := d.Accept(0); return fd, err },
	"Send":          func(d netdev.Netdever) (int, error) { return d.Send(0, []byte("x"), 0, time.Time{}) },
	"Recv":          func(d netdev.Netdever) (int, error) { return d.Recv(0, make([]byte, 1), 0, time.Time{}) },
	"Close":         func(d netdev.Netdever) (int, error) { return 0, d.Close(0) },
	"SetSockOpt":    func(d netdev.Netdever) (int, error) { return 0, d.SetSockOpt(0, netdev.SOL_SOCKET, 0, 0) },
}

func expectNotSet(t *testing.T, d netdev.Netdever) {
	t.Helper()
	for name, call := range calls {
		n, err := call(d)
		if err != netdev.ErrNetdevNotSet {
			t.Errorf("%s = %v, want ErrNetdevNotSet", name, err)
		}
		want := 0
		if name == "Socket" || name == "Accept" {
			want = -1
		}
		if n != want {
			t.Errorf("%s returned %d beside its error, want %d", name, n, want)
		}
	}
}

// reset takes away what a test set. Tests that use it do not run in parallel.
func reset(t *testing.T) { t.Cleanup(func() { netdev.UseNetdev(nil) }) }

func TestTheContractIsElevenMethods(t *testing.T) {
	typ := reflect.TypeFor[netdev.Netdever]()
	if typ.NumMethod() != 11 || len(calls) != 11 {
		t.Fatalf("Netdever has %d methods, %d are tested here, want 11", typ.NumMethod(), len(calls))
	}
	for name := range calls {
		if _, ok := typ.MethodByName(name); !ok {
			t.Errorf("no method %s", name)
		}
	}
}

func TestEveryCallSaysNotSetUntilUseNetdev(t *testing.T) {
	reset(t)
	expectNotSet(t, netdev.Current())
	for _, hint := range []string{"netdev.UseNetdev", "probe.Probe", "netdev run"} {
		if text := netdev.ErrNetdevNotSet.Error(); !strings.Contains(text, hint) {
			t.Errorf("%q does not say what to do: no %q", text, hint)
		}
	}

	netdev.UseNetdev(newFake("192.0.2.1"))
	if netdev.Current() != newFake("192.0.2.1") {
		t.Errorf("Current() = %v", netdev.Current())
	}
	netdev.UseNetdev(newFake("192.0.2.2"))
	if netdev.Current() != newFake("192.0.2.2") {
		t.Errorf("Current() = %v after a second UseNetdev", netdev.Current())
	}

	netdev.UseNetdev(nil)
	if netdev.Current() == nil {
		t.Fatal("Current() = nil")
	}
	expectNotSet(t, netdev.Current())
}

func TestNoDeviceHasNoCapability(t *testing.T) {
	if _, ok := netdev.As[netdev.Poller](netdev.Current()); ok {
		t.Error("what stands for no device has a capability")
	}
}

func TestUseNetdevAndCurrentAreConcurrent(t *testing.T) {
	reset(t)
	netdev.UseNetdev(newFake("192.0.2.1"))
	devices := []netdev.Netdever{newFake("192.0.2.1"), newFake("192.0.2.2"), &fakeDevice{netip.MustParseAddr("192.0.2.3")}}
	var wg sync.WaitGroup
	for _, d := range devices {
		wg.Go(func() {
			for range 1000 {
				netdev.UseNetdev(d)
			}
		})
		wg.Go(func() {
			for range 1000 {
				if addr, err := netdev.Current().Addr(); err != nil || !addr.IsValid() {
					t.Errorf("Addr() = %v, %v", addr, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
