// Package ethernet reads and writes Ethernet frames: Ethernet II (RFC 894, RFC
// 2464) and the IEEE 802.3 form with a length, with up to two IEEE 802.1Q tags.
//
// [Parse] gives a [Frame], a view of the bytes it was given, and [Header.Emit]
// writes a [Header] onto bytes. Neither keeps state, allocates or panics on what
// comes from the network. Hardware addresses are plain [6]byte values.
//
// Frames come and go without preamble and frame check sequence, as drivers hand
// them over. Not supported are a third tag and tags of the old 0x9100 kind, which
// count as payload of that type, and the LLC and SNAP headers behind a length.
package ethernet
