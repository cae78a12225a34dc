// Package dhcpv4 reads and writes the messages of DHCP (RFC 2131) and their
// options (RFC 2132), with what a client needs of them.
//
// [Parse] gives a [Message], a view of the bytes it was given, with the options in
// overloaded fields and those in parts (RFC 3396) found too. A [Writer] writes a
// [Header] and options into a buffer, as far as there is room. Neither keeps state
// between messages, allocates or panics on what comes from the network.
//
// Options beyond a client's, such as vendor information and relay agent
// information, have no methods of their own, but [Message.Option]. Domain names
// stay compressed. Nothing is written into the header's names, neither theirs nor
// options; BOOTP messages without DHCP's cookie are refused.
package dhcpv4
