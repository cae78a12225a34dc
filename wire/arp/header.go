package arp

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev/internal/addr4"
)

// Header has the fields of a packet, as they are to be sent. There is nothing
// behind them. Addresses that are not IPv4, the zero one among them, are sent as
// 0.0.0.0.
type Header struct {
	Op       Op
	SenderHW [6]byte
	SenderIP netip.Addr
	TargetHW [6]byte
	TargetIP netip.Addr
}

// Request asks, from a station with both sender's addresses, for the hardware
// address of target.
func Request(hw [6]byte, sender, target netip.Addr) Header {
	return Header{Op: OpRequest, SenderHW: hw, SenderIP: sender, TargetIP: target}
}

// Probe asks whether somebody has ip already (RFC 5227 §2.1.1).
func Probe(hw [6]byte, ip netip.Addr) Header { return Request(hw, netip.IPv4Unspecified(), ip) }

// Announcement says that the station has ip now (RFC 5227 §2.3).
func Announcement(hw [6]byte, ip netip.Addr) Header { return Request(hw, ip, ip) }

// Reply answers request: hw is the address of the target asked for.
func Reply(hw [6]byte, request Packet) Header {
	return Header{
		Op:       OpReply,
		SenderHW: hw,
		SenderIP: request.TargetIP(),
		TargetHW: request.SenderHW(),
		TargetIP: request.SenderIP(),
	}
}

// Len returns [Len].
func (h *Header) Len() int { return Len }

// Emit writes the packet onto b, whatever b held before, and returns its length,
// [Len]. It panics if b is shorter.
func (h *Header) Emit(b []byte) int {
	_ = b[Len-1]
	binary.BigEndian.PutUint16(b[0:2], hardware)
	binary.BigEndian.PutUint16(b[2:4], protocol)
	binary.BigEndian.PutUint16(b[4:6], lengths)
	binary.BigEndian.PutUint16(b[6:8], uint16(h.Op))
	copy(b[8:14], h.SenderHW[:])
	addr4.Put(b[14:18], h.SenderIP)
	copy(b[18:24], h.TargetHW[:])
	addr4.Put(b[24:28], h.TargetIP)
	return Len
}

// Header returns the fields of p.
func (p Packet) Header() Header {
	return Header{
		Op:       p.Op(),
		SenderHW: p.SenderHW(),
		SenderIP: p.SenderIP(),
		TargetHW: p.TargetHW(),
		TargetIP: p.TargetIP(),
	}
}
