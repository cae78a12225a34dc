package main

import (
	"context"
	stdnet "net"
	"net/netip"

	"github.com/netdev-go/netdev/net"
	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// netdevPair is two stacks on the ends of a cable, used through package net. Both
// have the configuration of a host; the MTU is 1500 and every checksum is computed
// and verified.
type netdevPair struct {
	client, server *stack.Stack
	devices        [2]*ether.Device
}

func newNetdevPair(offload bool) (Pair, error) {
	// A queue as long as those of Linux: a burst of all that ten thousand
	// connections have to say is not to be lost in it.
	// Frames are handed over in the sender's call, several at once, as gVisor's pipe
	// does.
	end := ether.Config{Queue: 1024, Direct: true, Batch: 32, Offload: offload}
	a, b, err := ether.Cable(end, end)
	if err != nil {
		return nil, err
	}
	p := &netdevPair{devices: [2]*ether.Device{a, b}}
	for i, s := range []**stack.Stack{&p.client, &p.server} {
		*s, err = stack.New(p.devices[i], stack.Config{
			Address: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), 24),
		})
		if err == nil {
			err = (*s).NetConnect(nil)
		}
		if err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

func (p *netdevPair) Listen() (stdnet.Listener, error) {
	lc := net.ListenConfig{Device: p.server}
	return lc.Listen(context.Background(), "tcp", "10.0.0.2:0")
}

func (p *netdevPair) Dial(to stdnet.Addr) (stdnet.Conn, error) {
	d := net.Dialer{Device: p.client}
	return d.Dial("tcp", to.String())
}

func (p *netdevPair) ListenUDP() (stdnet.Conn, stdnet.Addr, error) {
	lc := net.ListenConfig{Device: p.server}
	c, err := lc.ListenPacket(context.Background(), "udp", "10.0.0.2:0")
	if err != nil {
		return nil, nil, err
	}
	return c.(*net.UDPConn), c.LocalAddr(), nil
}

func (p *netdevPair) DialUDP(to stdnet.Addr) (stdnet.Conn, error) {
	d := net.Dialer{Device: p.client}
	return d.Dial("udp", to.String())
}

func (p *netdevPair) Close() {
	for _, s := range []*stack.Stack{p.client, p.server} {
		if s != nil {
			s.Stop()
		}
	}
	for _, d := range p.devices {
		d.Close()
	}
}
