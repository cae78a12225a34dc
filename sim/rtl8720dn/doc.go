// Package rtl8720dn is the WiFi chip of the Wio Terminal with its vendor's
// firmware: eRPC frames over a UART, and an enable pin.
//
// One task serves the requests, one after the other, so that a request that
// waits (joining, DHCP, a name, a connection, a handshake, a blocking receive)
// holds the whole chip. A frame whose CRC is wrong, or that asks for a service
// or a request that there is not, is not answered at all; there is nothing to
// find the beginning of a frame by. The firmware's own mistakes are here too:
// addresses that come back as zeros, a byte of junk with every empty receive,
// TLS that checks nothing. What would corrupt a real chip's memory resets this
// one, and is counted in Stats.
//
// Bluetooth, mDNS and the raw TCP callbacks of the firmware are not here: their
// requests get no reply, and are counted as unknown.
package rtl8720dn
