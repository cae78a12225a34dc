// Package tcp reads and writes TCP segments (RFC 9293): the header, its options,
// its checksum, and the arithmetic of sequence numbers.
//
// [Parse] gives a [Segment], a view of the bytes it was given, and [Header.Emit]
// writes a [Header] with its [Options] onto bytes. Neither keeps state, allocates
// or panics on what comes from the network.
//
// The options are those of a modern stack: maximum segment size, window scale and
// timestamps (RFC 7323), SACK (RFC 2018) with D-SACK (RFC 2883), and user timeout
// (RFC 5482). Others are skipped on the way in and not written: TCP Fast Open,
// Multipath TCP, MD5 and TCP-AO. The bit of accurate ECN (RFC 9768) counts as
// reserved, and reserved bits are sent as 0.
package tcp
