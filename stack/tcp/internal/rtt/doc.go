// Package rtt estimates round-trip times and the retransmission timeout of one
// connection by RFC 6298.
package rtt
