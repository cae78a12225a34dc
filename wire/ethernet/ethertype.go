package ethernet

// EtherType says what a frame carries.
type EtherType uint16

// Some of the registered types.
const (
	TypeIPv4      EtherType = 0x0800
	TypeARP       EtherType = 0x0806
	TypeWakeOnLAN EtherType = 0x0842
	TypeVLAN      EtherType = 0x8100 // customer tag, IEEE 802.1Q
	TypeIPv6      EtherType = 0x86dd
	TypeEAPOL     EtherType = 0x888e
	TypeQinQ      EtherType = 0x88a8 // service tag, IEEE 802.1ad
	TypeLLDP      EtherType = 0x88cc
	TypePTP       EtherType = 0x88f7
)

// MaxLength is the largest value of the type field that is a length.
const MaxLength = 1500

const minType = 0x0600

// IsLength tells whether t is not a type but the length of an IEEE 802.3 frame.
func (t EtherType) IsLength() bool { return t <= MaxLength }

// IsTag tells whether t announces a tag, and not yet what the frame carries.
func (t EtherType) IsTag() bool { return t == TypeVLAN || t == TypeQinQ }

// String returns the name of t, such as "IPv4", or else its number in
// hexadecimal digits, for which it allocates.
func (t EtherType) String() string {
	switch t {
	case TypeIPv4:
		return "IPv4"
	case TypeARP:
		return "ARP"
	case TypeWakeOnLAN:
		return "Wake-on-LAN"
	case TypeVLAN:
		return "802.1Q"
	case TypeIPv6:
		return "IPv6"
	case TypeEAPOL:
		return "EAPOL"
	case TypeQinQ:
		return "802.1ad"
	case TypeLLDP:
		return "LLDP"
	case TypePTP:
		return "PTP"
	}
	const digits = "0123456789abcdef"
	return string([]byte{'0', 'x', digits[t>>12], digits[t>>8&15], digits[t>>4&15], digits[t&15]})
}
