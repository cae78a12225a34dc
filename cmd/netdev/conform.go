package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netdevtest"
	"github.com/netdev-go/netdev/sim"
)

func conformCmd() *cobra.Command {
	var device choice
	var only string
	var asJSON, verbose bool
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "conform [-device NAME] [device flags] [-run REGEXP] [-json] [-v]",
		Short: "Hold a device to the contract",
		Long: `Conform tries each rule of the contract (docs/contract.md) on a device, and
prints a line for each group of rules:

  ✔ 9      nine rules are kept
  ✘ 2/9    two of nine are broken, and are explained below
  ~ 1      one is not, for a reason of the chip's that is given below
  –        the device lacks the capability
  ? 1      the network it was tried on cannot show one of them

The exit code is 1 when a rule is broken. A driver's own tests do the same
with package netdevtest.`,
		Example: `  netdev conform
  netdev conform -loss 5% -seed 1 -run '^(SEND|RECV)-'
  netdev conform -device bare -run '^(SEND|RECV)-' -v
  netdev conform -json | jq '.results[] | select(.outcome == "failed")'`,
		Args:              exactly(0, "no arguments"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := device.check(); err != nil {
				return err
			}
			rules, err := selectRules(only)
			if err != nil {
				return usageError{err}
			}
			device.still()
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			report, err := netdevtest.Conform(ctx, netdevtest.Config{
				Name:  device.device,
				New:   func(tb testing.TB) netdev.Netdever { return newForTest(tb, &device) },
				Peer:  peerFor,
				Rules: rules,
			})
			if report == nil {
				return err
			}
			out := cmd.OutOrStdout()
			if asJSON {
				err = errors.Join(err, printJSON(out, report))
			} else {
				err = errors.Join(err, printReport(out, report, verbose))
			}
			if errors.Is(err, context.DeadlineExceeded) {
				return fmt.Errorf("conform: not all rules were tried within %s; give more with -timeout", timeout)
			}
			if err != nil {
				return err
			}
			return verdict(report)
		},
	}
	deviceFlags(cmd, &device)
	cmd.Flags().StringVar(&only, "run", "", `rules to try, a regexp for "ID name"`)
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "a line for each rule too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().DurationVar(&timeout, "timeout", 10*time.Minute, "time for all rules")
	return cmd
}

// newForTest returns a device of that name until tb ends.
func newForTest(tb testing.TB, device *choice) netdev.Netdever {
	link, dev, err := device.connect()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		link.NetDisconnect()
		stop(dev)
	})
	return dev
}

// peerFor returns a host on the device's network.
func peerFor(tb testing.TB, dev netdev.Netdever) netdevtest.Peer {
	board, ok := netdev.As[interface{ Peer() (*sim.Peer, error) }](dev)
	if !ok {
		return netdevtest.Loopback(tb)
	}
	peer, err := board.Peer()
	if err != nil {
		tb.Fatal(err)
	}
	return peer
}

// selectRules returns the IDs of the rules that match expr.
func selectRules(expr string) ([]string, error) {
	if expr == "" {
		return nil, nil
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("-run: %w", err)
	}
	var ids []string
	for _, g := range netdevtest.Groups() {
		for _, r := range g.Rules {
			if re.MatchString(r.ID + " " + r.Name) {
				ids = append(ids, r.ID)
			}
		}
	}
	if ids == nil {
		return nil, fmt.Errorf("-run: no rule matches %q; docs/contract.md lists them, and so does -v", expr)
	}
	return ids, nil
}

// verdict is an error where a rule is broken.
func verdict(r *netdevtest.Report) error {
	if n := len(r.Failures()); n > 0 {
		return fmt.Errorf("conform: device %s breaks %d of %d rules", r.Device, n, len(r.Results))
	}
	return nil
}

func printReport(w io.Writer, r *netdevtest.Report, verbose bool) error {
	if verbose {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, res := range r.Results {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", res.ID, res.Outcome, res.Name, res.Elapsed.Round(time.Millisecond))
		}
		fmt.Fprintln(t)
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if err := r.Matrix(w); err != nil {
		return err
	}
	for _, res := range r.Failures() {
		fmt.Fprintf(w, "\n✘ %s %s\n%s\n%s\n", res.ID, res.Name, indent(res.Text), indent(res.Detail))
	}
	for _, res := range r.Results {
		if res.Outcome == netdevtest.Excused {
			fmt.Fprintf(w, "\n~ %s %s\n%s\n", res.ID, res.Name, indent(res.Detail))
		}
	}
	fmt.Fprintf(w, "\n%d rules in %s\n", len(r.Results), r.Elapsed.Round(10*time.Millisecond))
	return nil
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}
