package main

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// A Pair is two hosts that reach each other, a client and a server, used through
// package net or what has its shape. Addresses are those of the server's host.
type Pair interface {
	Listen() (net.Listener, error)
	Dial(to net.Addr) (net.Conn, error)
	ListenUDP() (net.Conn, net.Addr, error) // Read takes from whoever sends
	DialUDP(to net.Addr) (net.Conn, error)
	Close()
}

// The subjects that are pairs.
const (
	Netdev    = "netdev"
	NetdevLSO = "netdev-lso"
	GVisor    = "gvisor"
	GVisorGSO = "gvisor-gso"
	Kernel    = "kernel"
)

var peers = []string{Netdev, GVisor, Kernel}

// NewPair returns the hosts of a subject. conns is how many connections there are
// going to be.
func NewPair(subject string, conns int) (Pair, error) {
	switch subject {
	case Netdev:
		return newNetdevPair(false)
	case NetdevLSO:
		return newNetdevPair(true)
	case GVisor:
		return newGVisorPair(false)
	case GVisorGSO:
		return newGVisorPair(true)
	case Kernel:
		return newKernelPair(conns)
	}
	return nil, fmt.Errorf("there are no hosts %q", subject)
}

// connect returns the two ends of a new connection of p.
func connect(p Pair) (client, server net.Conn, err error) {
	l, err := p.Listen()
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	return connectTo(p, l)
}

func connectTo(p Pair, l net.Listener) (client, server net.Conn, err error) {
	type accepted struct {
		conn net.Conn
		err  error
	}
	got := make(chan accepted, 1)
	go func() {
		c, err := l.Accept()
		got <- accepted{c, err}
	}()
	client, err = p.Dial(l.Addr())
	if err != nil {
		return nil, nil, err
	}
	a := <-got
	if a.err != nil {
		client.Close()
	}
	return client, a.conn, a.err
}

// interrupt ends what waits for a connection.
func interrupt(conns ...net.Conn) {
	for _, c := range conns {
		c.SetDeadline(time.Unix(1, 0))
	}
}

func isTimeout(err error) bool {
	var t net.Error
	return errors.As(err, &t) && t.Timeout()
}
