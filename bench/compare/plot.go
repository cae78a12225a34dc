package main

import (
	"fmt"
	"image/color"
	"io"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A bar is how many times better ours is than one other, in the chief figure of a
// workload or one that a target is about.
type bar struct {
	label, than string
	ratio       float64
}

func bars(outcomes []*outcome) (all []bar) {
	for _, o := range outcomes {
		for i := range o.Figures {
			f := &o.Figures[i]
			for _, than := range o.others() {
				if strings.HasPrefix(than, Netdev) {
					continue // ours, in another configuration
				}
				if ratios, ok := o.ratios(f, o.Subjects[0], than); ok && (i == 0 || o.aimed(f, than)) {
					all = append(all, bar{o.ID + " " + f.Name, than, median(ratios)})
				}
			}
		}
	}
	return all
}

// aimed tells whether a target compares a figure with that of a subject.
func (o *outcome) aimed(f *Figure, than string) bool {
	return slices.ContainsFunc(o.Targets, func(t Target) bool {
		return t.Figure == f.Name && t.Subject == o.Subjects[0] && t.Than == than
	})
}

// colour is that of whom ours is compared with, in whatever configuration.
func (b bar) colour() color.Color {
	switch {
	case strings.HasPrefix(b.than, GVisor):
		return color.RGBA{0x1f, 0x77, 0xb4, 0xff}
	case strings.HasPrefix(b.than, Kernel):
		return color.RGBA{0xe0, 0x7b, 0x1a, 0xff}
	}
	return color.Gray{0x88}
}

// plotRatios draws the bars on a logarithmic scale, from 1 to the right where ours
// is better and to the left where it is worse.
func plotRatios(w io.Writer, header []string, outcomes []*outcome) error {
	all := bars(outcomes)
	p := plot.New()
	p.BackgroundColor = color.White
	p.Title.Text = "netdev's stack, times better than others\n" + strings.Join(header[:2], "\n")
	p.Title.TextStyle.Font.Size = 12
	p.Title.Padding = 8
	p.X.Label.Text = "times better (logarithmic)"
	p.X.Tick.Marker = plot.ConstantTicks(ratioTicks(all))
	p.Y.Tick.Length = 0
	var labels []string
	for i, b := range all {
		y := float64(len(all) - 1 - i)
		chart, err := plotter.NewBarChart(plotter.Values{math.Log2(b.ratio)}, vg.Points(14))
		if err != nil {
			return err
		}
		chart.Horizontal, chart.XMin, chart.LineStyle.Width = true, y, 0
		chart.Color = b.colour()
		value, err := plotter.NewLabels(plotter.XYLabels{
			XYs:    []plotter.XY{{X: max(math.Log2(b.ratio), 0), Y: y}},
			Labels: []string{times(b.ratio)},
		})
		if err != nil {
			return err
		}
		value.Offset.X = vg.Points(4)
		value.TextStyle[0].YAlign = draw.YCenter
		value.TextStyle[0].Font.Size = 11
		p.Add(chart, value)
		labels = append([]string{b.label + ", vs " + b.than}, labels...)
	}
	if len(all) > 0 {
		p.NominalY(labels...)
		p.Y.Tick.Label.Font.Size = 11
		p.X.Tick.Label.Font.Size = 11
	}
	one, err := plotter.NewLine(plotter.XYs{{X: 0, Y: -0.7}, {X: 0, Y: float64(len(all)) - 0.3}})
	if err != nil {
		return err
	}
	p.Add(one)
	p.X.Max++ // room for what is written beside the longest bar
	canvas := vgsvg.New(vg.Points(760), vg.Points(120+24*float64(len(all))))
	p.Draw(draw.Crop(draw.New(canvas), 10, -10, 6, -6))
	_, err = canvas.WriteTo(w)
	return err
}

// ratioTicks are the powers of two between the least and the greatest ratio.
func ratioTicks(all []bar) (ticks []plot.Tick) {
	low, high := 0.0, 1.0
	for _, b := range all {
		low, high = min(low, math.Floor(math.Log2(b.ratio))), max(high, math.Ceil(math.Log2(b.ratio)))
	}
	for e := low; e <= high; e++ {
		label := fmt.Sprintf("%g", math.Exp2(e))
		if e < 0 {
			label = fmt.Sprintf("1/%g", math.Exp2(-e))
		}
		ticks = append(ticks, plot.Tick{Value: e, Label: label})
	}
	return ticks
}

func init() {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
}
