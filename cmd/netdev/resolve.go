package main

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/spf13/cobra"

	"github.com/netdev-go/netdev/net"
)

func resolveCmd() *cobra.Command {
	var device choice
	var only4, only6, asJSON bool
	cmd := &cobra.Command{
		Use:   "resolve [-device NAME] [device flags] [-4|-6] NAME",
		Short: "Look up the addresses of a name",
		Long: `Resolve asks the device's resolver for a name and prints its addresses, one a
line. A name without such an address is an error.`,
		Example: `  netdev resolve pkg.go.dev
  netdev resolve -network lab web
  netdev resolve -device bare -4 pkg.go.dev`,
		Args:              exactly(1, "a name"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			network := "ip"
			switch {
			case only4 && only6:
				return usageError{errors.New("-4 and -6 exclude each other")}
			case only4:
				network = "ip4"
			case only6:
				network = "ip6"
			}
			if _, err := device.use(); err != nil {
				return err
			}
			defer device.leave()
			addrs, err := net.DefaultResolver.LookupNetIP(cmd.Context(), network, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), struct {
					Name      string       `json:"name"`
					Addresses []netip.Addr `json:"addresses"`
				}{args[0], addrs})
			}
			for _, a := range addrs {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), a); err != nil {
					return err
				}
			}
			return nil
		},
	}
	deviceFlags(cmd, &device)
	cmd.Flags().BoolVarP(&only4, "ipv4", "4", false, "IPv4 addresses only")
	cmd.Flags().BoolVarP(&only6, "ipv6", "6", false, "IPv6 addresses only")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
