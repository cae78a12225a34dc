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
	if o.Size == Full {
		o.Size = Quick // what is counted does not get better with time
	}
	values := map[string]float64{}
	u, err := allocations(subject, o, values)
	if err != nil {
		return Result{}, err
	}
	if subject == Kernel {
		r := u.result(values)
		r.Note = "its connections are not in the memory of the process"
		return r, nil
	}
	n := o.Size.Of(100, 10000, 10000)
	p, err := NewPair(subject, n)
	if err != nil {
		return Result{}, err
	}
	defer p.Close()
	m := o.Begin("connect")
	err = idle(p, n, values)
	return m.End().result(values), err
}

// allocations counts those of a segment and of a round trip.
func allocations(subject string, o Options, values map[string]float64) (Usage, error) {
	p, err := NewPair(subject, 1)
	if err != nil {
		return Usage{}, err
	}
	defer p.Close()
	u, bytes, err := bulk(p, o)
	if err != nil {
		return u, err
	}
	values["bulk"] = float64(u.Mallocs) / (bytes / mss)
	u, times, err := pingPong(p, o)
	values["ping-pong"] = float64(u.Mallocs) / times
	return u, err
}

// idle holds n connections that have each carried a byte both ways, and finds out
// what they take: the last four of five, for what is there once, such as the blocks
// that the bytes of those are in which were not acknowledged yet.
func idle(p Pair, n int, values map[string]float64) error {
	l, err := p.Listen()
	if err != nil {
		return err
	}
	defer stopListening(l)
	ends := make([]net.Conn, 0, 2*n)
	defer func() {
		for _, c := range ends {
			c.Close()
		}
	}()
	pause := n / 10 // all bytes that wait to be acknowledged are of so many
	open := func(n int) (heap, all float64, err error) {
		buf := make([]byte, 1)
		for i := range n {
			if i%pause == 0 {
				time.Sleep(50 * time.Millisecond) // for the last delayed acknowledgements
			}
			client, server, err := connectTo(p, l)
			if err != nil {
				return 0, 0, err
			}
			ends = append(ends, client, server)
			for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
				if _, err := way[0].Write(buf); err != nil {
					return 0, 0, err
				}
				if _, err := way[1].Read(buf); err != nil {
					return 0, 0, err
				}
			}
		}
		time.Sleep(100 * time.Millisecond)
		heap, all = held()
		return heap, all, nil
	}
	heapBefore, before, err := open(n / 5)
	if err != nil {
		return err
	}
	heap, all, err := open(n - n/5)
	if err != nil {
		return err
	}
	more := float64(2 * (n - n/5))
	values[heapEach], values[stackEach] = (heap-heapBefore)/more, (all-before)/more
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
