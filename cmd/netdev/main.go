// Netdev runs Go programs on network devices.
//
//	netdev run ./examples/webserver
//
// "netdev help" lists the commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev/overlay"
)

// Exit codes, beside those of a program or a go command that is run.
const (
	exitFailed = 1 // what was asked for did not succeed
	exitUsage  = 2 // the command line is wrong
)

// A usageError is a command line that is wrong.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() {
	os.Exit(execute(os.Args[1:]))
}

func execute(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(longFlags(root, args))
	cmd, err := root.ExecuteContextC(ctx)
	var goErr *overlay.GoError
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &goErr):
		return goErr.Code
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "netdev: %v\nRun \"%s --help\" for how it is used.\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(os.Stderr, "netdev: %v\n", err)
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "netdev",
		Short: "Run Go programs on network devices",
		Long: `Netdev runs Go network programs, unchanged, on a network device: the host's
kernel, or a driver's chip. A program is an ordinary Go package.

  netdev run ./examples/webserver

Exit codes: 0 success; 1 what was asked for failed; 2 the command line is wrong.
run gives the program's own, build and test the go command's.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		// An unknown command is an error; none at all is a question.
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(runCmd(), buildCmd(), testCmd(), devicesCmd(), versionCmd())
	return root
}

// exactly is cobra.ExactArgs with an error that says what is missing.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{fmt.Errorf("%s takes %s, and was given %d arguments", cmd.Name(), what, len(args))}
		}
		return nil
	}
}
