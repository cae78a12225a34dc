package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// completePackages completes what the go command takes: our flags, directories
// and Go files.
func completePackages(_ *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if flag, _, ok := strings.Cut(word, "="); ok && strings.HasPrefix(word, "-") {
		return completeValue(strings.TrimLeft(flag, "-"), flag+"=")
	}
	if strings.HasPrefix(word, "-") {
		all := []cobra.Completion{
			cobra.CompletionWithDesc("-device", "device to use"),
			cobra.CompletionWithDesc("-quiet", "do not tell what happens on the network"),
		}
		for _, u := range settings() {
			all = append(all, cobra.CompletionWithDesc("-"+u.Key, u.Text))
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	}
	if len(args) > 0 {
		if name := strings.TrimLeft(args[len(args)-1], "-"); name != args[len(args)-1] && (name == "device" || isSetting(name)) {
			return completeValue(name, "")
		}
	}
	return []cobra.Completion{"go"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeValue completes the value of one of our flags, after prefix.
func completeValue(name, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch name {
	case "device":
		return deviceCompletions(prefix), cobra.ShellCompDirectiveNoFileComp
	case "profile":
		return []cobra.Completion{prefix + "small", prefix + "host"}, cobra.ShellCompDirectiveNoFileComp
	case "pcap":
		return nil, cobra.ShellCompDirectiveDefault
	}
	for _, u := range settings() {
		if u.Key == name {
			// An example shows the form.
			return []cobra.Completion{cobra.CompletionWithDesc(prefix+u.Example, u.Text)}, cobra.ShellCompDirectiveNoFileComp
		}
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
