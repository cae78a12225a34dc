package main

import (
	"net"
	"runtime"
	"sync"
	"sync/atomic"
)

const (
	echoTime1k, echoTime10k = "1,000: time", "10,000: time"
	echoCPU1k, echoCPU10k   = "1,000: CPU", "10,000: CPU"
	growth                  = "10,000 to 1,000: CPU"
)

func init() {
	Register(Workload{
		ID: "W5", Title: "many connections, each echoing 1 KiB, all at once",
		Subjects: peers,
		Figures: []Figure{
			{Name: echoTime10k, Unit: "µs/echo", Lower: true},
			{Name: echoCPU10k, Unit: "µs/echo", Lower: true},
			{Name: echoTime1k, Unit: "µs/echo", Lower: true},
			{Name: echoCPU1k, Unit: "µs/echo", Lower: true},
			{Name: growth, Unit: "times, an echo", Lower: true, Plain: true},
		},
		Run: runMany,
		Targets: []Target{
			{Text: "no more than half gVisor's time at 10,000", Figure: echoTime10k, Subject: Netdev, Than: GVisor, AtLeast: 2},
			{Text: "linear: an echo costs at most a quarter more at 10,000", Figure: growth, Subject: Netdev, AtMost: 1.25},
		},
	})
}

func runMany(subject string, o Options) (Result, error) {
	total, note := Usage{}, ""
	values := map[string]float64{}
	for _, part := range []struct {
		conns, rounds   int
		name, time, cpu string
	}{
		{o.Size.Of(10, 1000, 1000), o.Size.Of(2, 20, 100), "1000", echoTime1k, echoCPU1k},
		{o.Size.Of(100, 10000, 10000), o.Size.Of(2, 2, 10), "10000", echoTime10k, echoCPU10k},
	} {
		part.conns, note = almost(subject, part.conns)
		u, err := echoes(subject, o, part.name, part.conns, part.rounds)
		if isSkipped(err) && len(values) > 0 {
			r := total.result(values)
			r.Note = err.Error()
			return r, nil
		} else if err != nil {
			return Result{}, err
		}
		n := float64(part.conns * part.rounds)
		values[part.time], values[part.cpu] = micros(u.Wall)/n, micros(u.CPU)/n
		total.Wall += u.Wall
		total.CPU += u.CPU
	}
	values[growth] = values[echoCPU10k] / values[echoCPU1k]
	r := total.result(values)
	r.Note = note
	return r, nil
}

// echoes measures rounds in each of which every connection echoes once.
func echoes(subject string, o Options, part string, conns, rounds int) (u Usage, err error) {
	p, err := NewPair(subject, conns)
	if err != nil {
		return u, err
	}
	defer p.Close()
	l, err := p.Listen()
	if err != nil {
		return u, err
	}
	defer stopListening(l)
	var servers, clients sync.WaitGroup
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
		servers.Wait()
	}()
	const size = 1 << 10
	starts := make([]chan struct{}, conns)
	var left atomic.Int32
	var wrong atomic.Pointer[error]
	over := make(chan struct{}, 1)
	for i := range conns {
		client, server, err := connectTo(p, l)
		if err != nil {
			return u, err
		}
		open = append(open, client)
		servers.Go(func() {
			echo(server, make([]byte, size))
			server.Close()
		})
		start := make(chan struct{}, 1)
		starts[i] = start
		clients.Go(func() {
			buf := make([]byte, size)
			for range start {
				if err := roundTrip(client, buf); err != nil {
					wrong.CompareAndSwap(nil, &err)
				}
				if left.Add(-1) == 0 {
					over <- struct{}{}
				}
			}
		})
	}
	defer clients.Wait()
	defer func() {
		for _, s := range starts {
			if s != nil {
				close(s)
			}
		}
	}()
	round := func() {
		left.Store(int32(conns))
		for _, s := range starts {
			s <- struct{}{}
		}
		<-over
	}
	round()
	runtime.GC()
	m := o.Begin(part)
	for range rounds {
		round()
	}
	u = m.End()
	if e := wrong.Load(); e != nil {
		return u, *e
	}
	return u, nil
}
