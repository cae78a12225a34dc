// Package icmpv4 reads and writes ICMP messages for IPv4 (RFC 792): echo, and the
// errors destination unreachable with the MTU of RFC 1191, time exceeded, redirect
// and parameter problem, with the packet that they quote.
//
// [Parse] gives a [Message], a view of the bytes it was given, and [Header.Emit]
// writes a [Header] onto bytes. Neither keeps state, allocates or panics on what
// comes from the network.
//
// The other types have their numbers, but no accessors of their own. The
// extensions that RFC 4884 puts behind a quoted packet are cut off.
package icmpv4
