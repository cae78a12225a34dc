package main

import (
	"net"
	"runtime"
	"time"
)

const (
	heapEach  = "heap"
	stackEach = "heap and stacks"
)

func init() {
	Register(Workload{
		ID: "W4", Title: "10,000 idle connections, both ends, and what is allocated",
		Note:     "Of the kernel only what the Go process holds is seen.",
		Subjects: peers,
		Figures: []Figure{
			{Name: heapEach, Unit: "bytes an end", Lower: true},
			{Name: stackEach, Unit: "bytes an end", Lower: true},
			{Name: "bulk", Unit: "allocations/segment", Lower: true, Plain: true},
			{Name: "ping-pong", Unit: "allocations/round trip", Lower: true, Plain: true},
		},
		Run: runMemory,
		Targets: []Target{
			{Text: "at most 1 KiB for each idle end", Figure: heapEach, Subject: Netdev, AtMost: 1024},
			{Text: "no allocation per segment", Figure: "bulk", Subject: Netdev},
			{Text: "no allocation per round trip", Figure: "ping-pong", Subject: Netdev},
		},
	})
}

func runMemory(subject string, o Options) (Result, error) {
	p, err := NewPair(subject, 1)
	if err != nil {
		return Result{}, err
	}
	defer p.Close()
	values := map[string]float64{}
	if o.Size == Full {
		o.Size = Quick // what is counted does not get better with time
	}
	bulkUsage, bytes, err := bulk(p, o)
	if err != nil {
		return Result{}, err
	}
	values["bulk"] = float64(bulkUsage.Mallocs) / (bytes / mss)
	trips, times, err := pingPong(p, o)
	if err != nil {
		return Result{}, err
	}
	values["ping-pong"] = float64(trips.Mallocs) / times
	n := o.Size.Of(100, 10000, 10000)
	many, err := NewPair(subject, n)
	if isSkipped(err) {
		r := trips.result(values)
		r.Note = err.Error()
		return r, nil
	} else if err != nil {
		return Result{}, err
	}
	defer many.Close()
	m := o.Begin("connect")
	err = idle(many, n, values)
	u := m.End()
	return u.result(values), err
}

// idle holds n connections that have each carried a byte both ways, and finds out
// what they take.
func idle(p Pair, n int, values map[string]float64) error {
	l, err := p.Listen()
	if err != nil {
		return err
	}
	defer l.Close()
	ends := make([]net.Conn, 0, 2*n+2)
	defer func() {
		for _, c := range ends {
			c.Close()
		}
	}()
	var heap, all float64
	buf := make([]byte, 1)
	for i := range n + 1 {
		client, server, err := connectTo(p, l)
		if err != nil {
			return err
		}
		ends = append(ends, client, server)
		for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
			if _, err := way[0].Write(buf); err != nil {
				return err
			}
			if _, err := way[1].Read(buf); err != nil {
				return err
			}
		}
		if i == 0 {
			heap, all = held()
		}
	}
	time.Sleep(100 * time.Millisecond) // for the last delayed acknowledgements
	heapNow, allNow := held()
	values[heapEach] = (heapNow - heap) / float64(2*n)
	values[stackEach] = (allNow - all) / float64(2*n)
	return nil
}

// held returns how many bytes live on the heap, and with the stacks.
func held() (heap, all float64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what sync.Pools had
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc), float64(m.HeapAlloc + m.StackInuse)
}
