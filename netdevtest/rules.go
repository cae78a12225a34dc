package netdevtest

import (
	"fmt"
	"strings"

	"github.com/netdev-go/netdev"
)

// A Rule is one promise of the contract.
type Rule struct {
	ID       string // stable, such as "RECV-2"
	Name     string // the behaviour in a few words
	Text     string // the promise
	Optional bool   // a device may say no to it, with the error that Text names

	check  func(*trial)
	goTest bool // the check needs the testing.T of "go test"; Conform leaves it out
}

// A Group is the rules about one method, one subject or one capability.
type Group struct {
	Name       string // such as "Recv"
	Prefix     string // of the rules' IDs, such as "RECV"
	Capability string // the interface that the rules are about; "" is the eleven methods
	Rules      []Rule

	has     func(netdev.Netdever) bool
	usesNet bool // the checks call package net, which calls netdev.Current
}

// Groups returns the rules in the order of docs/contract.md.
func Groups() []Group {
	return []Group{
		socketGroup,
		bindGroup,
		connectGroup,
		acceptGroup,
		sendGroup,
		recvGroup,
		deadlineGroup,
		closeGroup,
		concurrencyGroup,
		namesGroup,
		errorsGroup,
		optionsGroup,
		packetGroup,
		sockNameGroup,
		shutdownGroup,
		sockOptGetGroup,
		contextConnectGroup,
		resolveGroup,
		dnsServersGroup,
		pollGroup,
		tlsGroup,
		multicastGroup,
		interfacesGroup,
		socketsGroup,
		pingGroup,
		netGroup,
		soakGroup,
	}
}

// has is the test for capability T, looked for as users of the device do.
func has[T any](dev netdev.Netdever) bool {
	_, ok := netdev.As[T](dev)
	return ok
}

// selectGroups returns the groups with the rules that only names.
func selectGroups(only []string) ([]Group, error) {
	all := Groups()
	if only == nil {
		return all, nil
	}
	want := make(map[string]bool, len(only))
	for _, name := range only {
		want[strings.ToUpper(name)] = true
	}
	known := make(map[string]bool)
	var chosen []Group
	for _, g := range all {
		known[g.Prefix] = true
		rules := g.Rules
		g.Rules = nil
		for _, r := range rules {
			known[r.ID] = true
			if want[g.Prefix] || want[r.ID] {
				g.Rules = append(g.Rules, r)
			}
		}
		if len(g.Rules) > 0 {
			chosen = append(chosen, g)
		}
	}
	for _, name := range only {
		if !known[strings.ToUpper(name)] {
			return nil, fmt.Errorf("netdevtest: no rule or group is called %q", name)
		}
	}
	return chosen, nil
}
