// Package udp reads and writes UDP datagrams (RFC 768): the header, and the
// checksum over the pseudo-header of IPv4 or IPv6.
//
// [Parse] gives a [Datagram], a view of the bytes it was given, and [Header.Emit]
// writes a [Header] onto bytes. Neither keeps state, allocates or panics on what
// comes from the network.
//
// Jumbograms (RFC 2675), the zero checksum of tunnels over IPv6 (RFC 6935),
// UDP-Lite and UDP options (RFC 9868) are not supported.
package udp
