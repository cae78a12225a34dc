// Package netdev is the contract between a network device and Go's net.
//
// A device is a [Netdever]: eleven methods that look like BSD sockets, as in
// TinyGo's network driver model. It may be a WiFi chip with its own TCP/IP, the
// host's kernel, or a TCP/IP stack over an Ethernet controller. What a device
// can do beyond the eleven is an optional capability, one small interface each,
// found with [As].
//
// A program chooses its device once, with [UseNetdev], and then uses package
// net of this module, or Go's own net: on a board UseNetdev binds it, on a host
// the command "netdev run" does.
//
// The promises that each method makes are in docs/contract.md; package
// netdevtest holds a device to them.
//
// Numbers and sentinels of the contract as first published keep their values,
// names and texts, so a driver written for TinyGo is a Netdever as it stands.
// Errors are sentinels: compare them with errors.Is. On a host each also
// matches the error of the standard library that means the same.
package netdev
