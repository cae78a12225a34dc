// Package gateway is what a home router is, in software and without root: it
// gives the boards of a virtual network their addresses and names, and has them
// reach the world through the sockets of another device, the host's kernel by
// default.
//
// The gateway has its own TCP/IP stack on a frame device, such as a port of a
// sim/ether switch. Out of it come
//
//   - a DHCP server, with leases that depend on a board's hardware address alone
//   - a DNS server, which knows boards by their host names, NAME and NAME.netdev,
//     itself as "gateway" and "host", and asks the host about all others
//   - network address translation of TCP, UDP and ICMP echo. A board learns the
//     true outcome: it is connected when the far end is, and refused by whom it
//     was refused
//   - port forwards from the host to a board
//
// # The host from within
//
// What a board sends to the gateway's own address, but for DHCP and DNS, reaches
// the host's 127.0.0.1. So does a name that the host resolves to a loopback
// address of its own. A forward can be used from within that way too.
//
// # Connections
//
// A connection through the gateway is two, whose streams are joined: the end of
// a direction, resets and back-pressure go through, options and urgent data do
// not. A datagram's flow is a socket for each pair of a board's and a peer's
// address and port, so that only that peer can answer; what a forward receives
// has the gateway's address as its sender on the network.
//
// # Bounds
//
// Leases, connections, flows, echo requests and DNS queries under way are all
// bounded by [Config]. Beyond, a connection is refused, a flow replaces the one
// that was idle longest, a request is dropped; [Stats] counts each.
//
// # Time
//
// Time is that of package time, and nothing polls: with a Host that is a stack,
// all of it runs in a testing/synctest bubble.
//
// # Not supported
//
// IPv6, relay agents of DHCP, hole punching between boards of two networks
// (translation is symmetric), protocols that carry addresses in their data, and
// ICMP other than echo through the gateway.
package gateway
