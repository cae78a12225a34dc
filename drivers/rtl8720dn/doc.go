// Package rtl8720dn drives the WiFi chip of the Wio Terminal, an RTL8720DN with
// its vendor's firmware (seeed-ambd-firmware 2.1), over a UART.
//
// The chip has the TCP/IP. Its sockets are lwIP's, reached by remote procedure
// calls, one at a time. It does not tell what happens on a socket, so that one
// that somebody waits on is asked again and again; a device on which nobody
// waits costs nothing.
//
// Every call and every reply carries a CRC. What a damaged one leaves open is
// never guessed: a connection on which bytes may have been lost or sent twice
// ends with ErrConnReset. The two ends find back into step by themselves, and
// where they do not the chip is reset by its Enable pin.
//
// What the chip cannot do:
//
//   - TLS. The firmware has it, but checks no certificate unless it was given
//     one to trust, starts with whatever its memory held in that place, sends no
//     server name without it, and never tells. Socket refuses IPPROTO_TLS, and
//     package net does TLS itself where it can.
//   - IPv6, half-closing the receiving side at the peer, SO_LINGER,
//     SO_REUSEPORT, TCP_MAXSEG, TCP_USER_TIMEOUT.
//   - Sending an empty datagram, if the firmware's memory manager has no memory of
//     no bytes. That is found out by the first two; then they are ErrNotSupported.
//   - Telling a peer that a connection was broken off: it always closes by FIN.
//   - A host name for DHCP: the firmware takes it and forgets it.
//   - The peer's address of an accepted connection, sometimes: the firmware asks
//     for it with a length that nobody has set. It is asked several times; what
//     stays unknown is 0.0.0.0:0.
package rtl8720dn
