// Package offload makes a netdev.Netdever of a chip that has TCP/IP sockets of
// its own.
//
// The driver brings a [Chip]: what the chip's sockets can do, without waiting.
// A [Core] owns it. One goroutine makes every call of the chip, one after the
// other, so that a bus has one master and needs no lock. [Sockets] are the
// eleven methods and the capabilities on top: descriptors with generations,
// deadlines, blocking calls and those that wake them, all in bounded memory.
//
// Send copies what it takes into the socket's queue, and the goroutine hands it
// on, after Close too. The other way data is fetched only for somebody who waits
// (a call, or who has called PollNotify): the rest stays in the chip and holds
// the peer back. Where nobody waits nothing goes over the bus and no timer runs.
//
// A call of the chip that takes long delays the bus, and so the calls that need
// it: Socket, Listen, options, the first datagram. Deadlines, contexts and Close
// are kept all the same.
//
// What it does not do: bind to one of several addresses (a chip binds ports),
// IPv6, MSG_OOB, sharing a port between sockets, and options that sockets accepted
// inherit from their listener, beyond what the chip does by itself. An error of
// the chip after Send or SendTo has returned is that of a later call.
package offload
