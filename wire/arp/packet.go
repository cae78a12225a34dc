package arp

import (
	"encoding/binary"
	"net/netip"
)

// Len is the length of every packet.
const Len = 28

// Op says what a packet is for. Others than the two here may come.
type Op uint16

const (
	// OpRequest asks for the hardware address of the target.
	OpRequest Op = 1
	// OpReply answers with that of the sender.
	OpReply Op = 2
)

// What every packet begins with: hardware 1, protocol 0x0800, lengths 6 and 4.
const (
	hardware = 1
	protocol = 0x0800
	lengths  = 6<<8 | 4
)

// Packet is a view of a packet's bytes, which stay the caller's. No method of one
// that [Parse] returned panics, whatever the bytes are.
type Packet []byte

// Parse returns b as a packet, without the padding of the frame that may follow.
func Parse(b []byte) (Packet, error) {
	if len(b) < Len {
		return nil, ErrShort
	}
	if binary.BigEndian.Uint16(b[0:2]) != hardware {
		return nil, ErrHardware
	}
	if binary.BigEndian.Uint16(b[2:4]) != protocol {
		return nil, ErrProtocol
	}
	if binary.BigEndian.Uint16(b[4:6]) != lengths {
		return nil, ErrAddrLength
	}
	return Packet(b[:Len]), nil
}

// Op returns what the packet is for.
func (p Packet) Op() Op { return Op(binary.BigEndian.Uint16(p[6:8])) }

// SenderHW returns the sender's hardware address.
func (p Packet) SenderHW() [6]byte { return [6]byte(p[8:14]) }

// SenderIP returns the sender's protocol address, which is 0.0.0.0 in a probe.
func (p Packet) SenderIP() netip.Addr { return netip.AddrFrom4(p.SenderIP4()) }

// SenderIP4 returns the bytes of SenderIP.
func (p Packet) SenderIP4() [4]byte { return [4]byte(p[14:18]) }

// TargetHW returns the target's hardware address, which means nothing in a
// request.
func (p Packet) TargetHW() [6]byte { return [6]byte(p[18:24]) }

// TargetIP returns the target's protocol address.
func (p Packet) TargetIP() netip.Addr { return netip.AddrFrom4(p.TargetIP4()) }

// TargetIP4 returns the bytes of TargetIP.
func (p Packet) TargetIP4() [4]byte { return [4]byte(p[24:28]) }

// IsProbe tells whether the packet asks, on behalf of a sender that has no
// address yet, whether the target's is free (RFC 5227 §1.1).
func (p Packet) IsProbe() bool {
	return p.Op() == OpRequest && p.SenderIP4() == [4]byte{}
}

// IsAnnouncement tells whether the packet is a request that makes known that the
// sender has its address from now on (RFC 5227 §1.1).
func (p Packet) IsAnnouncement() bool { return p.Op() == OpRequest && p.IsGratuitous() }

// IsGratuitous tells whether the packet, a request or a reply, is about an
// address of the sender's own.
func (p Packet) IsGratuitous() bool {
	ip := p.SenderIP4()
	return ip == p.TargetIP4() && ip != [4]byte{}
}
