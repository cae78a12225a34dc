package main

import (
	"net"
	"net/netip"

	"github.com/netdev-go/netdev/sim/ether"
	"github.com/netdev-go/netdev/stack"
)

// lossOnNetdev does a transfer in real time as a program does it: through package net,
// between two stacks on a cable.
func lossOnNetdev(r lossRun, algorithm string) (moved, error) {
	left, right, err := lossCable(r)
	if err != nil {
		return moved{}, err
	}
	p := &netdevPair{devices: [2]*ether.Device{left, right}}
	defer p.Close()
	for i, s := range []**stack.Stack{&p.client, &p.server} {
		*s, err = stack.New(p.devices[i], stack.Config{
			Address:    netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(1 + i)}), 24),
			Congestion: lossAlgorithms[algorithm],
		})
		if err == nil {
			err = (*s).NetConnect(nil)
		}
		if err != nil {
			return moved{}, err
		}
	}
	return lossOverConn(r, func() (client, server net.Conn, err error) { return connect(p) })
}
