package main

import "fmt"

// A Target is what a figure is to be. With Than it is about how many times better
// Subject is than Than (AtLeast), or how many times worse (AtMost); without, about
// the figure itself.
type Target struct {
	Text            string
	Figure          string
	Subject, Than   string
	AtLeast, AtMost float64 // one of them; where both are zero, it is at most 0
}

// zero is what counts as none: the runtime allocates now and then.
const zero = 0.005

type verdict struct {
	Target
	workload string
	measured string // empty if it was not
	met      bool
}

// judge returns what became of a target.
func (o *outcome) judge(t Target) verdict {
	v := verdict{Target: t, workload: o.ID}
	f := o.figure(t.Figure)
	var value float64
	var known bool
	if t.Than != "" {
		var advantage []float64
		if advantage, known = o.ratios(f, t.Subject, t.Than); known {
			value = median(advantage)
			if t.AtMost != 0 {
				value = 1 / value
			}
			v.measured = times(value)
		}
	} else {
		var values []float64
		if values, known = o.values(f, t.Subject); known {
			value = median(values)
			v.measured = number(value) + " " + f.Unit
		}
	}
	switch {
	case o.failed[t.Subject] != "" || o.failed[t.Than] != "":
		v.measured = "" // what came before the failure proves nothing
	case !known:
	case t.AtLeast != 0:
		v.met = value >= t.AtLeast
	default:
		v.met = value <= max(t.AtMost, zero)
	}
	return v
}

func (v verdict) String() string {
	switch {
	case v.measured == "":
		return "not measured"
	case v.met:
		return "met"
	}
	return "NOT MET"
}

// times writes a ratio.
func times(ratio float64) string { return fmt.Sprintf("%s×", number(ratio)) }
