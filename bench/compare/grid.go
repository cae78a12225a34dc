package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A grid is what the table shows of one workload: a row of titles, and one for
// each figure.
type grid [][]string

// grid returns the cells of a workload: the figure, each subject's, and how many
// times better the first one is than each other.
func (o *outcome) grid() grid {
	if len(o.Subjects) > wide {
		return o.tall()
	}
	head := []string{""}
	for _, s := range o.Subjects {
		head = append(head, s, "")
	}
	others := o.others()
	for _, s := range others {
		head = append(head, "vs "+s)
	}
	g := grid{head}
	for i := range o.Figures {
		f := &o.Figures[i]
		row := []string{strings.TrimSpace(f.Name + ", " + f.Unit)}
		for _, s := range o.Subjects {
			row = append(row, o.cell(f, s)...)
		}
		for _, s := range others {
			row = append(row, o.ratio(f, s))
		}
		g = append(g, row)
	}
	return g
}

// wide is how many subjects stand beside one another.
const wide = 4

// tall is a grid with a line for each subject, and no ratios. A unit that all figures
// have in common stands once, in the corner.
func (o *outcome) tall() grid {
	unit := o.Figures[0].Unit
	for _, f := range o.Figures {
		if f.Unit != unit {
			unit = ""
		}
	}
	head := []string{unit}
	for _, f := range o.Figures {
		title := f.Name
		if unit == "" {
			title = strings.TrimSpace(f.Name + ", " + f.Unit)
		}
		head = append(head, title, "")
	}
	g := grid{head}
	for _, s := range o.Subjects {
		row := []string{s}
		for i := range o.Figures {
			row = append(row, o.cell(&o.Figures[i], s)...)
		}
		g = append(g, row)
	}
	return g
}

// cell is the median and the spread of a figure.
func (o *outcome) cell(f *Figure, subject string) []string {
	values, ok := o.values(f, subject)
	if !ok {
		return []string{"–", ""}
	}
	mid, between := spread(values)
	return []string{mid, between}
}

// others are whom the first subject is compared with.
func (o *outcome) others() []string {
	if o.Alone || len(o.Subjects) < 2 {
		return nil
	}
	return o.Subjects[1:]
}

func (o *outcome) ratio(f *Figure, than string) string {
	if ratios, ok := o.ratios(f, o.Subjects[0], than); ok && !f.Plain {
		return times(median(ratios))
	}
	return ""
}

// remarks are the lines below a workload's figures.
func (o *outcome) remarks() (lines []string) {
	for _, s := range o.Subjects {
		if reason := o.skipped[s]; reason != "" {
			lines = append(lines, s+" skipped: "+reason)
		}
		if r := o.results[s]; len(r) > 0 && r[0].Note != "" {
			lines = append(lines, s+": "+r[0].Note)
		}
		if reason := o.failed[s]; reason != "" {
			lines = append(lines, s+" FAILED: "+reason)
		}
	}
	return lines
}

func (o *outcome) write(w io.Writer) {
	fmt.Fprintf(w, "\n%s  %s\n", o.ID, o.Title)
	for _, line := range wrap(o.Note, 100) {
		fmt.Fprintf(w, "    %s\n", line)
	}
	o.grid().write(w)
	for _, line := range o.remarks() {
		fmt.Fprintf(w, "    %s\n", line)
	}
}

// wrap breaks a text into lines of at most that many characters, as far as its words
// let it.
func wrap(text string, width int) (lines []string) {
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last < 0 || utf8.RuneCountInString(lines[last])+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, word)
		} else {
			lines[last] += " " + word
		}
	}
	return lines
}

// joined has the spreads in the cells of their medians, one below the other where
// aligned is wanted. Columns of spreads have no title.
func (g grid) joined(aligned bool) grid {
	var out grid
	for i, row := range g {
		var cells []string
		for j, cell := range row {
			switch {
			case j == 0 || g[0][j] != "":
				cells = append(cells, cell)
				continue
			case i == 0 || aligned && g.width(j) == 0:
				continue
			case aligned:
				cell = " " + cell + strings.Repeat(" ", g.width(j)-utf8.RuneCountInString(cell))
			case cell != "":
				cell = " " + cell
			}
			cells[len(cells)-1] += cell
		}
		out = append(out, cells)
	}
	return out
}

func (g grid) width(column int) (w int) {
	for _, row := range g {
		w = max(w, utf8.RuneCountInString(row[column]))
	}
	return w
}

// write aligns the columns, the first to the left and all others to the right.
func (g grid) write(w io.Writer) {
	g = g.joined(true)
	for _, row := range g {
		line := "   "
		for i, cell := range row {
			pad := strings.Repeat(" ", g.width(i)-utf8.RuneCountInString(cell))
			if i == 0 {
				line += " " + cell + pad
			} else {
				line += "   " + pad + cell
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line, " "))
	}
}
