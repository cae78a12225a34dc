// Package stack is a TCP/IP stack: it makes a [netdev.Netdever], with every
// capability, of a [netlink.FrameDevice] that only moves Ethernet frames.
//
//	s, err := stack.New(dev, stack.Config{})
//	…
//	err = s.NetConnect(&netlink.ConnectParams{}) // waits for a lease
//	netdev.UseNetdev(s)
//
// There are ARP, IPv4 with reassembly, ICMP, IGMP, UDP, TCP, a DHCP client and
// a DNS client. The interfaces are "lo", which works at once, and "eth0", which
// works between NetConnect and NetDisconnect.
//
// A program that must be small names what it needs, and has nothing else linked:
//
//	s, err := stack.NewWith(dev, stack.SmallBoard(), stack.TCP) // no DHCP, names, groups
//
// # Bounds
//
// All that the stack holds is bounded by its [Config], and [Config.Memory] tells
// by how much. What the sockets hold comes from one pool of blocks; a socket that
// holds no data takes none of it, and one that hoards gets no more than is still
// free. What finds no room is dropped and counted, see [Stack.Counters].
//
// # Who calls whom
//
// A frame is worked on in the call that hands it over, and a socket call in its
// own. Both write what is to be sent into a ring of frames; one of the calls
// under way empties it into the device, without a lock. There is no goroutine per
// socket, and none at all while nothing happens: time comes from one timer of
// [Config.Clock].
//
// # Not supported
//
// IPv6, forwarding between networks, source routes, ECN, TCP Fast Open, urgent data
// (which is read as ordinary data), SO_REUSEPORT of listeners, and TLS.
package stack
