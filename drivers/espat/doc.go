// Package espat drives an ESP module with Espressif's ESP-AT firmware, 2.2 or
// later, over a UART: WiFi as a station or an access point, and five TCP or UDP
// links.
//
// Received data stays in the module until it is asked for (the firmware's
// passive receive mode), so that the UART never has to take a burst: a receive
// ring of 128 bytes, as TinyGo has it, is enough. Wire the reset pin where you
// can; without it a module that no longer answers can only be asked to restart.
//
// What the firmware does not have:
//
//   - There are five links. A socket takes one of them, and so does every
//     connection that a listener has; the listener itself takes none.
//   - There is one listener. A second Listen is ErrNoMoreSockets.
//   - A TCP connection's own port is the firmware's choice; Bind of a stream that
//     is then connected does not decide it.
//   - The firmware closes a link when the peer has sent its FIN: Send is
//     ErrBrokenPipe from then on. Nor does it tell a reset from a FIN, so both are
//     io.EOF to Recv, and there is no Shutdown.
//   - No TLS: the firmware checks certificates only against what was flashed or
//     stored into it, does not check the name unless told to, and needs a clock
//     that it may not have. Use TLS of package net, above TCP.
//   - Firmware of before May 2026 joins UDP datagrams that arrive faster than they
//     are read. Multicast groups there are none.
//   - Connecting and resolving names hold up the whole module while they wait, so
//     both are done in slices, between which other sockets have their turn.
//
// There is no checksum on the UART. What is sent twice over the wire is compared
// (lengths, links, addresses), and a connection on which bytes were lost or
// doubled fails with ErrConnReset; a bit that flips inside of payload, or in the
// parameter of a command that the module repeats nowhere, is not seen.
package espat
