// Package offload makes a netdev.Netdever of a chip that has TCP/IP sockets of
// its own.
//
// The driver brings a [Chip]: what the chip's sockets can do, without waiting.
// A [Core] owns it. One goroutine makes every call of the chip, one after the
// other, so that a bus has one master and needs no lock. [Sockets] are the
// eleven methods and the capabilities on top: descriptors with generations,
// deadlines, blocking calls and those that wake them, all in bounded memory.
package offload
