package netdev

import (
	"net/netip"
	"sync/atomic"
	"time"
)

type holder struct{ dev Netdever }

var current atomic.Pointer[holder]

// Current returns the netdev that UseNetdev set. Until then it is one whose
// every call returns [ErrNetdevNotSet]; it is never nil.
func Current() Netdever {
	if h := current.Load(); h != nil {
		return h.dev
	}
	return notSet{}
}

// UseNetdev makes dev the netdev that package net uses from now on, and on a
// board TinyGo's net too. Sockets that are open stay on their device. A nil dev
// takes the netdev away again.
func UseNetdev(dev Netdever) {
	if dev == nil {
		dev = notSet{}
	}
	current.Store(&holder{dev})
	bindNet(dev)
}

type notSet struct{}

var _ Netdever = notSet{}

func (notSet) GetHostByName(string) (netip.Addr, error) { return netip.Addr{}, ErrNetdevNotSet }
func (notSet) Addr() (netip.Addr, error)                { return netip.Addr{}, ErrNetdevNotSet }
func (notSet) Socket(int, int, int) (int, error)        { return -1, ErrNetdevNotSet }
func (notSet) Bind(int, netip.AddrPort) error           { return ErrNetdevNotSet }
func (notSet) Connect(int, string, netip.AddrPort) error {
	return ErrNetdevNotSet
}
func (notSet) Listen(int, int) error { return ErrNetdevNotSet }
func (notSet) Accept(int) (int, netip.AddrPort, error) {
	return -1, netip.AddrPort{}, ErrNetdevNotSet
}
func (notSet) Send(int, []byte, int, time.Time) (int, error) { return 0, ErrNetdevNotSet }
func (notSet) Recv(int, []byte, int, time.Time) (int, error) { return 0, ErrNetdevNotSet }
func (notSet) Close(int) error                               { return ErrNetdevNotSet }
func (notSet) SetSockOpt(int, int, int, interface{}) error   { return ErrNetdevNotSet }
