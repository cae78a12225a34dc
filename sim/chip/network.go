// Package chip is what all simulated chips have in common: the network behind
// them.
package chip

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/netlink"
)

// A Network is the TCP/IP inside a chip and the network that it is on. Both
// *stack.Stack and *sim.Board are one.
type Network interface {
	netdev.Netdever
	netdev.PacketNetdever
	netdev.SockNamer
	netdev.Shutdowner
	netdev.SockOptGetter
	netdev.ContextConnecter
	netdev.MultiResolver
	netdev.DNSServerLister
	netdev.Poller
	netdev.MulticastJoiner
	netdev.InterfaceLister
	netdev.Pinger
	netlink.Netlinker

	// Configure gives the network's interface a static address, or with the zero
	// Prefix one from DHCP, from the next NetConnect on.
	Configure(addr netip.Prefix, gateway netip.Addr, dns []netip.Addr) error
}
