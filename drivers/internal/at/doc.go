// Package at is the protocol that modems with AT commands speak over a UART, as
// the ESP-AT firmware has it: commands go out, and reply lines, counted binary
// data and what the modem says unasked come back on one stream of bytes.
//
// A [Scanner] takes that stream apart and knows no I/O. A [Conn] makes exchanges
// of it: a command, its reply, and what to do when bytes were lost.
package at
