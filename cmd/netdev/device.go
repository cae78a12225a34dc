package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

const defaultDevice = "host"

// deviceFlag adds the flag that names the device.
func deviceFlag(cmd *cobra.Command, device *string) {
	cmd.Flags().StringVar(device, "device", defaultDevice, `device to use; "netdev devices" lists them`)
	err := cmd.RegisterFlagCompletionFunc("device", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return deviceCompletions(""), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag was added above
	}
}

// deviceCompletions are the names of the devices, each after prefix.
func deviceCompletions(prefix string) (all []cobra.Completion) {
	for _, d := range probe.Devices() {
		all = append(all, cobra.CompletionWithDesc(prefix+d.Name, d.Summary))
	}
	return all
}

// known reports an unknown device before anything is done for it.
func known(name string) error {
	for _, d := range probe.Devices() {
		if d.Name == name {
			return nil
		}
	}
	_, _, err := probe.Open(name)
	return usageError{err}
}

// connect opens a device and connects it to its network.
func connect(name string) (netlink.Netlinker, netdev.Netdever, error) {
	if err := known(name); err != nil {
		return nil, nil, err
	}
	link, dev, err := probe.Open(name)
	if err == nil {
		err = link.NetConnect(&netlink.ConnectParams{})
	}
	if err != nil && !errors.Is(err, netlink.ErrConnected) {
		return nil, nil, fmt.Errorf("device %s: %w", name, err)
	}
	return link, dev, nil
}

// use connects a device and makes it that of package net.
func use(name string) (netdev.Netdever, error) {
	_, dev, err := connect(name)
	if err == nil {
		netdev.UseNetdev(dev)
	}
	return dev, err
}
