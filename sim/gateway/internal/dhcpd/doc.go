// Package dhcpd is a DHCP server (RFC 2131) as a function: a packet goes in, and
// what is to be answered comes out. It knows no socket and reads no clock.
//
// It is the only server of its network and speaks with that authority: a client
// that asks again for an address that it had, with nothing on record here, gets
// it where it is free and a refusal at once where it is not.
//
// An address is chosen by the client's hardware address, so that a board has
// the same one each time, in whatever order boards are started.
//
// Not supported: relay agents, BOOTP, and trying an address out before it is
// offered. A client that finds it in use declines it.
package dhcpd
