package w5500

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
)

const (
	sockets = 8
	none    = -1
)

// A socket is one of the chip's, and what is known about it.
type socket struct {
	n     uint8
	owner int // the end that it is of, or none
	mode  byte
	port  uint16

	state   byte      // Sn_SR as it was seen last
	told    byte      // of Sn_IR: what was seen and is not settled
	fin     bool      // the peer's FIN was seen
	found   bool      // the peer's hardware address is known
	tracked bool      // rd and wr are ours
	rd, wr  uint16    // of the receive and of the transmit buffer
	waiting uint16    // bytes that are received and not read
	free    uint16    // bytes of the transmit buffer
	sending bool      // between SEND and its SENDOK
	since   time.Time // that SEND
	send    byte      // the command that it is
	closing time.Time // when DISCON was commanded; zero before
	peer    netip.AddrPort
}

func (s *socket) has(bit byte) bool { return s.told&bit != 0 }

// alive reports whether a connection carries data from here to the peer.
func (s *socket) alive() bool { return s.state == srEstablished || s.state == srCloseWait }

// over is what a stream in the state CLOSED has come to.
func (s *socket) over() error {
	if s.has(irTIMEOUT) {
		return netdev.ErrConnTimedOut
	}
	return netdev.ErrConnReset
}
