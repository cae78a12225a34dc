package dhcpv4

import (
	"encoding/binary"
	"net/netip"
)

// The UDP ports of the two sides.
const (
	ServerPort = 67
	ClientPort = 68
)

const (
	// HeaderLen is the length of the fixed fields with the magic cookie. Options
	// begin behind them.
	HeaderLen = 240
	// MinLen is the length that shorter messages are padded to, for the sake of
	// relays and servers that know BOOTP (RFC 1542 §2.1).
	MinLen = 300
	// MaxLen is the longest message that may be sent to a host which has not
	// said that it takes longer ones (RFC 2131 §2): that of a 576-byte packet.
	MaxLen = 576 - 20 - 8
)

const magicCookie = 0x63825363

// Op says which way a message goes.
type Op uint8

const (
	// BootRequest is the op of every message from a client.
	BootRequest Op = 1
	// BootReply is the op of every message from a server.
	BootReply Op = 2
)

// FlagBroadcast asks the server to broadcast its answers, for a client that
// cannot receive unicast before it has an address.
const FlagBroadcast = 0x8000

// Where the fields are that may hold options.
const (
	snameAt   = 44
	fileAt    = 108
	cookieAt  = 236
	maxHWAddr = 16
)

// Message is a view of a message's bytes, which stay the caller's. No method of
// one that [Parse] returned panics, whatever the bytes are.
type Message []byte

// Parse returns b as a message, once the whole of its options can be read. A
// message that ends without the end option is taken as it is.
func Parse(b []byte) (Message, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	if binary.BigEndian.Uint32(b[cookieAt:]) != magicCookie {
		return nil, ErrCookie
	}
	if b[2] > maxHWAddr {
		return nil, ErrAddrLength
	}
	m := Message(b)
	it := m.Options()
	for it.Next() {
	}
	if it.cut {
		return nil, ErrOption
	}
	return m, nil
}

// Op returns which way the message goes.
func (m Message) Op() Op { return Op(m[0]) }

// HType returns the type of hardware address, which is 1 for Ethernet.
func (m Message) HType() uint8 { return m[1] }

// Hops returns how many relays the message has passed.
func (m Message) Hops() uint8 { return m[3] }

// XID returns the transaction's number, by which a client knows its answers.
func (m Message) XID() uint32 { return binary.BigEndian.Uint32(m[4:8]) }

// Secs returns the seconds since the client began.
func (m Message) Secs() uint16 { return binary.BigEndian.Uint16(m[8:10]) }

// Flags returns the flags, of which there is one: [FlagBroadcast].
func (m Message) Flags() uint16 { return binary.BigEndian.Uint16(m[10:12]) }

// CIAddr returns the address that the client has already.
func (m Message) CIAddr() netip.Addr { return addrAt(m[12:16]) }

// YIAddr returns "your" address: the one that the client gets.
func (m Message) YIAddr() netip.Addr { return addrAt(m[16:20]) }

// SIAddr returns the address of the server to boot from.
func (m Message) SIAddr() netip.Addr { return addrAt(m[20:24]) }

// GIAddr returns the address of the relay.
func (m Message) GIAddr() netip.Addr { return addrAt(m[24:28]) }

// CHAddr returns the client's hardware address, as a part of m.
func (m Message) CHAddr() []byte { return m[28 : 28+min(m[2], maxHWAddr)] }

// CHAddr6 returns the client's hardware address where it is one of Ethernet's.
func (m Message) CHAddr6() (hw [6]byte, ok bool) {
	if m[1] != 1 || m[2] != 6 {
		return hw, false
	}
	return [6]byte(m[28:34]), true
}

// SName returns the server's name, without the zeros behind it. It is nil where
// the field holds options.
func (m Message) SName() []byte {
	if m.Overload()&OverloadSName != 0 {
		return nil
	}
	return untilZero(m[snameAt:fileAt])
}

// File returns the name of the file to boot, without the zeros behind it. It is
// nil where the field holds options.
func (m Message) File() []byte {
	if m.Overload()&OverloadFile != 0 {
		return nil
	}
	return untilZero(m[fileAt:cookieAt])
}

func untilZero(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}

func addrAt(b []byte) netip.Addr { return netip.AddrFrom4([4]byte(b)) }
