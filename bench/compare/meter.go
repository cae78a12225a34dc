//go:build unix

package main

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"syscall"
	"time"
)

// A Meter takes the time of what happens between Begin and End, and counts what
// the process allocates and which CPU time it uses meanwhile.
type Meter struct {
	wall    time.Time
	cpu     time.Duration
	mallocs uint64
	profile *os.File
}

// Usage is what a Meter has seen.
type Usage struct {
	Wall, CPU time.Duration
	Mallocs   uint64
}

// Begin starts a Meter. Where profiles are wanted this is one, with part in its
// name; a later run of the same part replaces it.
func (o Options) Begin(part string) *Meter {
	m := &Meter{}
	if o.Profile != "" {
		name := o.Profile
		if part != "" {
			name += "-" + part
		}
		if f, err := os.Create(filepath.Clean(name + ".pprof")); err == nil {
			m.profile = f
			if pprof.StartCPUProfile(f) != nil {
				f.Close()
				m.profile = nil
			}
		}
	}
	m.mallocs = mallocs()
	m.cpu, m.wall = cpuTime(), time.Now()
	return m
}

// End stops the Meter.
func (m *Meter) End() Usage {
	u := Usage{Wall: time.Since(m.wall), CPU: cpuTime() - m.cpu}
	u.Mallocs = mallocs() - m.mallocs
	if m.profile != nil {
		pprof.StopCPUProfile()
		m.profile.Close()
	}
	return u
}

func (u Usage) result(values map[string]float64) Result {
	return Result{Wall: u.Wall, CPU: u.CPU, Values: values}
}

func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func mallocs() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}
