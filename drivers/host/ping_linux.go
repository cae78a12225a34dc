//go:build !tinygo

package host

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

var _ netdev.Pinger = (*Device)(nil)

const (
	echoRequest4, echoReply4 = 8, 0     // RFC 792
	echoRequest6, echoReply6 = 128, 129 // RFC 4443 §4
	icmpHeader               = 8
)

// Ping sends an echo request from an ICMP datagram socket, or from a raw one
// where the first is not permitted. Without permission for either it is
// ErrAccess.
func (d *Device) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	if d.table.isDown() {
		return 0, netdev.ErrNetDown
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	addr = addr.Unmap()
	if !addr.IsValid() {
		return 0, netdev.ErrInvalid
	}
	s, err := d.openPing(addr.Is6())
	if err != nil {
		return 0, err
	}
	// A number makes NetDisconnect find it.
	n, err := d.enter(s)
	if err != nil {
		return 0, err
	}
	defer d.Close(n)
	// Only a connected socket is told that the peer is unreachable.
	if err := d.Connect(n, "", netip.AddrPortFrom(addr, 0)); err != nil {
		return 0, err
	}
	return s.ping(ctx, payload)
}

func (d *Device) openPing(v6 bool) (*socket, error) {
	family, protocol := netdev.AF_INET, netdev.IPPROTO_ICMP
	if v6 {
		family, protocol = netdev.AF_INET6, netdev.IPPROTO_ICMPV6
	}
	s, err := d.open(family, netdev.SOCK_DGRAM, protocol)
	if err != nil {
		s, err = d.open(family, netdev.SOCK_RAW, protocol)
	}
	if err == netdev.ErrAccess || err == unix.EPERM {
		err = fmt.Errorf("ping needs a group within sysctl net.ipv4.ping_group_range, or CAP_NET_RAW: %w", accessError{err})
	}
	return s, err
}

// accessError is what either socket was refused with; it is ErrAccess too.
type accessError struct{ error }

func (e accessError) Unwrap() []error { return []error{e.error, netdev.ErrAccess} }

func (s *socket) ping(ctx context.Context, payload []byte) (time.Duration, error) {
	if !s.acquire() {
		return 0, netdev.ErrNetDown
	}
	defer s.release()
	request := make([]byte, icmpHeader+len(payload))
	reply := byte(echoReply4)
	if request[0] = echoRequest4; s.family == unix.AF_INET6 {
		request[0], reply = echoRequest6, echoReply6
	}
	// Identifier and sequence number. A datagram socket sets its own identifier.
	rand.Read(request[4:8])
	copy(request[icmpHeader:], payload)
	if s.family == unix.AF_INET {
		// ICMPv6's covers a pseudo-header, and is the kernel's work.
		binary.BigEndian.PutUint16(request[2:], checksum(request))
	}
	start := time.Now()
	if _, err := s.sendDatagram(request, 0, nil, noDeadline); err != nil {
		return 0, err
	}
	buf := make([]byte, 60+len(request)) // room for an IPv4 header
	a := s.attempt(readable, 0, noDeadline)
	a.done = ctx.Done()
	defer a.end()
	for {
		a.arm()
		n, errno := recvfrom(s.fd, buf, 0, nil)
		switch {
		case errno == 0:
			rtt := time.Since(start)
			if s.isReply(buf[:n], reply, request) {
				return rtt, nil
			}
		case errno == unix.EAGAIN:
			if err := a.block(); err == errContext {
				return 0, ctx.Err()
			} else if err != nil {
				return 0, err
			}
		case errno != unix.EINTR:
			return 0, toError(errno)
		}
	}
}

// isReply reports whether msg answers request. A raw socket hears everything
// that the peer sends, IPv4 headers included.
func (s *socket) isReply(msg []byte, reply byte, request []byte) bool {
	raw := s.stype == unix.SOCK_RAW
	if raw && s.family == unix.AF_INET {
		if len(msg) == 0 {
			return false
		}
		header := int(msg[0]&0x0F) * 4
		if header > len(msg) {
			return false
		}
		msg = msg[header:]
	}
	if len(msg) != len(request) || msg[0] != reply || msg[1] != 0 {
		return false
	}
	if raw && string(msg[4:6]) != string(request[4:6]) {
		return false
	}
	return string(msg[6:]) == string(request[6:])
}

// checksum is RFC 1071's.
func checksum(b []byte) uint16 {
	var sum uint32
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	for sum > 0xFFFF {
		sum = sum>>16 + sum&0xFFFF
	}
	return ^uint16(sum)
}
