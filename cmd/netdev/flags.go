package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// longFlags lets a long flag be written with one dash, as Go's own commands
// have it: -device host for --device host.
func longFlags(root *cobra.Command, args []string) []string {
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
		name, _, _ = strings.Cut(name, "=")
		if cmd.Flags().Lookup(name) != nil || name == "help" {
			out[i] = "-" + arg
		}
	}
	return out
}

// deviceFlag adds the flag that names the device.
func deviceFlag(flags *pflag.FlagSet, device *string) {
	flags.StringVar(device, "device", defaultDevice, `device to use; "netdev devices" lists them`)
}
