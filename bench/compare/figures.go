package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// values returns what the runs of a subject have for a figure.
func (o *outcome) values(f *Figure, subject string) (values []float64, ok bool) {
	for _, r := range o.results[subject] {
		if v, has := r.Values[f.Name]; has {
			values = append(values, v)
		}
	}
	return values, len(values) > 0
}

// ratios returns how many times better a subject was than another, for each
// repetition that has both: those two runs followed each other, and met the same machine.
func (o *outcome) ratios(f *Figure, subject, than string) (ratios []float64, ok bool) {
	ours, theirs := o.results[subject], o.results[than]
	for i := range min(len(ours), len(theirs)) {
		a, has := ours[i].Values[f.Name]
		b, both := theirs[i].Values[f.Name]
		if !has || !both {
			continue
		}
		r := a / b
		if f.Lower {
			r = 1 / r
		}
		if !math.IsNaN(r) && !math.IsInf(r, 0) {
			ratios = append(ratios, r)
		}
	}
	return ratios, len(ratios) > 0
}

func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// number writes a figure with three digits that matter.
func number(v float64) string {
	switch a := math.Abs(v); {
	case a >= 1e6:
		return strconv.FormatFloat(v/1e6, 'f', 2, 64) + " M"
	case a >= 1000:
		n := int(math.Round(v))
		return fmt.Sprintf("%d,%03d", n/1000, abs(n%1000))
	case a >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= zero:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return "0"
}

func abs(n int) int { return max(n, -n) }

// spread writes the median of values, and between which they lie.
func spread(values []float64) (mid, between string) {
	mid = number(median(values))
	if len(values) > 1 {
		between = "(" + number(slices.Min(values)) + "–" + number(slices.Max(values)) + ")"
	}
	return mid, between
}
