package dhcpv4

// Code says which option one is.
type Code uint8

// The options of RFC 2132 and others that have something for a client.
const (
	OptPad             Code = 0
	OptSubnetMask      Code = 1
	OptRouters         Code = 3
	OptDNSServers      Code = 6
	OptHostName        Code = 12
	OptDomainName      Code = 15
	OptInterfaceMTU    Code = 26
	OptBroadcastAddr   Code = 28
	OptNTPServers      Code = 42
	OptRequestedIP     Code = 50
	OptLeaseTime       Code = 51
	OptOverload        Code = 52
	OptMessageType     Code = 53
	OptServerID        Code = 54
	OptParameterList   Code = 55
	OptMessage         Code = 56
	OptMaxMessageSize  Code = 57
	OptRenewalTime     Code = 58
	OptRebindingTime   Code = 59
	OptVendorClass     Code = 60
	OptClientID        Code = 61
	OptDomainSearch    Code = 119 // RFC 3397
	OptClasslessRoutes Code = 121 // RFC 3442
	OptEnd             Code = 255
)

// Overload says which fields of the header hold options, in [OptOverload].
type Overload uint8

const (
	// OverloadFile is for the field of the file's name.
	OverloadFile Overload = 1 << iota
	// OverloadSName is for the field of the server's name.
	OverloadSName
)

// MessageType is what a message says, in [OptMessageType].
type MessageType uint8

// The messages of RFC 2131 §3.1, and RFC 3203's.
const (
	Discover MessageType = iota + 1
	Offer
	Request
	Decline
	Ack
	Nak
	Release
	Inform
	ForceRenew
)

// String returns the name that RFC 2131 gives the message.
func (t MessageType) String() string {
	switch t {
	case Discover:
		return "DHCPDISCOVER"
	case Offer:
		return "DHCPOFFER"
	case Request:
		return "DHCPREQUEST"
	case Decline:
		return "DHCPDECLINE"
	case Ack:
		return "DHCPACK"
	case Nak:
		return "DHCPNAK"
	case Release:
		return "DHCPRELEASE"
	case Inform:
		return "DHCPINFORM"
	case ForceRenew:
		return "DHCPFORCERENEW"
	}
	return "unknown"
}
