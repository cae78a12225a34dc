package main

import (
	"io"
	"net"
	"time"
)

const (
	roundTrips   = "round trips"
	cpuEach      = "CPU each"
	perRoundTrip = "allocations"
)

func init() {
	Register(Workload{
		ID: "W2", Title: "64 bytes there and back, one after the other",
		Subjects: peers,
		Figures: []Figure{
			{Name: roundTrips, Unit: "/s"},
			{Name: cpuEach, Unit: "µs", Lower: true},
			{Name: perRoundTrip, Unit: "/round trip", Lower: true, Plain: true},
		},
		Run: func(subject string, o Options) (Result, error) {
			p, err := NewPair(subject, 1)
			if err != nil {
				return Result{}, err
			}
			defer p.Close()
			u, n, err := pingPong(p, o)
			return u.result(map[string]float64{
				roundTrips:   n / u.Wall.Seconds(),
				cpuEach:      micros(u.CPU) / n,
				perRoundTrip: float64(u.Mallocs) / n,
			}), err
		},
		Targets: []Target{
			{Text: "at least 4 times gVisor's round trips", Figure: roundTrips, Subject: Netdev, Than: GVisor, AtLeast: 4},
			{Text: "not below the kernel's loopback", Figure: roundTrips, Subject: Netdev, Than: Kernel, AtLeast: 1},
		},
	})
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// pingPong sends 64 bytes there and back for a while, and returns how often.
func pingPong(p Pair, o Options) (u Usage, n float64, err error) {
	client, server, err := connect(p)
	if err != nil {
		return u, 0, err
	}
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		echo(server, make([]byte, 64))
	}()
	defer func() {
		client.Close()
		<-echoed
		server.Close()
	}()
	buf := make([]byte, 64)
	round := func() error { return roundTrip(client, buf) }
	if _, err := repeat(o.Size.WarmUp(), round); err != nil {
		return u, 0, err
	}
	m := o.Begin("")
	times, err := repeat(o.Size.Length(), round)
	return m.End(), float64(times), err
}

// repeat calls f for a while, some times at least. It looks at the clock now and then
// only.
func repeat(length time.Duration, f func() error) (n int, err error) {
	for end := time.Now().Add(length); n == 0 || time.Now().Before(end); {
		for range 16 {
			if err := f(); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

func roundTrip(c net.Conn, buf []byte) error {
	if _, err := c.Write(buf); err != nil {
		return err
	}
	_, err := io.ReadFull(c, buf)
	return err
}

// echo sends back what comes, until nothing more does.
func echo(c net.Conn, buf []byte) {
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
	}
}
