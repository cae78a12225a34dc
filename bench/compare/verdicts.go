package main

import (
	"fmt"
	"io"
)

// judge returns the verdict of every target of what was measured.
func judge(outcomes []*outcome) (verdicts []verdict) {
	for _, o := range outcomes {
		for _, t := range o.Targets {
			verdicts = append(verdicts, o.judge(t))
		}
	}
	return verdicts
}

func verdictGrid(verdicts []verdict) grid {
	g := grid{{"target", "measured", "verdict"}}
	for _, v := range verdicts {
		g = append(g, []string{v.workload + ": " + v.Text, v.measured, v.String()})
	}
	return g
}

func writeVerdicts(w io.Writer, verdicts []verdict) {
	if len(verdicts) == 0 {
		return
	}
	fmt.Fprintln(w)
	verdictGrid(verdicts).write(w)
}
