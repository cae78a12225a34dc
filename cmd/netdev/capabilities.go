package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
	"github.com/netdev-go/netdev/netlink/probe"
)

// A capability is what a device may do beyond the eleven methods.
type capability struct {
	name string // of the interface
	text string
	has  func(dev netdev.Netdever) bool
}

func has[T any](dev netdev.Netdever) bool {
	_, ok := netdev.As[T](dev)
	return ok
}

var capabilities = []capability{
	{"PacketNetdever", "datagrams with addresses", has[netdev.PacketNetdever]},
	{"SockNamer", "the names of both ends", has[netdev.SockNamer]},
	{"Shutdowner", "half-close", has[netdev.Shutdowner]},
	{"SockOptGetter", "options read back", has[netdev.SockOptGetter]},
	{"ContextConnecter", "dials that can be cancelled", has[netdev.ContextConnecter]},
	{"Poller", "readiness", has[netdev.Poller]},
	{"MultiResolver", "all addresses of a name", has[netdev.MultiResolver]},
	{"DNSServerLister", "other DNS records", has[netdev.DNSServerLister]},
	{"TLSConfigurer", "TLS by the device", has[netdev.TLSConfigurer]},
	{"MulticastJoiner", "multicast groups", has[netdev.MulticastJoiner]},
	{"InterfaceLister", "interfaces", has[netdev.InterfaceLister]},
	{"SocketLister", "netstat", has[netdev.SocketLister]},
	{"Pinger", "ping", has[netdev.Pinger]},
	{"Netlinker", "joining a network", has[netlink.Netlinker]},
	{"Scanner", "WiFi scan", has[netlink.Scanner]},
	{"SignalMeter", "signal strength", has[netlink.SignalMeter]},
	{"Versioner", "firmware version", has[netlink.Versioner]},
}

// printCapabilities prints a Markdown table of what each device has.
func printCapabilities(out io.Writer, devices []probe.Device) error {
	columns := make([]netdev.Netdever, len(devices))
	for i, d := range devices {
		_, dev, err := probe.Open(d.Name, nil)
		if err != nil {
			return fmt.Errorf("device %s: %w", d.Name, err)
		}
		defer stop(dev)
		columns[i] = dev
	}
	// A tabwriter counts characters, and its cells end in tabs.
	w := tabwriter.NewWriter(out, 0, 0, 1, ' ', 0)
	fmt.Fprint(w, "| capability\t| \t")
	for _, d := range devices {
		fmt.Fprintf(w, "| `%s`\t", d.Name)
	}
	fmt.Fprint(w, "|\n|---\t|---\t")
	for range devices {
		fmt.Fprint(w, "|---\t")
	}
	fmt.Fprintln(w, "|")
	for _, c := range capabilities {
		fmt.Fprintf(w, "| `%s`\t| %s\t", c.name, c.text)
		for _, dev := range columns {
			mark := "–"
			if c.has(dev) {
				mark = "✔"
			}
			fmt.Fprintf(w, "| %s\t", mark)
		}
		fmt.Fprintln(w, "|")
	}
	return w.Flush()
}
