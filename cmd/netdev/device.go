package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

const defaultDevice = "stack"

// A choice is the device that a command line asks for.
type choice struct {
	device   string
	settings []probe.Setting
	quiet    bool
	opened   netdev.Netdever
}

// deviceFlags adds the flags that name the device and its settings.
func deviceFlags(cmd *cobra.Command, c *choice) {
	cmd.Flags().StringVar(&c.device, "device", defaultDevice, `device to use; "netdev devices" lists them`)
	completeFlag(cmd, "device")
	cmd.Flags().BoolVar(&c.quiet, "quiet", false, "do not tell what happens on the network")
	for _, u := range settings() {
		short := ""
		if len(u.Key) == 1 {
			short = u.Key
		}
		cmd.Flags().VarP(settingFlag{c, u.Key}, u.Key, short, u.Text)
		completeFlag(cmd, u.Key)
	}
}

// completeFlag completes the value of a flag that cmd has.
func completeFlag(cmd *cobra.Command, name string) {
	err := cmd.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return completeValue(name, "")
	})
	if err != nil {
		panic(err) // cmd has no such flag
	}
}

// settings are those of all devices.
func settings() (all []probe.Usage) {
	for _, d := range probe.Devices() {
		for _, u := range d.Settings {
			if !slices.Contains(all, u) {
				all = append(all, u)
			}
		}
	}
	return all
}

// A settingFlag is a flag that may be given more than once, of which the device
// says what that means.
type settingFlag struct {
	c   *choice
	key string
}

func (f settingFlag) String() string { return "" }
func (f settingFlag) Type() string   { return "value" }
func (f settingFlag) Set(value string) error {
	f.c.settings = append(f.c.settings, probe.Setting{Key: f.key, Value: value})
	return nil
}

// deviceCompletions are the names of the devices, each after prefix.
func deviceCompletions(prefix string) (all []cobra.Completion) {
	for _, d := range probe.Devices() {
		all = append(all, cobra.CompletionWithDesc(prefix+d.Name, d.Summary))
	}
	return all
}

// check reports a device or a setting that is wrong before anything is done for
// it.
func (c *choice) check() error {
	if err := probe.Check(c.device, c.settings...); err != nil {
		return usageError{err}
	}
	return nil
}

// still keeps a device to itself that no person looks at: it tells nothing, and
// opens no port of this machine that was not asked for.
func (c *choice) still() {
	c.quiet = true
	given := func(s probe.Setting) bool { return s.Key == "p" }
	nothing := probe.Setting{Key: "p", Value: "none"}
	if !slices.ContainsFunc(c.settings, given) && probe.Check(c.device, nothing) == nil {
		c.settings = append(c.settings, nothing)
	}
}

// events prints what happens on the network.
func (c *choice) events() func(string) {
	if c.quiet {
		return nil
	}
	return func(line string) { fmt.Fprintln(os.Stderr, "netdev: "+line) }
}

// connect opens the device and connects it to its network.
func (c *choice) connect() (netlink.Netlinker, netdev.Netdever, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	link, dev, err := probe.Open(c.device, c.events(), c.settings...)
	if err == nil {
		err = link.NetConnect(&netlink.ConnectParams{})
	}
	if err != nil && !errors.Is(err, netlink.ErrConnected) {
		stop(dev)
		return nil, nil, fmt.Errorf("device %s: %w", c.device, err)
	}
	return link, dev, nil
}

// use connects the device and makes it that of package net, until leave.
func (c *choice) use() (netdev.Netdever, error) {
	_, dev, err := c.connect()
	if err == nil {
		netdev.UseNetdev(dev)
		c.opened = dev
	}
	return dev, err
}

// leave has the device give back what it was given, and its capture written to
// the end.
func (c *choice) leave() { stop(c.opened) }

// stop ends a device that has an end, or is nil.
func stop(dev netdev.Netdever) {
	if dev == nil {
		return
	}
	if d, ok := netdev.As[interface{ Stop() error }](dev); ok {
		if err := d.Stop(); err != nil {
			fmt.Fprintf(os.Stderr, "netdev: %v\n", err)
		}
	}
}
