// Package gonet is a network device over Go's own net package, for hosts whose
// kernel the host device has no code for. It also does for the host device what
// the kernel's sockets do not: names, interfaces, addresses.
//
// It has less than a kernel's sockets can: no readiness ([netdev.Poller]), so
// no flags of Send and Recv either, no options but those that Go's net has, no
// multicast, ping or raw sockets. Bind of a stream already listens, for Go's
// net does both in one; a peer may connect before Listen.
package gonet
