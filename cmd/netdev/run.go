package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev/netlink/probe"
	"github.com/netdev-go/netdev/overlay"
)

func runCmd() *cobra.Command {
	return overlayCmd(&cobra.Command{
		Use:   "run [-device NAME] [device flags] [build flags] PACKAGE [arguments]",
		Short: "Build a Go program and run it on a device",
		Long: `Run builds a package, or .go files, so that Go's own net, net/http and
crypto/tls use a network device, and starts the program. The program is not
changed, nor is its go.mod. Its arguments, environment, standard streams,
signals and exit code are its own.

The default device is a board on a network of software, with a gateway. The
board has its address from DHCP, reaches the world through this machine, and
this machine as the host "host". Each TCP port that it listens on is forwarded
from the same port of this machine, or from a free one; -p chooses. What
happens on the network is told on standard error, unless -quiet is given.

Processes that name the same -network are on one, and reach each other by their
-name, which is that of the program where none is given.

The first run compiles the standard library once more, which takes up to a
minute. Flags before the package are those of go build, such as -race or
-tags.`,
		Example: `  netdev run ./examples/webserver
  netdev run -p 8000:8080 -pcap web.pcapng ./examples/webserver
  netdev run -loss 5% -delay 50ms -seed 1 . -listen :9000
  netdev run -network lab -name web ./examples/webserver
  netdev run -device host main.go`,
	}, func(cmd *cobra.Command, opts overlay.Options, args []string) error {
		file, args, err := overlay.Program(cmd.Context(), opts, args)
		if err != nil {
			return err
		}
		// From here on there is only the program.
		return syscall.Exec(file, append([]string{file}, args...), os.Environ())
	})
}

func buildCmd() *cobra.Command {
	return overlayCmd(&cobra.Command{
		Use:   "build [-device NAME] [device flags] [-o FILE] [build flags] [packages]",
		Short: "Build a Go program for a device",
		Long: `Build is go build, with programs that open their device and use it in place of
the kernel's network. All of go build's flags but -overlay and -modfile can be
given.`,
		Example: `  netdev build -o web ./examples/webserver && ./web`,
	}, func(cmd *cobra.Command, opts overlay.Options, args []string) error {
		return overlay.Build(cmd.Context(), opts, args)
	})
}

func testCmd() *cobra.Command {
	return overlayCmd(&cobra.Command{
		Use:   "test [-device NAME] [device flags] [test flags] [packages]",
		Short: "Run the tests of Go packages on a device",
		Long: `Test is go test, with tests whose Go net uses a device. All of go test's flags
but -overlay and -modfile can be given. The packages may be the standard
library's; tests of it that cannot run on a device are left out by name, and
the reason is printed.`,
		Example: `  netdev test -device host net/http
  netdev test -device bare -run TestServer -v ./...`,
	}, func(cmd *cobra.Command, opts overlay.Options, args []string) error {
		return overlay.Test(cmd.Context(), opts, args)
	})
}

// overlayCmd makes cmd one whose flags are the go command's, but for -device.
func overlayCmd(cmd *cobra.Command, run func(*cobra.Command, overlay.Options, []string) error) *cobra.Command {
	deviceFlags(cmd, new(choice)) // for help; ownFlags takes them
	cmd.DisableFlagParsing = true
	cmd.ValidArgsFunction = completePackages
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		device, args, help, err := ownFlags(args)
		if help {
			return cmd.Help()
		}
		if err != nil {
			return usageError{err}
		}
		if err := device.check(); err != nil {
			return err
		}
		if cmd.Name() == "test" {
			device.still()
		}
		err = run(cmd, overlay.Options{Device: device.device, Flags: device.flags(), Stdout: os.Stdout, Stderr: os.Stderr}, args)
		if _, wrong := err.(overlay.ArgumentError); wrong {
			return usageError{err}
		}
		return err
	}
	return cmd
}

// flags are the settings as the program that is built takes them.
func (c *choice) flags() (flags []string) {
	if c.quiet {
		flags = append(flags, "quiet")
	}
	for _, s := range c.settings {
		flags = append(flags, s.Key+"="+s.Value)
	}
	return flags
}

// ownFlags takes our flags from the front of a go command's; they may stand
// among its own, up to the first argument.
func ownFlags(args []string) (device *choice, rest []string, help bool, err error) {
	device = &choice{device: defaultDevice}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		name, value, inline := overlay.CutFlag(args[0])
		switch {
		case args[0] == "--":
			return device, append(rest, args...), false, nil
		case name == "h" || name == "help":
			return device, nil, true, nil
		case name == "quiet" && !inline:
			device.quiet, args = true, args[1:]
			continue
		}
		width := overlay.FlagWidth(args[0])
		own := name == "device" || isSetting(name)
		if !inline && len(args) > 1 && width == 2 {
			value = args[1]
		}
		if own && name == "p" && isNumber(value) {
			own = false // how many programs the go command runs at a time
		}
		switch like := nearest(name, ownNames()); {
		case !own && !overlay.IsGoFlag(name) && like != "":
			return nil, nil, false, fmt.Errorf("unknown flag: -%s; did you mean -%s?", name, like)
		case !own:
			n := min(width, len(args))
			rest, args = append(rest, args[:n]...), args[n:]
			continue
		case !inline && len(args) < 2:
			return nil, nil, false, fmt.Errorf("flag needs an argument: -%s", name)
		case name == "device":
			device.device = value
		default:
			device.settings = append(device.settings, probe.Setting{Key: name, Value: value})
		}
		args = args[min(width, len(args)):]
	}
	return device, append(rest, args...), false, nil
}

// ownNames are the flags that are not the go command's.
func ownNames() []string {
	names := []string{"device", "quiet", "help"}
	for _, u := range settings() {
		names = append(names, u.Key)
	}
	return names
}

func isSetting(name string) bool {
	return slices.ContainsFunc(settings(), func(u probe.Usage) bool { return u.Key == name })
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
