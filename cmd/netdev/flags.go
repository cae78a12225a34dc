package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// longFlags lets a long flag be written with one dash, as Go's own commands
// have it: -device host for --device host.
func longFlags(root *cobra.Command, args []string) []string {
	if len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd) {
		if len(args) < 3 {
			return args
		}
		// The last word is being written, and is completed as it stands.
		last := len(args) - 1
		out := append(args[:1:1], longFlags(root, args[1:last])...)
		return append(out, args[last])
	}
	cmd, _, err := root.Find(args)
	if err != nil || cmd.DisableFlagParsing {
		return args
	}
	out := make([]string, len(args))
	copy(out, args)
	for i, arg := range args {
		if arg == "--" {
			break
		}
		name, single := strings.CutPrefix(arg, "-")
		if !single || len(name) < 2 || name[0] == '-' {
			continue
		}
		long, _, _ := strings.Cut(name, "=")
		// What is neither a long flag nor begins with a short one is an error,
		// and that of a long flag is the one to understand.
		if cmd.Flags().Lookup(long) != nil || cmd.Flags().ShorthandLookup(name[:1]) == nil {
			out[i] = "-" + arg
		}
	}
	return out
}
