// Package w5500 is a simulated W5500: eight TCP, UDP and raw Ethernet sockets
// behind SPI, a reset pin and an interrupt line.
//
// The MCU's side of it is SPI frames, byte for byte: an address, a control byte,
// data. The other side is a [chip.Network], whose sockets stand behind those of
// the chip, and a [Cable] for what needs whole frames: MACRAW, broadcasts from
// before there is an address, and what an unreachable host answers.
//
// The chip's habits are the real one's. A command clears itself a moment after it
// was taken. The sizes of received data and of free memory change between the
// reads of their two bytes. A listening socket turns into the connection, and
// there is no backlog. A datagram has eight bytes before it, a raw frame two, and
// a datagram too long goes out as several. SENDOK comes when the peer has the
// data. CLOSE drops a connection without a word.
//
// What a real chip would have been hurt by is counted in [Stats].Abuse.
//
// # Not supported
//
// PPPoE, wake on LAN, the multicast and IPv6 blocks of UDP sockets, and the exact
// timing of IGMP versions. The PHY is always 100 Mbit/s, full duplex.
package w5500
