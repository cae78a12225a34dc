// Package ntp reads and writes the packets that NTP clients and servers exchange
// (RFC 5905), and turns their timestamps into times.
//
// [Parse] gives a [Packet], a view of the bytes it was given, and [Header.Emit]
// writes a [Header] onto bytes. Neither keeps state, reads a clock, allocates or
// panics on what comes from the network.
//
// Extension fields (RFC 7822), MACs and so NTS (RFC 8915) are passed over as
// [Packet.Extra]; control messages (RFC 9327) are refused. What to believe of an
// answer is the client's to decide.
package ntp
