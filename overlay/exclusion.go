package overlay

import (
	"maps"
	"slices"
	"strings"
)

// An exclusion is a test of the standard library that cannot run on a netdev.
type exclusion struct {
	why string
	on  []string // the devices that it can run on after all
}

var (
	inherits = exclusion{why: "it hands a socket to a child process, and the socket lives in this one"}
	addsLink = exclusion{
		why: "it has the host's kernel make an interface, and the interfaces are the device's",
		on:  []string{"host", "bare"},
	}
)

// exclusions are by package and name.
var exclusions = map[string]map[string]exclusion{
	"net": {
		"TestInterfaceArrivalAndDeparture":          addsLink,
		"TestInterfaceArrivalAndDepartureZoneCache": addsLink,
		"TestSplice/tcp-to-file":                    inherits,
		"TestSplice/tcp-to-tcp":                     inherits,
		"TestSplice/tcp-to-unix":                    inherits,
		"TestSplice/unix-to-tcp":                    inherits,
	},
	"net/http": {
		"TestLinuxSendfile": inherits,
	},
}

// exclude leaves out the tests of pkg that cannot run.
func (b *job) exclude(pkg string) {
	for _, name := range slices.Sorted(maps.Keys(exclusions[pkg])) {
		e := exclusions[pkg][name]
		if slices.Contains(e.on, b.opts.Device) {
			continue
		}
		b.say("leaving out " + name + " of " + pkg + ": " + e.why)
		if b.args.skip != "" {
			b.args.skip += "|"
		}
		b.args.skip += "^" + strings.ReplaceAll(name, "/", "$/^") + "$"
	}
}
