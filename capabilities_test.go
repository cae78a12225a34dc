package netdev_test

import (
	"testing"

	"github.com/netdev-go/netdev"
)

type shutdowner struct{ fakeDevice }

func (shutdowner) Shutdown(int, int) error { return nil }

// wrapper looks through; opaque is the same without Unwrap.
type wrapper struct {
	netdev.Netdever
	behind netdev.Netdever
}

func (w wrapper) Unwrap() netdev.Netdever { return w.behind }

type opaque struct{ netdev.Netdever }

func TestAs(t *testing.T) {
	plain, able := newFake("192.0.2.1"), shutdowner{newFake("192.0.2.2")}
	nilDevice := (*shutdowner)(nil)
	for name, c := range map[string]struct {
		dev  netdev.Netdever
		want netdev.Shutdowner
	}{
		"nil":                    {nil, nil},
		"the device has it":      {able, able},
		"the device has not":     {plain, nil},
		"behind a wrapper":       {wrapper{plain, able}, able},
		"behind two wrappers":    {wrapper{plain, wrapper{plain, able}}, able},
		"behind what is opaque":  {opaque{able}, nil},
		"behind nothing":         {wrapper{plain, nil}, nil},
		"behind a wrapper not":   {wrapper{able, plain}, nil},
		"a typed nil is its own": {nilDevice, nilDevice},
	} {
		got, ok := netdev.As[netdev.Shutdowner](c.dev)
		if ok != (c.want != nil) || got != c.want {
			t.Errorf("%s: As = %v, %v, want %v", name, got, ok, c.want)
		}
	}
}

// A wrapper that has the capability itself stands before what it wraps.
func TestAsPrefersTheOuterDevice(t *testing.T) {
	outer := struct {
		netdev.Netdever
		netdev.Shutdowner
		unwrapper
	}{newFake("192.0.2.1"), shutdowner{newFake("192.0.2.9")}, unwrapper{shutdowner{newFake("192.0.2.2")}}}
	got, ok := netdev.As[netdev.Shutdowner](outer)
	if !ok || got != netdev.Shutdowner(outer) {
		t.Errorf("As = %v, %v, want the outer device", got, ok)
	}
}

type unwrapper struct{ behind netdev.Netdever }

func (u unwrapper) Unwrap() netdev.Netdever { return u.behind }
