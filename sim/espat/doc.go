// Package espat is a simulated ESP with ESP-AT firmware: WiFi, five links and a
// server, spoken to in lines of text over a UART.
//
// The MCU's side of it is bytes on a [bus.Port], with the receive ring that a real
// one has; the other side is a [chip.Network] and a [radio.Air].
//
// The firmware's habits are the real one's. It echoes until it is told not to, says
// "ready" in the middle of noise, and joins the network that it joined last before
// anybody asks. One command runs at a time, however long it takes, and what comes
// meanwhile is answered with "busy p..." and forgotten. Messages of its own come at
// any time, also between the lines of a reply. A link's end is one message, CLOSED,
// for a FIN, a reset and a network that is gone. In passive mode what was received
// waits in the chip, is announced once, and nothing more is said of the link until
// it was read.
//
// # Not supported
//
// Passthrough mode, CIPSENDEX, CIPSTARTEX, TLS servers, IPv6, Bluetooth, MQTT, HTTP,
// WebSockets, mDNS and the file system; certificates of its own. SNTP asks nobody:
// the time is the host's.
package espat
