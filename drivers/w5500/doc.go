// Package w5500 drives the W5500, an Ethernet chip with eight hardware sockets
// behind SPI.
//
//	dev := w5500.New(&w5500.Config{SPI: machine.SPI0, CS: cs.Set, Reset: rst.Set, OnInterrupt: …})
//	err := dev.NetConnect(&netlink.ConnectParams{Hostname: "sensor"})
//	netdev.UseNetdev(dev)
//
// TCP, UDP, ARP and ICMP are the chip's. DHCP and DNS are the module's own, over
// the chip's UDP; neither keeps a socket between its questions. A listener holds
// sockets of the chip in LISTEN, as many as its backlog wants and the others leave,
// and goes on with fewer where sockets are asked for.
//
// With [Config].OnInterrupt nothing is polled. Without it, sockets that somebody
// waits for are asked after, all of them by one frame, or by none where
// [Config].Interrupt tells the level of the pin.
//
// [NewFrames] uses the same chip as a device that moves Ethernet frames, for a
// TCP/IP stack of the board's own.
//
// A lease is renewed over a socket of the chip: a program that keeps all eight to
// itself, without a listener, loses it when it ends. Ask for a WatchdogTimeout: a
// cable that is pulled, and a chip that resets itself, are only noticed by it or by
// the next command.
//
// # Not supported
//
// IPv6, TLS, half-close, resets (SO_LINGER), datagrams longer than a frame, empty
// datagrams where the chip does not send them, urgent data, PPPoE, wake on LAN, a
// second multicast group on a socket. The chip tells a refused connection from one
// that timed out, but not the reason of a datagram that did not arrive.
package w5500
