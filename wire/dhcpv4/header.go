package dhcpv4

import (
	"encoding/binary"
	"net/netip"
)

// Header has the fixed fields of a message, as they are to be sent. The server's
// name and the boot file's are sent empty. Addresses that are not IPv4, the zero
// one among them, are sent as 0.0.0.0.
type Header struct {
	Op     Op
	HType  uint8 // 1 for Ethernet
	HLen   uint8 // how many bytes of CHAddr count
	Hops   uint8
	XID    uint32
	Secs   uint16
	Flags  uint16
	CIAddr netip.Addr
	YIAddr netip.Addr
	SIAddr netip.Addr
	GIAddr netip.Addr
	CHAddr [maxHWAddr]byte
}

// ClientHeader returns the header of a message from the client with that Ethernet
// address.
func ClientHeader(xid uint32, hw [6]byte) Header {
	h := Header{Op: BootRequest, HType: 1, HLen: uint8(len(hw)), XID: xid}
	copy(h.CHAddr[:], hw[:])
	return h
}

// Len returns the length of the fixed fields with the magic cookie.
func (h *Header) Len() int { return HeaderLen }

// Emit writes the fixed fields and the magic cookie onto b, whatever b held
// before, and returns how many bytes that took, which is [Header.Len]; the options
// go behind them. It panics if b is shorter than Len.
func (h *Header) Emit(b []byte) int {
	b = b[:HeaderLen]
	b[0], b[1], b[2], b[3] = byte(h.Op), h.HType, h.HLen, h.Hops
	binary.BigEndian.PutUint32(b[4:8], h.XID)
	binary.BigEndian.PutUint16(b[8:10], h.Secs)
	binary.BigEndian.PutUint16(b[10:12], h.Flags)
	putAddr(b[12:16], h.CIAddr)
	putAddr(b[16:20], h.YIAddr)
	putAddr(b[20:24], h.SIAddr)
	putAddr(b[24:28], h.GIAddr)
	copy(b[28:snameAt], h.CHAddr[:])
	clear(b[snameAt:cookieAt])
	binary.BigEndian.PutUint32(b[cookieAt:], magicCookie)
	return HeaderLen
}

// Header returns the fixed fields of m.
func (m Message) Header() Header {
	return Header{
		Op:     m.Op(),
		HType:  m.HType(),
		HLen:   m[2],
		Hops:   m.Hops(),
		XID:    m.XID(),
		Secs:   m.Secs(),
		Flags:  m.Flags(),
		CIAddr: m.CIAddr(),
		YIAddr: m.YIAddr(),
		SIAddr: m.SIAddr(),
		GIAddr: m.GIAddr(),
		CHAddr: [maxHWAddr]byte(m[28:snameAt]),
	}
}

func putAddr(b []byte, a netip.Addr) {
	var v [4]byte
	if a = a.Unmap(); a.Is4() {
		v = a.As4()
	}
	copy(b, v[:])
}
