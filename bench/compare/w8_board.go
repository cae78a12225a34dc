package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/stack"
)

// The figures of W8.
const (
	boardBound32 = "RAM, the bound on 32 bits"
	boardBound   = "RAM, the bound here"
	boardHeap    = "heap of it with its sockets, idle, here"
	boardCPU     = "CPU, both ends"
)

// boardTrips are the round trips at which it moves data.
var boardTrips = []struct {
	figure string
	rtt    time.Duration
}{
	{"of the window at 1 ms", time.Millisecond},
	{"of the window at 10 ms", 10 * time.Millisecond},
	{"of the window at 100 ms", 100 * time.Millisecond},
}

func init() {
	w := Workload{
		ID: "W8", Title: "the profile of a small board",
		Note: "Four connections, a listener and two datagram sockets. Data goes to a stack of a host's profile and back, in virtual time; " +
			"of both directions the slower one counts. A window is stack.SmallBoard's MaxBuffer in a round trip. " +
			"It counts a call that waits for each socket, and a question to a name server.",
		Subjects: []string{"netdev-smallboard"}, Alone: true,
		Figures: []Figure{
			{Name: boardBound32, Unit: "bytes", Lower: true},
			{Name: boardBound, Unit: "bytes", Lower: true},
			{Name: boardHeap, Unit: "bytes", Lower: true},
		},
		Run:     runBoard,
		Targets: []Target{{Text: "at most 16 KiB of RAM on 32 bits", Figure: boardBound32, Subject: "netdev-smallboard", AtMost: 16 << 10}},
	}
	for _, trip := range boardTrips {
		w.Figures = append(w.Figures, Figure{Name: trip.figure, Unit: "%"})
		w.Targets = append(w.Targets, Target{
			Text: "at least 80 % " + trip.figure, Figure: trip.figure, Subject: "netdev-smallboard", AtLeast: 80,
		})
	}
	w.Figures = append(w.Figures, Figure{Name: boardCPU, Unit: "ms/MB", Lower: true})
	Register(w)
}

func runBoard(_ string, o Options) (Result, error) {
	r := map[string]float64{boardBound: float64(stack.SmallBoard().Memory().Total())}
	var note string
	if n, err := boundOn32Bits(); err != nil {
		note = "no bound on 32 bits: " + err.Error()
	} else {
		r[boardBound32] = n
	}
	heap, err := boardAtRest()
	if err != nil {
		return Result{}, err
	}
	r[boardHeap] = heap
	total := stack.SmallBoard().MaxBuffer * o.Size.Of(50, 500, 5000)
	if _, err := boardShare(time.Millisecond, total, true); err != nil { // to warm up
		return Result{}, err
	}
	m, moved := o.Begin(""), 0
	for _, trip := range boardTrips {
		least := 100.0
		for _, sends := range []bool{true, false} {
			share, err := boardShare(trip.rtt, total, sends)
			if err != nil {
				return Result{}, err
			}
			least = min(least, 100*share)
			moved += total
		}
		r[trip.figure] = least
	}
	u := m.End()
	r[boardCPU] = u.CPU.Seconds() * 1e3 / (float64(moved) / 1e6)
	return Result{Wall: u.Wall, CPU: u.CPU, Values: r, Note: note}, nil
}

// boundOn32Bits has the bound computed by a program for such a machine.
func boundOn32Bits() (float64, error) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "386" {
		return 0, errors.New("this machine runs no program for 386")
	}
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return 0, errors.New("the source is not there")
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	c := exec.CommandContext(ctx, "go", "run", "./internal/footprint")
	c.Dir = filepath.Dir(file)
	c.Env = append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0")
	out, err := c.Output()
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// boardAtRest returns what a stack takes with all of its sockets, of which none is
// connected.
func boardAtRest() (float64, error) {
	w := newBoardWorld(0)
	before := heapInUse()
	s, err := w.open(0, stack.SmallBoard())
	if err != nil {
		return 0, err
	}
	for i := range 7 {
		stype := netdev.SOCK_STREAM
		if i >= 5 {
			stype = netdev.SOCK_DGRAM
		}
		if _, err := s.Socket(netdev.AF_INET, stype, 0); err != nil {
			return 0, err
		}
	}
	used := heapInUse() - before
	runtime.KeepAlive(w)
	return float64(used), s.Stop()
}

func heapInUse() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// boardShare moves data from a board to a host, or the other way, and returns which
// part of a window it was in each round trip.
func boardShare(rtt time.Duration, total int, sends bool) (float64, error) {
	w := newBoardWorld(rtt / 2)
	c := stack.SmallBoard()
	board, err := w.open(0, c)
	if err != nil {
		return 0, err
	}
	defer board.Stop()
	host, err := w.open(1, stack.Host())
	if err != nil {
		return 0, err
	}
	defer host.Stop()
	fb, fh, err := w.connect(board, host)
	if err != nil {
		return 0, err
	}
	from, to, ff, ft := board, host, fb, fh
	if !sends {
		from, to, ff, ft = host, board, fh, fb
	}
	begin := w.now
	out, in := make([]byte, 16<<10), make([]byte, 16<<10)
	sent, got := 0, 0
	for {
		for sent < total {
			n, err := from.Send(ff, out[:min(len(out), total-sent)], netdev.MSG_DONTWAIT, time.Time{})
			sent += n
			if errors.Is(err, netdev.ErrWouldBlock) {
				break
			}
			if err != nil {
				return 0, err
			}
		}
		for got < total {
			n, err := to.Recv(ft, in, netdev.MSG_DONTWAIT, time.Time{})
			got += n
			if errors.Is(err, netdev.ErrWouldBlock) {
				break
			}
			if err != nil {
				return 0, err
			}
		}
		if got == total {
			break
		}
		if !w.step() {
			return 0, errors.New("nothing happens any more")
		}
	}
	took := w.now.Sub(begin).Seconds()
	return float64(total) / took / (float64(c.MaxBuffer) / rtt.Seconds()), nil
}
