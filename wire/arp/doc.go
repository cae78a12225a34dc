// Package arp reads and writes packets of the Address Resolution Protocol (RFC
// 826) that ask for the Ethernet addresses of IPv4 addresses, and tells the probes
// and announcements of RFC 5227 from other requests.
//
// [Parse] gives a [Packet], a view of the bytes it was given, and [Header.Emit]
// writes a [Header] onto bytes. Neither keeps state, allocates or panics on what
// comes from the network.
//
// Not supported are other hardware and protocols than Ethernet and IPv4, which
// [Parse] refuses. Reverse and inverse ARP (RFC 903, RFC 2390) are operations of
// a number and no name.
package arp
