// Package igmp reads and writes the messages by which hosts join groups of IPv4
// multicast: IGMP version 1 (RFC 1112), version 2 (RFC 2236) and version 3 (RFC
// 3376), queries and reports.
//
// [Parse] gives a [Message], a view of the bytes it was given. [Header] writes the
// messages of versions 1 and 2, [Query] and [Report] those of version 3. Neither
// keeps state, allocates or panics on what comes from the network.
//
// Times are in the units of the protocol: tenths of a second for answers, seconds
// for queriers. Auxiliary data in a report is read, and not written, as RFC 3376
// §4.2.10 has it. Multicast router discovery (RFC 4286) is not here.
package igmp
