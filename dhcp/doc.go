// Package dhcp is a DHCPv4 client (RFC 2131, 2132): it gets an address with what
// belongs to it, keeps it, and gives it back.
//
// [Client] is a pure machine over UDP payloads. It reads no clock, starts no
// goroutine, takes no lock and calls nobody back: its owner tells it the time,
// hands in what arrives at port 68 and sends what Output writes. A TCP/IP stack
// owns one. For a device with sockets and no client of its own there is [Runner],
// which does the same over a UDP socket.
//
// The owner, after every call of Start, Stop, Suspend, Input, Advance, Conflict or
// NoConflict: sends what Output gives until there is nothing, asks Event what has
// changed, and sets its timer to Deadline.
//
//	c.Start(now)
//	for {
//		for n, dst, ok := c.Output(now, b); ok; n, dst, ok = c.Output(now, b) {
//			… send b[:n] from port 68 to port 67 of dst …
//		}
//		switch c.Event() {
//		case dhcp.EventBound:
//			… use c.Lease() …
//		case dhcp.EventLost:
//			… take the address away …
//		}
//		… wait for a datagram (c.Input) or c.Deadline (c.Advance) …
//	}
//
// Times are monotonic, above zero, since an origin of the owner's choosing; a
// deadline of zero is none.
//
// On a 32-bit board a Client takes some 150 bytes and a Lease 170 with its lists on
// top; messages are written into 548 bytes of the owner's. Renewals that change
// nothing allocate nothing.
//
// Not here: DHCPINFORM, rapid commit, authentication, forced renewal (RFC 3203), the
// random delay before the first message that RFC 2131 §4.4.1 suggests, and any
// choice among offers but for the first acceptable one.
package dhcp
