// Package fragment puts packets of IPv4 together again that came in fragments
// (RFC 791, RFC 815), and takes long ones apart.
//
// A [Reassembler] holds fragments in block memory, within a budget of its own.
// When that is used up, the source that holds most loses its oldest packet, so
// that no flood of fragments keeps others from getting theirs through. A packet
// whose fragments overlap is dropped whole, with what still comes of it (RFC
// 5722), as is one that would be longer than a packet can be; fragments that no
// link makes are dropped.
//
// [Split] gives the headers and the parts of the payload of a long packet.
//
// Nothing here reads a clock, locks or, once made, allocates.
package fragment
