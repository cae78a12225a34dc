package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fixed is an outcome with known figures.
func fixed() *outcome {
	w := &Workload{
		ID: "X1", Title: "an example", Note: "A note.",
		Subjects: []string{"ours", "theirs", "absent"},
		Figures:  []Figure{{Name: "rate", Unit: "/s"}, {Name: "cost", Unit: "µs", Lower: true}, {Name: "lost", Unit: "%", Lower: true, Plain: true}},
		Targets: []Target{
			{Text: "twice the rate", Figure: "rate", Subject: "ours", Than: "theirs", AtLeast: 2},
			{Text: "a tenth of the cost", Figure: "cost", Subject: "ours", Than: "theirs", AtLeast: 10},
			{Text: "within 2 times of the cost", Figure: "cost", Subject: "theirs", Than: "ours", AtMost: 2},
			{Text: "at most 3 µs", Figure: "cost", Subject: "ours", AtMost: 3},
			{Text: "no loss", Figure: "lost", Subject: "ours"},
			{Text: "better than who is absent", Figure: "rate", Subject: "ours", Than: "absent", AtLeast: 1},
		},
	}
	o := newOutcome(w, w.Subjects)
	for i := range 3 {
		k := float64(i)
		o.results["ours"] = append(o.results["ours"], Result{Values: map[string]float64{"rate": 3000 + k, "cost": 2 + k/10, "lost": 0.0001}})
		o.results["theirs"] = append(o.results["theirs"], Result{Values: map[string]float64{"rate": 1000, "cost": 11}})
	}
	o.results["theirs"][0].Note = "loss was not counted"
	o.skipped["absent"] = "it is not installed"
	return o
}

func TestTheTable(t *testing.T) {
	var b strings.Builder
	o := fixed()
	o.write(&b)
	writeVerdicts(&b, judge([]*outcome{o}))
	want := `
X1  an example
    A note.
                              ours                theirs   absent   vs theirs   vs absent
    rate, /s   3,001 (3,000–3,002)   1,000 (1,000–1,000)        –       3.00×
    cost, µs    2.10 (2.00–2.20)      11.0 (11.0–11.0)          –       5.24×
    lost, %        0 (0–0)               –                      –
    theirs: loss was not counted
    absent skipped: it is not installed

    target                           measured        verdict
    X1: twice the rate                  3.00×            met
    X1: a tenth of the cost             5.24×        NOT MET
    X1: within 2 times of the cost      5.24×        NOT MET
    X1: at most 3 µs                  2.10 µs            met
    X1: no loss                           0 %            met
    X1: better than who is absent               not measured
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

// Many subjects stand below one another, a long note in several lines.
func TestATallTable(t *testing.T) {
	w := &Workload{
		ID: "X2", Title: "many", Note: strings.Repeat("some words and ", 9) + "no more",
		Subjects: []string{"a", "b", "c", "d", "e"}, Figures: []Figure{{Name: "one", Unit: "MB/s"}, {Name: "two", Unit: "MB/s"}},
	}
	o := newOutcome(w, w.Subjects)
	for _, s := range w.Subjects[1:] {
		o.results[s] = []Result{{Values: map[string]float64{"one": 1, "two": 12}}, {Values: map[string]float64{"one": 2}}}
	}
	var b strings.Builder
	o.write(&b)
	want := `
X2  many
    some words and some words and some words and some words and some words and some words and some words
    and some words and some words and no more
    MB/s                one    two
    a         –                  –
    b      1.50 (1.00–2.00)   12.0
    c      1.50 (1.00–2.00)   12.0
    d      1.50 (1.00–2.00)   12.0
    e      1.50 (1.00–2.00)   12.0
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
	w.Figures[1].Unit = "s"
	if head := o.grid()[0]; head[0] != "" || head[1] != "one, MB/s" || head[3] != "two, s" {
		t.Errorf("with two units: %q", head)
	}
}

// A ratio is of one repetition, and none is what a subject had measured that failed later.
func TestARatioIsOfOneRepetition(t *testing.T) {
	o := fixed()
	delete(o.results["ours"][0].Values, "rate")
	o.results["theirs"][1].Values = map[string]float64{"rate": 2000}
	if ratios, _ := o.ratios(o.figure("rate"), "ours", "theirs"); !cmp.Equal(ratios, []float64{3001.0 / 2000, 3.002}) {
		t.Errorf("%v", ratios)
	}
	for _, subject := range []string{"ours", "theirs"} {
		o := fixed()
		o.failed[subject] = "it is gone"
		if v := o.judge(o.Targets[0]); v.met || v.String() != "not measured" {
			t.Errorf("%s failed: %v, %v", subject, v.measured, v)
		}
	}
}

func TestTheMarkdownTable(t *testing.T) {
	o := fixed()
	got := markdown([]string{"a machine", "a date"}, []*outcome{o}, judge([]*outcome{o})[:1])
	want := "a machine.  \na date.\n" + `
**X1, an example.** A note.

|  | ours | theirs | absent | vs theirs | vs absent |
|---|---:|---:|---:|---:|---:|
| rate, /s | 3,001 (3,000–3,002) | 1,000 (1,000–1,000) | – | 3.00× |  |
| cost, µs | 2.10 (2.00–2.20) | 11.0 (11.0–11.0) | – | 5.24× |  |
| lost, % | 0 (0–0) | – | – |  |  |

theirs: loss was not counted.  ` + `
absent skipped: it is not installed.

| target | measured | verdict |
|---|---:|---:|
| X1: twice the rate | 3.00× | met |
`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestThePlotIsAnSVGWithABarForEachRatio(t *testing.T) {
	var b bytes.Buffer
	if err := plotRatios(&b, []string{"a machine", "a date"}, []*outcome{fixed()}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"X1 rate, vs theirs", "X1 cost, vs theirs", "3.00×", "a machine"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	for dec := xml.NewDecoder(&b); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPlotOfNothing(t *testing.T) {
	if err := plotRatios(io.Discard, []string{"", ""}, nil); err != nil {
		t.Error(err)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.001: "0", 0.05: "0.05", 1.234: "1.23", 12.34: "12.3", 123.4: "123", 1234.5: "1,235",
		9999.6: "10,000", 123456: "123,456", 1234567: "1.23 M", -2: "-2.00",
	} {
		if got := number(v); got != want {
			t.Errorf("%v: %q, want %q", v, got, want)
		}
	}
}
