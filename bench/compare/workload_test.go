package main

import (
	"strings"
	"testing"
)

// Everything works and makes sense. How fast it is no test tells.
func TestEveryWorkloadOnEverySubject(t *testing.T) {
	for _, w := range workloads {
		if strings.HasPrefix(w.ID, "T") {
			continue
		}
		for _, subject := range w.Subjects {
			t.Run(w.ID+"/"+subject, func(t *testing.T) {
				if w.family() == "W9" {
					t.Parallel() // boards wait for their networks most of the time
				}
				a := run(request{w.ID, subject, Options{Size: Tiny}})
				switch {
				case a.Skipped != "":
					t.Skip(a.Skipped)
				case a.Error != "":
					t.Fatal(a.Error)
				}
				for name, v := range a.Result.Values {
					if v < 0 {
						t.Errorf("%s = %v", name, v)
					}
				}
				if v, ok := a.Result.Values[w.Figures[0].Name]; ok && v == 0 {
					t.Error("the chief figure is 0")
				}
			})
		}
	}
}

func TestAWorkloadThatMakesNoSenseIsRefused(t *testing.T) {
	good := Workload{
		ID: "T9", Title: "t", Subjects: []string{"a"}, Figures: []Figure{{Name: "f"}},
		Run: func(string, Options) (Result, error) { return Result{}, nil },
	}
	for name, spoil := range map[string]func(*Workload){
		"no run":            func(w *Workload) { w.Run = nil },
		"no figure":         func(w *Workload) { w.Figures = nil },
		"twice":             func(w *Workload) { w.ID = "W1" },
		"a target's figure": func(w *Workload) { w.Targets = []Target{{Figure: "g", Subject: "a"}} },
		"a target's peer":   func(w *Workload) { w.Targets = []Target{{Figure: "f", Subject: "a", Than: "b"}} },
	} {
		t.Run(name, func(t *testing.T) {
			w := good
			spoil(&w)
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			Register(w)
		})
	}
}
