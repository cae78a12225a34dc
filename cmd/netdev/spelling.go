package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says of a flag that is unknown which one is like it.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usageError{err}
	}
	name := unknown.GetSpecifiedName()
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if like := nearest(name, names); like != "" {
		return usageError{fmt.Errorf("unknown flag: -%s; did you mean -%s?", name, like)}
	}
	return usageError{err}
}

// nearest returns the one of names that word may be a slip of, or "".
func nearest(word string, names []string) string {
	if len(word) < 2 {
		return ""
	}
	slips := func(name string) int { return distance(word, name) }
	like := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(slips(a), slips(b)) })
	if len(like) < 2 || slips(like) > (len(word)+1)/3 {
		return ""
	}
	return like
}

// distance is how many letters must be added, taken away, changed or swapped
// with the next one to make b of a.
func distance(a, b string) int {
	// Rows of the table for what was read of a: two letters ago, one, and now.
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			change := 0
			if a[i] != b[j] {
				change = 1
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
