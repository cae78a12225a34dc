package net

import (
	stdnet "net"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// ReadMsgUDP is ReadFromUDP in the shape of recvmsg(2). Devices have no
// out-of-band data: oobn and flags are 0.
func (c *UDPConn) ReadMsgUDP(b, oob []byte) (n, oobn, flags int, addr *UDPAddr, err error) {
	n, from, err := c.recvFrom(b, "recvmsg")
	if err != nil {
		return n, 0, 0, nil, err
	}
	return n, 0, 0, stdnet.UDPAddrFromAddrPort(from), nil
}

// ReadMsgUDPAddrPort is ReadMsgUDP without an allocation.
func (c *UDPConn) ReadMsgUDPAddrPort(b, oob []byte) (n, oobn, flags int, addr netip.AddrPort, err error) {
	n, addr, err = c.recvFrom(b, "recvmsg")
	return n, 0, 0, addr, err
}

// WriteMsgUDP is WriteToUDP in the shape of sendmsg(2): addr is nil on a
// connection that has its peer. Out-of-band data is errors.ErrUnsupported.
func (c *UDPConn) WriteMsgUDP(b, oob []byte, addr *UDPAddr) (n, oobn int, err error) {
	if !c.ok() {
		return 0, 0, netdev.ErrInvalid
	}
	if len(oob) > 0 {
		return 0, 0, c.oobError(opUDPAddr(addr))
	}
	if addr == nil && c.s.remote.IsValid() {
		n, err = c.writePeer(b)
		return n, 0, err
	}
	n, err = c.writeUDP(b, addr, "sendmsg")
	return n, 0, err
}

// WriteMsgUDPAddrPort is WriteMsgUDP without an allocation: the zero addr is
// for a connection that has its peer.
func (c *UDPConn) WriteMsgUDPAddrPort(b, oob []byte, addr netip.AddrPort) (n, oobn int, err error) {
	if !c.ok() {
		return 0, 0, netdev.ErrInvalid
	}
	if len(oob) > 0 {
		return 0, 0, c.oobError(stdnet.UDPAddrFromAddrPort(addr))
	}
	switch {
	case addr.IsValid():
		n, err = c.writeAddrPort(b, addr, "sendmsg")
	case c.s.remote.IsValid():
		n, err = c.writePeer(b)
	default:
		err = &OpError{Op: "write", Net: c.s.network, Source: c.s.localAddr(), Addr: stdnet.UDPAddrFromAddrPort(addr), Err: errMissingAddress}
	}
	return n, 0, err
}

func (c *UDPConn) writePeer(b []byte) (int, error) {
	n, err := c.s.sendDatagram(nil, b, noPeer, "sendmsg")
	if err != nil {
		err = c.s.opError("write", err)
	}
	return n, err
}

func (c *UDPConn) oobError(addr Addr) error {
	return &OpError{Op: "write", Net: c.s.network, Source: c.s.localAddr(), Addr: addr, Err: syscallError("sendmsg", netdev.ErrNotSupported)}
}
