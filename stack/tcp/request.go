package tcp

// PeerISN returns the sequence number of the SYN that a connection of a deferred
// Listener began with, for an ICMP error to quote. It is good until Open.
func (c *Conn) PeerISN() uint32 { return uint32(c.rcvNxt) - 1 }
