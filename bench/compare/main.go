// Compare measures netdev's stack, gVisor's netstack and the host's kernel in one
// run. "go run ./bench", in the main module, builds it and runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// launcherEnv tells the directory of this module, and that the parent is the
// launcher, whose end is to be ours.
const launcherEnv = "NETDEV_BENCH_DIR"

func main() {
	if len(os.Args) > 1 && os.Args[1] == childFlag {
		out := os.Stdout
		os.Stdout = os.Stderr // nothing else may write between the answers
		serve(os.Stdin, out)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if os.Getenv(launcherEnv) != "" {
		go followParent(stop)
	}
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// followParent calls stop when the parent is gone.
func followParent(stop func()) {
	parent := os.Getppid()
	for range time.Tick(time.Second / 2) {
		if os.Getppid() != parent {
			stop()
			return
		}
	}
}

// A command is what the flags ask for.
type command struct {
	size      Size
	count     int
	once      bool // for what is not compared
	workloads []*Workload
	subjects  *regexp.Regexp
	list      bool
	wait      bool
	plot      string
	markdown  string
	profiles  string
}

func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "bench: %v\nRun it with -h for its flags.\n", err)
		return exitUsage
	case c.list:
		list(stdout)
		return 0
	}
	switch err := c.run(ctx, stdout, stderr); {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "bench: interrupted")
		return exitInterrupted
	case err != nil:
		fmt.Fprintf(stderr, "bench: %v\n", err)
		return exitFailed
	}
	return 0
}

func parse(args []string, help io.Writer) (c command, err error) {
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	quick := fs.Bool("quick", false, "short loops, three repetitions: less than three minutes")
	run := fs.String("run", "", "only the workloads whose name matches the `regexp`")
	subjects := fs.String("subjects", "", "only the subjects whose name matches the `regexp`")
	fs.IntVar(&c.count, "count", 0, "how many `times` everything is measured: 5, or 3 with -quick, and then what is not compared once")
	fs.StringVar(&c.plot, "o", "", "write a plot of the ratios to the `file`, an SVG")
	fs.StringVar(&c.markdown, "markdown", "", "write the table to the `file`, as Markdown")
	fs.StringVar(&c.profiles, "cpuprofile", "", "write a CPU profile of each workload and subject into the `directory`")
	fs.BoolVar(&c.list, "list", false, "list the workloads and end")
	fs.BoolVar(&c.wait, "wait", false, "wait until no other bench runs on this machine")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(help, "Usage: go run ./bench [flags]\n\nMeasures netdev's stack, gVisor's netstack and the host's kernel in one run.\n\nFlags:")
			fs.SetOutput(help)
			fs.PrintDefaults()
		}
		return c, err
	}
	if fs.NArg() > 0 {
		return c, fmt.Errorf("it takes no arguments, only flags: %q", fs.Arg(0))
	}
	c.size = Full
	if *quick {
		c.size = Quick
	}
	if c.count == 0 {
		c.count = c.size.Of(1, 3, 5)
		c.once = *quick
	}
	if c.count < 0 {
		return c, fmt.Errorf("-count %d is less than 1", c.count)
	}
	if c.subjects, err = regexp.Compile(*subjects); err != nil {
		return c, fmt.Errorf("-subjects: %w", err)
	}
	chosen, err := regexp.Compile(*run)
	if err != nil {
		return c, fmt.Errorf("-run: %w", err)
	}
	any := false
	for _, w := range workloads {
		if !chosen.MatchString(w.ID) {
			continue
		}
		any = true
		if len(c.subjectsOf(w)) > 0 {
			c.workloads = append(c.workloads, w)
		}
	}
	switch {
	case !any:
		return c, fmt.Errorf("no workload matches -run %q; -list shows all", *run)
	case len(c.workloads) == 0:
		return c, fmt.Errorf("no subject of these workloads matches -subjects %q; -list shows all", *subjects)
	}
	return c, nil
}

func (c *command) subjectsOf(w *Workload) []string {
	return slices.DeleteFunc(slices.Clone(w.Subjects), func(s string) bool { return !c.subjects.MatchString(s) })
}

func list(out io.Writer) {
	for _, w := range workloads {
		fmt.Fprintf(out, "%-10s %s\n%-10s (%s)\n", w.ID, w.Title, "", strings.Join(w.Subjects, ", "))
	}
}

// run measures and reports. Files are opened first: a long run is not to end with
// what could have been said at its start.
func (c *command) run(ctx context.Context, out, stderr io.Writer) error {
	files, err := c.open()
	if err != nil {
		return err
	}
	defer files.close()
	unlock, err := lock(ctx, c.wait, stderr)
	if err != nil {
		return err
	}
	defer unlock()
	header := machine(c.count, c.size)
	for _, line := range header {
		fmt.Fprintln(out, line)
	}
	var outcomes []*outcome
	failures := 0
	for _, w := range c.workloads {
		count := c.count
		if c.once && w.Alone {
			count = 1
		}
		o := measure(ctx, w, c.subjectsOf(w), count, Options{Size: c.size}, c.profiles)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		o.write(out)
		outcomes = append(outcomes, o)
		failures += len(o.failed)
	}
	verdicts := judge(outcomes)
	writeVerdicts(out, verdicts)
	if err := files.write(header, outcomes, verdicts); err != nil {
		return err
	}
	if failures > 0 {
		return fmt.Errorf("%d measurements failed", failures)
	}
	return nil
}
