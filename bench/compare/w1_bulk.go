package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// mss is what a segment of an MTU of 1500 carries beside timestamps.
const mss = 1448

const (
	throughput = "throughput"
	cpuPerGiB  = "CPU"
	perSegment = "allocations"
)

var bulkFigures = []Figure{
	{Name: throughput, Unit: "MB/s"},
	{Name: cpuPerGiB, Unit: "s/GiB", Lower: true},
	{Name: perSegment, Unit: "/segment", Lower: true, Plain: true},
}

func init() {
	Register(Workload{
		ID: "W1", Title: "bulk over one connection, blocking calls of 64 KiB",
		Subjects: peers, Figures: bulkFigures, Run: runBulk,
		Targets: []Target{
			{Text: "at least 5 times gVisor's bytes per CPU-second", Figure: cpuPerGiB, Subject: Netdev, Than: GVisor, AtLeast: 5},
		},
	})
	Register(Workload{
		ID: "W1-lso", Title: "bulk with large-segment offload on the link",
		Subjects: []string{NetdevLSO, GVisorGSO}, Figures: bulkFigures, Run: runBulk,
		Targets: []Target{
			{Text: "at least gVisor's MB/s with its own offload", Figure: throughput, Subject: NetdevLSO, Than: GVisorGSO, AtLeast: 1},
			{Text: "at least its bytes per CPU-second", Figure: cpuPerGiB, Subject: NetdevLSO, Than: GVisorGSO, AtLeast: 1},
		},
	})
}

func runBulk(subject string, o Options) (Result, error) {
	p, err := NewPair(subject, 1)
	if err != nil {
		return Result{}, err
	}
	defer p.Close()
	u, bytes, err := bulk(p, o)
	if err != nil {
		return Result{}, err
	}
	return bulkResult(u, bytes), nil
}

func bulkResult(u Usage, bytes float64) Result {
	return u.result(map[string]float64{
		throughput: bytes / 1e6 / u.Wall.Seconds(),
		cpuPerGiB:  u.CPU.Seconds() / (bytes / (1 << 30)),
		perSegment: float64(u.Mallocs) / (bytes / mss),
	})
}

// bulk sends for a while, and returns how many bytes came out meanwhile.
func bulk(p Pair, o Options) (Usage, float64, error) {
	client, server, err := connect(p)
	if err != nil {
		return Usage{}, 0, err
	}
	defer client.Close()
	defer server.Close()
	var got atomic.Int64
	var sending, receiving error
	var both sync.WaitGroup
	both.Go(func() {
		for buf := make([]byte, 64<<10); sending == nil; {
			_, sending = client.Write(buf)
		}
	})
	both.Go(func() {
		for buf := make([]byte, 64<<10); receiving == nil; {
			var n int
			n, receiving = server.Read(buf)
			got.Add(int64(n))
		}
	})
	// A window takes some traffic to grow to what it is going to be.
	enough := int64(o.Size.Of(0, 32<<20, 64<<20))
	for began := time.Now(); ; {
		time.Sleep(o.Size.WarmUp())
		if got.Load() >= enough || time.Since(began) > time.Second {
			break
		}
	}
	before := got.Load()
	m := o.Begin("")
	for began := time.Now(); ; {
		time.Sleep(o.Size.Length())
		if got.Load() > before || time.Since(began) > time.Second {
			break // the latter on a very busy machine only
		}
	}
	u, after := m.End(), got.Load()
	interrupt(client, server)
	both.Wait()
	for _, err := range []error{sending, receiving} {
		if !isTimeout(err) {
			return u, 0, err
		}
	}
	return u, float64(after - before), nil
}
