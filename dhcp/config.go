package dhcp

import "net/netip"

const (
	// maxText is how much of a message may go to what Config names, so that each
	// message fits into [dhcpv4.MaxLen] bytes.
	maxText = 240

	minMessageSize     = 576 // RFC 2132 §9.10
	defaultMessageSize = 1500
)

// Config is what a client says about itself.
type Config struct {
	// HardwareAddr is the interface's Ethernet address, by which servers know the
	// client unless there is a ClientID.
	HardwareAddr [6]byte

	// Hostname is the client's name, "" for none. One with a dot in it is a full
	// domain name and is sent as such (RFC 4702), with the wish that the server
	// enter it into the DNS.
	Hostname string

	// ClientID is the client identifier, its type byte included (RFC 2132 §9.14, RFC
	// 4361), "" for none. It must stay the same for as long as the leases.
	ClientID string

	// VendorClass tells servers the kind of client, "" for none.
	VendorClass string

	// RequestedAddr is an address that the client would like, such as the one it had
	// before it was switched off.
	RequestedAddr netip.Addr

	// Broadcast asks servers to broadcast their answers, for a device that does not
	// hear unicast before it has an address.
	Broadcast bool

	// Probe has the client wait in StateProbing, before it uses an address that is
	// new, until it is told NoConflict or Conflict (RFC 5227).
	Probe bool

	// MaxMessageSize is the longest message that the device takes, in bytes with IP
	// and UDP headers; 0 is 1500, less than 576 is 576.
	MaxMessageSize int

	// MaxList is how many name servers, routes and search domains of a lease are kept
	// each, and MaxText how long a domain may be that is. 0 is four servers, 16 routes,
	// eight domains, and 253 bytes.
	MaxList, MaxText int

	// Rand returns random numbers, each 32 bits of them. It must be set, and the
	// numbers must not be the same after each start of the device.
	Rand func() uint32
}

// most returns how many of a list are kept where usual is MaxList's default.
func (c *Config) most(usual int) int {
	if c.MaxList > 0 {
		return min(c.MaxList, usual)
	}
	return usual
}

func (c *Config) complete() {
	if c.Rand == nil {
		panic("dhcp: Config.Rand is not set")
	}
	if len(c.Hostname)+len(c.ClientID)+len(c.VendorClass) > maxText {
		panic("dhcp: Config.Hostname, ClientID and VendorClass are longer than 240 bytes together")
	}
	if c.MaxMessageSize == 0 {
		c.MaxMessageSize = defaultMessageSize
	}
	if c.MaxText <= 0 || c.MaxText > maxName {
		c.MaxText = maxName
	}
	c.MaxMessageSize = min(max(c.MaxMessageSize, minMessageSize), 0xffff)
}
