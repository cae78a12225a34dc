package main

import (
	"fmt"
	"math"
	"strings"
	"sync"
	"time"
)

// The path of W6: what leaves one end, of which some is lost, waits for a link of 300
// Mbit/s behind a queue of the bandwidth-delay product, and takes 10 ms. What comes
// back meets the same and no loss.
const (
	lossDelay = 10 * time.Millisecond
	lossRate  = 300e6 / 8 // bytes a second of frames
	lossQueue = lossRate * 2 * int(lossDelay) / int(time.Second)
	lossTotal = 16 << 20
)

// A lossRun is one transfer over that path.
type lossRun struct {
	figure string
	loss   float64
	buffer int // of either end; 0: as it comes
	total  int
	limit  time.Duration
	seed   uint64
}

// The figures of W6.
const (
	started    = "1 %, later"
	smallLossy = "5 %, 4 KiB"
)

// realBBR is BBR as the others are measured.
const realBBR = "netdev-bbr-real"

var lossRuns = []lossRun{
	{figure: "1 % loss", loss: 0.01, total: lossTotal},
	{figure: "no loss", total: lossTotal},
	{figure: "0.1 % loss", loss: 0.001, total: lossTotal},
	{figure: "5 % loss", loss: 0.05, total: lossTotal},
	{figure: started, loss: 0.01, total: math.MaxInt32},
	{figure: smallLossy, loss: 0.05, buffer: 4 << 10, total: 1 << 20},
}

func init() {
	w := Workload{
		ID: "W6", Title: "16 MiB over 300 Mbit/s and 20 ms that lose segments",
		Note: "Handshake and slow start included: ten segments, doubled in each round trip, leave 28 MB/s of the link's 37.5. " +
			"\"" + started + "\" leaves out the first second, \"" + smallLossy + "\" is 1 MiB with buffers of that size at both ends. Cut off after 6 s, with -quick after 2 s. netdev's in virtual time, the median of several seeds, but for " + realBBR + "; the others in real time.",
		Subjects: []string{"netdev-bbr", "netdev-cubic", "netdev-reno", realBBR, "gvisor-cubic", "gvisor-reno", "kernel-bbr", "kernel-cubic", "kernel-reno"},
		Run:      runLossy,
		Targets: []Target{
			{Text: "BBR at 1 % loss, once it has started, within 1.2 times of the link's rate", Figure: started, Subject: "netdev-bbr", AtLeast: lossRate / 1e6 / 1.2},
			{Text: "BBR at 1 % loss not below the kernel's", Figure: "1 % loss", Subject: "netdev-bbr", Than: "kernel-bbr", AtLeast: 1},
			{Text: "the same in real time as the kernel's, but for chance", Figure: "1 % loss", Subject: realBBR, Than: "kernel-bbr", AtLeast: 0.9},
			{Text: "CUBIC at 1 % loss, once it has started, not below the kernel's, but for chance", Figure: started, Subject: "netdev-cubic", Than: "kernel-cubic", AtLeast: 0.9},
			{Text: "NewReno at 1 % loss, once it has started, not below the kernel's, but for chance", Figure: started, Subject: "netdev-reno", Than: "kernel-reno", AtLeast: 0.9},
		},
	}
	for _, r := range lossRuns {
		w.Figures = append(w.Figures, Figure{Name: r.figure, Unit: "MB/s"})
	}
	Register(w)
}

// moved is what came of a transfer.
type moved struct {
	bytes int
	took  time.Duration
	early int // of bytes, in the first second
}

func (m moved) rate() float64 { return float64(m.bytes) / m.took.Seconds() / 1e6 }

// lossRepetition counts the calls of runLossy in this process: each has other seeds.
var lossRepetition uint64

func runLossy(subject string, o Options) (r Result, err error) {
	who, algorithm, _ := strings.Cut(subject, "-")
	repetition := lossRepetition
	lossRepetition++
	if o.Size == Quick && (subject == realBBR || who != Netdev && algorithm == "reno") {
		return r, Skip("not with -quick")
	}
	m := o.Begin("")
	switch {
	case subject == realBBR:
		r.Values, err = runReal(lossOnNetdev, "netdev-bbr", o.Size, repetition)
	case who == Netdev:
		r.Values, err = runVirtual(algorithm, o.Size, repetition)
	case who == GVisor:
		r.Values, err = runReal(lossOnGVisor, subject, o.Size, repetition)
	default:
		r.Values, err = runReal(lossOnKernel, subject, o.Size, repetition)
	}
	u := m.End()
	r.Wall, r.CPU = u.Wall, u.CPU
	return r, err
}

// bounded returns r with its limit.
func (r lossRun) bounded(size Size) lossRun {
	r.limit = time.Duration(size.Of(150, 2000, 6000)) * time.Millisecond
	return r
}

// rates are those of several transfers, by figure.
type rates map[string][]float64

// note keeps what came of a transfer.
func (all rates) note(r lossRun, m moved) {
	if r.figure != started {
		all[r.figure] = append(all[r.figure], m.rate())
	}
	if r.loss == 0.01 && m.took > 5*time.Second/4 { // one that was cut off tells both
		all[started] = append(all[started], moved{bytes: m.bytes - m.early, took: m.took - time.Second}.rate())
	}
}

func (all rates) medians() map[string]float64 {
	values := map[string]float64{}
	for figure, rates := range all {
		values[figure] = median(rates)
	}
	return values
}

// runVirtual has several seeds of each transfer.
func runVirtual(algorithm string, size Size, repetition uint64) (map[string]float64, error) {
	all := rates{}
	seeds := uint64(size.Of(1, 5, 9))
	for seed := range seeds {
		for _, r := range lossRuns {
			r = r.bounded(size)
			r.seed = repetition*seeds + seed
			if r.buffer > 0 {
				r.limit = time.Minute // all of it has to arrive
			}
			m, err := lossInVirtualTime(r, algorithm)
			if err != nil {
				return nil, fmt.Errorf("%s, seed %d: %w", r.figure, r.seed, err)
			}
			all.note(r, m)
		}
	}
	return all.medians(), nil
}

// runReal does the transfers in real time, as transfer does one: those of BBR, which
// fill the link, one after the other, and those that mostly wait side by side, with
// several seeds.
func runReal(transfer func(r lossRun, algorithm string) (moved, error), subject string, size Size, repetition uint64) (map[string]float64, error) {
	who, algorithm, _ := strings.Cut(subject, "-")
	var mu sync.Mutex
	var wg sync.WaitGroup
	var first error
	all := rates{}
	one := func(r lossRun) {
		m, err := transfer(r, algorithm)
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			all.note(r, m)
		} else if first == nil {
			first = err
		}
	}
	for _, r := range lossRuns {
		r = r.bounded(size)
		r.seed = repetition
		if size != Full && r.loss != 0 && r.loss != 0.01 || r.buffer > 0 && who != GVisor {
			continue
		}
		if algorithm == "bbr" {
			if r.figure != started || size != Tiny {
				one(r)
			}
			continue
		}
		seeds := uint64(size.Of(1, 4, 3))
		if r.loss == 0 {
			seeds = 1
		} else if r.figure == started {
			continue // what was cut off tells that
		}
		for seed := range seeds {
			r.seed = repetition*seeds + seed
			wg.Go(func() { one(r) })
		}
	}
	wg.Wait()
	return all.medians(), first
}
