// Package wifinina drives a NINA-W102, or another ESP32 with the same firmware,
// over SPI: the WiFi of the Arduino Nano 33 IoT, Nano RP2040 Connect, MKR WiFi
// 1010 and their kin.
//
//	wifi := wifinina.New(&wifinina.Config{
//		SPI: machine.NINA_SPI, CS: machine.NINA_CS.Set, Ready: machine.NINA_ACK.Get, Reset: machine.NINA_RESETN.Set,
//	})
//	netdev.UseNetdev(wifi)
//	err := wifi.NetConnect(&netlink.ConnectParams{Ssid: "home", Passphrase: "secret and long"})
//
// The SPI is one of mode 0 at 8 MHz, already configured, as the pins are. The chip
// is left alone until the device is used.
//
// # What the firmware decides
//
// Firmware 1.5.0 and later has sockets that do not block: ten, TCP and UDP, for
// clients and servers. It has no half-close, no SO_LINGER and no TCP_NODELAY, and
// a socket hears one multicast group at most. A ping, a TLS handshake and the
// resolving of a name by the chip hold up everything else that the chip does; names
// are therefore resolved by package dns, over a socket of the chip, while there is
// one left and if the firmware, 2.0.0 or later, tells whom to ask.
//
// Older firmware has sockets that are poorer, and this is what cannot be mended
// from here: Connect holds the chip up, until the peer has answered or for about
// 20 s, and takes a port of its own, which GetSockName does not know; a reset of
// the peer's looks like its FIN, and its FIN ends both directions; Accept returns a
// connection only once its peer has sent something; a listener that is closed
// still accepts, has its connections closed, and keeps one of the ten sockets until
// its port is listened at again or the chip is reset; a peer that a server sends to and
// that does not read stops the chip until Config.Timeout has passed; an empty
// datagram is not received.
//
// TLS is refused unless Config.ChipTLS asks for it. The device is no
// [netdev.TLSConfigurer]: the firmware looks at names and issuers, but not at the
// time, and knows no roots but those in its flash.
//
// As a station the device joins open networks and those of WPA2; the firmware
// cannot be told a country. As an access point it protects by WPA and WPA2.
package wifinina
