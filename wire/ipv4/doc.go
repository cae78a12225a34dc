// Package ipv4 reads and writes IPv4 packets (RFC 791): the header, its options,
// its checksum, and what tells fragments.
//
// [Parse] gives a [Packet], a view of the bytes it was given, and [Header.Emit]
// writes a [Header] onto bytes. Neither keeps state, allocates or panics on what
// comes from the network.
//
// Options are walked over one by one and not understood, but for the router alert
// (RFC 2113), which IGMP needs. Not supported are jumbograms and packets whose
// total length is 0, as network cards with segmentation offload hand them over.
package ipv4
