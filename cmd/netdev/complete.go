package main

import (
	"strings"

	"github.com/spf13/cobra"
)

// completePackages completes what the go command takes: our flag, directories
// and Go files.
func completePackages(_ *cobra.Command, args []string, word string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		if last := args[len(args)-1]; last == "-device" || last == "--device" {
			return deviceCompletions(""), cobra.ShellCompDirectiveNoFileComp
		}
	}
	if flag, _, ok := strings.Cut(word, "="); ok && (flag == "-device" || flag == "--device") {
		return deviceCompletions(flag + "="), cobra.ShellCompDirectiveNoFileComp
	}
	if strings.HasPrefix(word, "-") {
		return []cobra.Completion{cobra.CompletionWithDesc("-device", "device to use")}, cobra.ShellCompDirectiveNoFileComp
	}
	return []cobra.Completion{"go"}, cobra.ShellCompDirectiveFilterFileExt
}
