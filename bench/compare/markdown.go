package main

import "strings"

// markdown returns the table for the documents.
func markdown(header []string, outcomes []*outcome, verdicts []verdict) string {
	var b strings.Builder
	b.WriteString(strings.Join(header, ".  \n") + ".\n")
	for _, o := range outcomes {
		b.WriteString("\n**" + o.ID + ", " + o.Title + ".**")
		if o.Note != "" {
			b.WriteString(" " + o.Note)
		}
		b.WriteString("\n\n")
		o.grid().markdown(&b)
		if lines := o.remarks(); len(lines) > 0 {
			b.WriteString("\n" + strings.Join(lines, ".  \n") + ".\n")
		}
	}
	if len(verdicts) > 0 {
		b.WriteString("\n")
		verdictGrid(verdicts).markdown(&b)
	}
	return b.String()
}

func (g grid) markdown(b *strings.Builder) {
	for i, row := range g.joined(false) {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString("|---|" + strings.Repeat("---:|", len(row)-1) + "\n")
		}
	}
}
