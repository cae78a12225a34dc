package main

import (
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

const (
	floodRate = "flood, received"
	floodLoss = "flood, lost"
	floodCPU  = "flood, CPU"
	stepRate  = "in step"
	stepCPU   = "in step, CPU"
	stepAlloc = "in step, allocations"
)

func init() {
	for _, size := range []int{64, 1400} {
		Register(Workload{
			ID: fmt.Sprintf("W7-%d", size), Title: fmt.Sprintf("UDP datagrams of %d bytes", size),
			Note:     "A flood is sent as fast as it goes in; in step, each is received before the next one is sent.",
			Subjects: peers,
			Figures: []Figure{
				{Name: floodRate, Unit: "/s"},
				{Name: floodLoss, Unit: "%", Lower: true, Plain: true},
				{Name: floodCPU, Unit: "µs/received", Lower: true},
				{Name: stepRate, Unit: "/s"},
				{Name: stepCPU, Unit: "µs", Lower: true},
				{Name: stepAlloc, Unit: "/datagram", Lower: true, Plain: true},
			},
			Run: func(subject string, o Options) (Result, error) { return runUDP(subject, o, size) },
		})
	}
}

func runUDP(subject string, o Options, size int) (Result, error) {
	p, err := NewPair(subject, 1)
	if err != nil {
		return Result{}, err
	}
	defer p.Close()
	server, addr, err := p.ListenUDP()
	if err != nil {
		return Result{}, err
	}
	defer server.Close()
	client, err := p.DialUDP(addr)
	if err != nil {
		return Result{}, err
	}
	defer client.Close()
	out, in := make([]byte, size), make([]byte, size)
	step := func() error {
		if _, err := client.Write(out); err != nil {
			return err
		}
		_, err := server.Read(in)
		return err
	}
	if _, err := repeat(o.Size.WarmUp(), step); err != nil {
		return Result{}, err
	}
	m := o.Begin("step")
	times, err := repeat(o.Size.Length(), step)
	stepped, n := m.End(), float64(times)
	if err != nil {
		return Result{}, err
	}
	f := flood(o, client, server, out, in)
	return Result{Wall: stepped.Wall + f.Wall, CPU: stepped.CPU + f.CPU, Values: map[string]float64{
		floodRate: f.received / f.Wall.Seconds(),
		floodLoss: 100 * (1 - f.came/f.sent),
		floodCPU:  micros(f.CPU) / f.received,
		stepRate:  n / stepped.Wall.Seconds(),
		stepCPU:   micros(stepped.CPU) / n,
		stepAlloc: float64(stepped.Mallocs) / n,
	}}, nil
}

type flooded struct {
	Usage
	received   float64 // meanwhile
	sent, came float64 // in all, until nothing was under way any more
}

// flood sends for a while without waiting for anything. A send that fails, because
// there is no room, sends nothing.
func flood(o Options, client, server net.Conn, out, in []byte) (f flooded) {
	var came atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			if _, err := server.Read(in); err != nil {
				return
			}
			came.Add(1)
		}
	}()
	// On a busy machine the receiver may have to wait for a processor.
	send := func(length time.Duration) {
		before, began := came.Load(), time.Now()
		for d := time.Duration(0); d < length || came.Load() == before && d < length+time.Second; d = time.Since(began) {
			for range 16 {
				if _, err := client.Write(out); err == nil {
					f.sent++
				}
			}
		}
	}
	send(o.Size.WarmUp())
	before := came.Load()
	m := o.Begin("flood")
	send(o.Size.Length())
	f.Usage, f.received = m.End(), float64(came.Load()-before)
	for last := int64(-1); last != came.Load(); {
		last = came.Load()
		time.Sleep(20 * time.Millisecond)
	}
	interrupt(server)
	<-done
	f.came = float64(came.Load())
	return f
}
