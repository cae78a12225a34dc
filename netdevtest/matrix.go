package netdevtest

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Matrix writes the report as a table: a line for each group of rules.
func (r *Report) Matrix(w io.Writer) error { return Matrix(w, r) }

// Matrix writes a table with a column for each report and a line for each
// group of rules. ✔ stands before how many rules were kept, ✘ before how many
// of how many were broken, ~ before those that the device is excused from, – for what the device does not have, and ? for what
// its network could not show.
func Matrix(w io.Writer, reports ...*Report) error {
	var rows [][]string
	header := []string{""}
	for _, r := range reports {
		header = append(header, r.Device)
	}
	rows = append(rows, header)
	optional := false
	for _, g := range Groups() {
		row := []string{g.Name}
		tried := false
		for _, r := range reports {
			counts := r.Count(g.Name)
			tried = tried || counts != [len(counts)]int{}
			row = append(row, cell(counts))
		}
		if !tried {
			continue
		}
		if g.Capability != "" && !optional {
			optional = true
			rows = append(rows, nil)
		}
		rows = append(rows, row)
	}
	return writeTable(w, rows)
}

func cell(counts [len(outcomeNames)]int) string {
	total := counts[Passed] + counts[Failed]
	var text string
	switch {
	case counts[Failed] > 0:
		text = fmt.Sprintf("✘ %d/%d", counts[Failed], total)
	case counts[Passed] > 0:
		text = fmt.Sprintf("✔ %d", counts[Passed])
	case counts[Absent] > 0 && counts[Excused] == 0:
		return "–"
	}
	if counts[Excused] > 0 {
		text += fmt.Sprintf(" ~ %d", counts[Excused])
	}
	if counts[Skipped] > 0 {
		text += fmt.Sprintf(" ? %d", counts[Skipped])
	}
	return strings.TrimSpace(text)
}

func writeTable(w io.Writer, rows [][]string) error {
	var widths []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, text := range row {
			line.WriteString(text)
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
