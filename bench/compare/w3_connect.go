package main

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/netdev-go/netdev/stack"
)

func init() {
	Register(Workload{
		ID: "W3", Title: "connect, a byte each way, close, one after the other",
		Note:     fmt.Sprintf("The client closes first. Of its ends in TIME-WAIT netdev keeps the newest %d.", stack.Host().TimeWait),
		Subjects: peers,
		Figures: []Figure{
			{Name: "connections", Unit: "/s"},
			{Name: cpuEach, Unit: "µs", Lower: true},
			{Name: "allocations", Unit: "/connection", Lower: true},
		},
		Run: runConnections,
		Targets: []Target{
			{Text: "at least 5 times gVisor's connections", Figure: "connections", Subject: Netdev, Than: GVisor, AtLeast: 5},
		},
	})
}

func runConnections(subject string, o Options) (Result, error) {
	p, err := NewPair(subject, 1)
	if err != nil {
		return Result{}, err
	}
	defer p.Close()
	l, err := p.Listen()
	if err != nil {
		return Result{}, err
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		serveBytes(l)
	}()
	once := func() error { return askByte(p, l.Addr()) }
	if _, err := repeat(o.Size.WarmUp(), once); err != nil {
		return Result{}, err
	}
	m := o.Begin("")
	times, err := repeat(o.Size.Length(), once)
	u, n := m.End(), float64(times)
	stopListening(l)
	<-served
	return u.result(map[string]float64{
		"connections": n / u.Wall.Seconds(),
		cpuEach:       micros(u.CPU) / n,
		"allocations": float64(u.Mallocs) / n,
	}), err
}

// serveBytes answers each connection's byte, and closes after the client has.
func serveBytes(l net.Listener) {
	buf := make([]byte, 1)
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if _, err := io.ReadFull(c, buf); err == nil {
			c.Write(buf)
			c.Read(buf)
		}
		c.Close()
	}
}

func askByte(p Pair, to net.Addr) error {
	c, err := p.Dial(to)
	if err != nil {
		return err
	}
	buf := []byte{1}
	return errors.Join(roundTrip(c, buf), c.Close())
}

// stopListening closes l. That of gVisor's adapter leaves Accept waiting.
func stopListening(l net.Listener) {
	if l, ok := l.(interface{ Shutdown() }); ok {
		l.Shutdown()
	}
	l.Close()
}
