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
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev/overlay"
)

// Exit codes, beside those of a program or a go command that is run.
const (
	exitFailed      = 1   // what was asked for did not succeed
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // SIGINT or SIGTERM, as a shell has it
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
	context.AfterFunc(ctx, stop) // a second signal does not ask
	root := newRoot()
	root.SetArgs(longFlags(root, args))
	cmd, err := root.ExecuteContextC(ctx)
	var goErr *overlay.GoError
	var usage usageError
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		return exitInterrupted
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
		Long: `Netdev runs Go network programs, unchanged, on a network device: by default a
board with a TCP/IP stack of its own, on a network of software that "netdev
help run" tells more of. A program is an ordinary Go package.

"netdev devices" lists the devices, and -device chooses one. To try a device,
"netdev listen -echo :9000" and "netdev get URL" need no program at all. Long
flags may have one dash or two.

Exit codes:

  0    success; of listen and ping also when they are interrupted
  1    what was asked for failed
  2    the command line is wrong
  130  interrupted

Of run it is the program's own, of build and test the go command's.`,
		Example: `  netdev run ./examples/webserver
  netdev run -p 8000:8080 -loss 1% -pcap web.pcapng ./examples/webserver
  netdev test -device host net/http
  netdev conform -device bare`,
		SilenceErrors: true,
		SilenceUsage:  true,
		// An unknown command is an error; none at all is a question.
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{unknownCommand(cmd, args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(flagError)
	root.SetUsageFunc(usage)
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(
		runCmd(), buildCmd(), testCmd(), conformCmd(),
		listenCmd(), getCmd(), pingCmd(), resolveCmd(),
		devicesCmd(), versionCmd(),
	)
	for _, cmd := range root.Commands() {
		cmd.DisableFlagsInUseLine = true // Use has them
	}
	return root
}

func unknownCommand(root *cobra.Command, name string) error {
	if like := root.SuggestionsFor(name); len(like) > 0 {
		return fmt.Errorf("unknown command %q; did you mean %s?", name, strings.Join(like, " or "))
	}
	return fmt.Errorf("unknown command %q", name)
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
