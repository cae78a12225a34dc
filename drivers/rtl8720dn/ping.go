package rtl8720dn

import (
	"context"
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/checksum"
)

// RFC 792.
const (
	icmpHeader      = 8
	icmpEchoReply   = 0
	icmpUnreachable = 3
	icmpEcho        = 8
	ipHeader        = 20 // without options
	maxIPHeader     = 60
)

// Ping sends an ICMP echo request through a raw socket of the chip's, and waits
// for its reply. The time is that of both ways over the UART too.
func (d *Device) Ping(ctx context.Context, addr netip.Addr, payload []byte) (time.Duration, error) {
	addr = addr.Unmap()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	switch {
	case !addr.Is4():
		return 0, netdev.ErrFamilyNotSupported
	case len(payload) > maxDatagram-icmpHeader:
		return 0, netdev.ErrMessageTooLong
	}
	p := ping{chip: d.chip, to: addr, id: uint16(d.config.Rand())}
	request := newEcho(p.id, payload)
	begin := time.Now()
	err := d.core.Do(ctx, func() error {
		if !d.radio.up {
			return netdev.ErrNetDown
		}
		return p.send(request)
	})
	for pause := pingPause; err == nil; pause = min(2*pause, maxPingPause) {
		answered := false
		err = d.core.Do(ctx, func() (err error) {
			if answered, err = p.answered(); answered {
				p.close()
			}
			return err
		})
		if err == nil && answered {
			break
		}
		if err == nil {
			err = sleep(ctx, pause)
		}
	}
	took := time.Since(begin)
	if err != nil {
		go d.core.Do(context.Background(), p.close) // the chip may be busy for long
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return 0, err
	}
	return took, nil
}

// Pauses between two looks for the reply.
const (
	pingPause    = 500 * time.Microsecond
	maxPingPause = 10 * time.Millisecond
)

// A ping is an echo request. Its methods are called on the chip's goroutine.
type ping struct {
	chip *chip
	to   netip.Addr
	id   uint16

	open bool
	fd   int
	boot uint32 // the chip's, that the socket is of
}

// newEcho returns an echo request.
func newEcho(id uint16, payload []byte) []byte {
	b := make([]byte, icmpHeader+len(payload))
	b[0] = icmpEcho
	binary.BigEndian.PutUint16(b[4:], id)
	binary.BigEndian.PutUint16(b[6:], 1) // its number
	copy(b[icmpHeader:], payload)
	binary.BigEndian.PutUint16(b[2:], checksum.Of(b).Checksum())
	return b
}

// send opens the socket, and sends the request.
func (p *ping) send(request []byte) error {
	fd, err := p.chip.open(sockRaw, protocolICMP)
	if err != nil {
		return err
	}
	p.open, p.fd, p.boot = true, fd, p.chip.boots
	return p.chip.SendTo(fd, request, netip.AddrPortFrom(p.to, 0))
}

// lives reports whether the socket is still the ping's.
func (p *ping) lives() bool {
	return p.open && p.boot == p.chip.boots && p.chip.fds[p.fd] != 0
}

// answered looks through what has arrived for the reply.
func (p *ping) answered() (bool, error) {
	var b [2 * (maxIPHeader + icmpHeader)]byte // as much as isAnswer looks at
	for p.lives() {
		n, _, err := p.chip.receive(p.fd, b[:])
		switch {
		case err == netdev.ErrWouldBlock:
			return false, nil
		case err != nil:
			return false, err
		}
		if done, err := p.isAnswer(b[:n]); done {
			return true, err
		}
	}
	return false, netdev.ErrNetDown
}

// isAnswer reports whether a packet is the reply, or tells why there is none.
func (p *ping) isAnswer(packet []byte) (bool, error) {
	from, m := splitIP(packet)
	if len(m) < icmpHeader {
		return false, nil
	}
	switch m[0] {
	case icmpEchoReply:
		return from == p.to && binary.BigEndian.Uint16(m[4:]) == p.id, nil
	case icmpUnreachable:
		// It brings the front of the request along.
		_, request := splitIP(m[icmpHeader:])
		if len(request) >= icmpHeader && request[0] == icmpEcho && binary.BigEndian.Uint16(request[4:]) == p.id {
			return true, netdev.ErrHostUnreachable
		}
	}
	return false, nil
}

// splitIP returns who sent an IPv4 packet, and what is in it.
func splitIP(b []byte) (netip.Addr, []byte) {
	if len(b) < ipHeader || b[0]>>4 != 4 {
		return netip.Addr{}, nil
	}
	n := int(b[0]&15) * 4
	if n < ipHeader || n > len(b) {
		return netip.Addr{}, nil
	}
	return parseIP(b[12:]), b[n:]
}

func (p *ping) close() error {
	if p.lives() {
		p.chip.Close(p.fd, false)
	}
	p.open = false
	return nil
}
