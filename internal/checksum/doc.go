// Package checksum computes the Internet checksum (RFC 1071) of IPv4, ICMP, IGMP,
// UDP and TCP, whole, in parts, while copying, and by what has changed (RFC 1624).
//
// A Sum is the running value and a checksum its complement, as it stands in the
// packet. To fill a checksum in, sum with the field zero and store Checksum; to
// verify, sum with the field as it came and ask Valid. That UDP sends 0xffff
// instead of 0 is left to UDP.
//
// On amd64 it has loops for AVX2, in assembly, which the tags tinygo and purego leave
// out; everywhere else, and beside them, it is plain Go.
//
// Nothing here allocates, and nothing panics unless its comment says so.
package checksum
