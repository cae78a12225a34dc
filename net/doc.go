// Package net is Go's net on a network device: the one that netdev.UseNetdev
// was given. A program that imports it in the place of Go's net compiles and
// behaves the same, with the device's network under it.
//
// Plain types are the standard library's own, so a [Conn] or a [Listener] of
// this package goes into net/http, crypto/tls or any other package that takes
// one, and errors are *OpErrors with the texts of Go's net.
//
// Deadlines, also those that are set while a call waits, Close, and the end of
// a dial's context end every call on every device. On a device with
// netdev.Poller no call blocks in the device. On any other, calls stay in the
// device for slices of 50 milliseconds at most, so a device that does not wake
// its callers delays such an end by that much; Accept and a dial with a context
// then cost a goroutine each. Where the device lacks a capability that a call
// needs, the error is errors.ErrUnsupported.
//
// # Not here
//
//   - Unix sockets, raw IP sockets, sockets from files, SyscallConn and Control
//     functions, Multipath TCP.
//   - Racing IPv6 against IPv4 in a dial: addresses are tried in turn.
//   - Out-of-band data of datagrams.
//   - DNS records other than addresses, on a board.
//   - On a board without TLS in its device: TLS.
package net
