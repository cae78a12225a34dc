package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A Workload is one thing that is measured, on one or more subjects. Each is in a
// file of its own, and registers itself there.
type Workload struct {
	ID    string // what -run chooses by, such as "W2"
	Title string
	Note  string // a line below the title, where the figures need one

	// Subjects are what is measured, ours first. Figures are what comes out, the
	// chief one first.
	Subjects []string
	Figures  []Figure

	// Alone tells that the subjects are not to be compared with one another.
	Alone bool

	// Run measures once, in a process that only ever sees this workload and this
	// subject. It warms up by itself, and measures between Options.Begin and
	// Meter.End. An error made by Skip is no failure.
	Run func(subject string, o Options) (Result, error)

	Targets []Target
}

// A Figure is what a row of the table shows.
type Figure struct {
	Name  string // within its workload
	Unit  string
	Lower bool // less is better
	Plain bool // without a ratio
}

// A Result is what one run has measured. A figure that is missing in Values was
// not to be had from this subject.
type Result struct {
	Wall, CPU time.Duration // CPU is user and system time of the process
	Values    map[string]float64
	Note      string // why one is missing, where that can be said
}

// Options say how much is measured.
type Options struct {
	Size    Size
	Profile string // where the profile of the run goes; empty is none
}

// Size is how long a measurement is.
type Size int

const (
	Tiny  Size = iota // does it work at all
	Quick             // the whole command in less than three minutes
	Full
)

// Of returns which of the three belongs to the size.
func (s Size) Of(tiny, quick, full int) int {
	return [...]int{tiny, quick, full}[s]
}

// Length is how long a loop is to run that is measured.
func (s Size) Length() time.Duration {
	return time.Duration(s.Of(20, 300, 2000)) * time.Millisecond
}

// WarmUp is how long it runs before that.
func (s Size) WarmUp() time.Duration { return s.Length() / 3 }

// A skipped is the reason for which there is no result.
type skipped string

func (s skipped) Error() string { return "skipped: " + string(s) }

func isSkipped(err error) bool {
	var reason skipped
	return errors.As(err, &reason)
}

// Skip is the error of a run that cannot be, for a reason outside of the subject.
func Skip(format string, args ...any) error { return skipped(fmt.Sprintf(format, args...)) }

var workloads []*Workload

// Register adds a workload. It panics where that makes no sense.
func Register(w Workload) {
	switch {
	case w.ID == "" || w.Title == "" || w.Run == nil || len(w.Subjects) == 0 || len(w.Figures) == 0:
		panic("workload " + w.ID + " is not complete")
	case find(w.ID) != nil:
		panic("two workloads are " + w.ID)
	}
	for _, t := range w.Targets {
		if w.figure(t.Figure) == nil || !slices.Contains(w.Subjects, t.Subject) ||
			t.Than != "" && !slices.Contains(w.Subjects, t.Than) {
			panic("a target of " + w.ID + " names what is not there")
		}
	}
	workloads = append(workloads, &w)
	slices.SortStableFunc(workloads, func(a, b *Workload) int { return strings.Compare(a.family(), b.family()) })
}

// find returns the workload of that ID, or nil.
func find(id string) *Workload {
	for _, w := range workloads {
		if w.ID == id {
			return w
		}
	}
	return nil
}

// family is the part of the ID that workloads of one kind share.
func (w *Workload) family() string {
	family, _, _ := strings.Cut(w.ID, "-")
	return family
}

func (w *Workload) figure(name string) *Figure {
	for i := range w.Figures {
		if w.Figures[i].Name == name {
			return &w.Figures[i]
		}
	}
	return nil
}

// check finds values that no table has a row for, and runs that measured nothing.
func (w *Workload) check(r Result) error {
	for name, v := range r.Values {
		if w.figure(name) == nil {
			return fmt.Errorf("%s has no figure %q", w.ID, name)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: %s is %v: too little happened to be measured", w.ID, name, v)
		}
	}
	if len(r.Values) == 0 {
		return errors.New(w.ID + " measured nothing")
	}
	return nil
}
