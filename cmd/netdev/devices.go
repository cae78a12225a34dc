package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev/netlink/probe"
)

func devicesCmd() *cobra.Command {
	var asJSON, matrix bool
	cmd := &cobra.Command{
		Use:   "devices [-json] [-capabilities] [NAME]",
		Short: "List the devices, or what can be set of one",
		Long: `Devices lists the names that -device takes, the default first. With a name it
lists the flags of that device, each with an example of its value, and with
-capabilities what the devices can do beyond the eleven methods. A program
that is built with "netdev build" has its device, and what was set of it, built
in.`,
		Example: `  netdev devices
  netdev devices stack
  netdev devices -capabilities
  netdev devices -json | jq -r '.[].name'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("devices takes one name, and was given %d arguments", len(args))}
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return deviceCompletions(""), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			devices := probe.Devices()
			if len(args) == 1 {
				if err := probe.Check(args[0]); err != nil {
					return usageError{err}
				}
				devices = slices.DeleteFunc(devices, func(d probe.Device) bool { return d.Name != args[0] })
			}
			switch {
			case matrix && asJSON:
				return usageError{errors.New("-capabilities is a table, and -json is not for it")}
			case matrix:
				return printCapabilities(cmd.OutOrStdout(), devices)
			case asJSON:
				return printJSON(cmd.OutOrStdout(), devices)
			}
			return printDevices(cmd.OutOrStdout(), devices, len(args) == 1)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&matrix, "capabilities", false, "print what each device can do, as a Markdown table")
	return cmd
}

func printDevices(out io.Writer, devices []probe.Device, settings bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, d := range devices {
		fmt.Fprintf(w, "%s\t%s\n", d.Name, d.Summary)
	}
	err := w.Flush()
	for _, d := range devices {
		switch {
		case len(d.Settings) == 0:
		case settings:
			fmt.Fprintln(out)
			err = printSettings(out, &d)
		default:
			_, err = fmt.Fprintf(out, "\n%s has flags of its own; \"netdev devices %[1]s\" lists them.\n", d.Name)
		}
	}
	return err
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
