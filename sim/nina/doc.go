// Package nina is a NINA-W102 with the WiFi firmware that Arduino ships for it,
// as a microcontroller sees it: an SPI slave with four more pins.
//
//	chip := nina.New(nina.Config{Network: board})
//	defer chip.Stop()
//	chip.CS(false)          // READY goes high
//	chip.Tx(command, nil)   // padded with 0xFF to a multiple of 4
//	chip.CS(true)           // READY is low again when there is a response
//
// It does to bytes what that firmware does, and not what a good one would do:
// commands are read at fixed offsets, one loop serves them all and waits for the
// network within a command, a socket number beyond the table is an index beyond an
// array. What would write to memory that is not meant for it, or read from it, is
// counted in [Stats] as abuse, and ends in a reset where the real one cannot go on.
//
// Firmware 1.4.8 has the legacy commands alone. From 1.5.0 on there are the
// BSD-like ones beside them, and from 1.6.0 on the accept of a legacy server
// returns a client that has not spoken yet.
//
// TCP/IP is that of the chip's Network, held to the sizes of the firmware's lwIP:
// ten sockets, segments of 1436 bytes, 5744 bytes to be sent and received for each
// connection.
//
// # Not simulated
//
// Bluetooth beyond the pins, the file system and updates over the air (commands 60
// to 67, which answer the error frame), WPA2 Enterprise (which never
// authenticates), BearSSL with the crypto chip (which never connects), raw sockets,
// the time to live of a ping, the DHCP server of an access point, and addresses
// that are set while the chip is on a network, which hold from the next one on.
// What lwIP does segment by segment is not seen here either: a read of a real chip
// may end with a segment although more has arrived.
package nina
