package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/netdev-go/netdev/netlink/probe"
)

// usage prints how cmd is used: its own flags, and apart from them what can be
// set of the devices.
func usage(cmd *cobra.Command) error {
	w := cmd.OutOrStderr()
	fmt.Fprintf(w, "Usage:\n  %s\n", cmd.UseLine())
	if cmd.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	printCommands(w, cmd)
	own := pflag.NewFlagSet("", pflag.ContinueOnError)
	devices := false
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if isSetting(f.Name) {
			devices = true
		} else {
			own.AddFlag(f)
		}
	})
	if own.HasAvailableFlags() {
		fmt.Fprintf(w, "\nFlags:\n%s", own.FlagUsages())
	}
	if !devices {
		return nil
	}
	listed := make(map[string]string) // a flag, and the device that has it first
	for _, d := range probe.Devices() {
		beside := ""
		d.Settings = slices.DeleteFunc(slices.Clone(d.Settings), func(u probe.Usage) bool {
			first, ok := listed[u.Key]
			if !ok {
				listed[u.Key] = d.Name
			} else if !strings.Contains(beside, first) {
				beside = strings.TrimPrefix(beside+" and "+first, " and ")
			}
			return ok
		})
		switch {
		case len(d.Settings) == 0 && beside == "":
		case len(d.Settings) == 0:
			fmt.Fprintf(w, "\nThe device %s has flags of %s; \"netdev devices %[1]s\" lists them.\n", d.Name, beside)
		case beside == "":
			fmt.Fprintf(w, "\nFlags of the device %s:\n", d.Name)
		default:
			fmt.Fprintf(w, "\nFlags of the device %s, beside those of %s:\n", d.Name, beside)
		}
		printSettings(w, &d)
	}
	return nil
}

func printCommands(w io.Writer, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	fmt.Fprint(w, "\nCommands:\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			fmt.Fprintf(t, "  %s\t%s\n", c.Name(), c.Short)
		}
	}
	t.Flush()
}

// printSettings prints the flags of a device, each with an example.
func printSettings(w io.Writer, d *probe.Device) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, u := range d.Settings {
		fmt.Fprintf(t, "  -%s %s\t%s\n", u.Key, u.Example, u.Text)
	}
	return t.Flush()
}
