package dnsd

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
	"github.com/netdev-go/netdev"
)

// tryTime is how long one server has for its answer.
const tryTime = 2 * time.Second

var errMismatch = errors.New("dnsd: answer to another question")

// Upstream asks DNS servers through the sockets of a device.
type Upstream struct {
	Device  netdev.Netdever
	Servers []netip.AddrPort
	ID      func() uint16 // random
}

// Exchange has q answered by the first server that does, over TCP where the
// answer is too long for a datagram.
func (u *Upstream) Exchange(ctx context.Context, q *dns.Msg) (*dns.Msg, error) {
	if len(u.Servers) == 0 {
		return nil, ErrNoServers
	}
	own := q.Copy()
	own.Id = u.ID()
	own.Extra = nil
	do := false
	if edns := q.IsEdns0(); edns != nil {
		do = edns.Do()
	}
	own.SetEdns0(ednsSize, do)
	packet, err := own.Pack()
	if err != nil {
		return nil, err
	}
	var a *dns.Msg
	for _, server := range u.Servers {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if a, err = u.ask(ctx, server, own, packet); err == nil {
			return a, nil
		}
	}
	return nil, err
}

func (u *Upstream) ask(ctx context.Context, server netip.AddrPort, q *dns.Msg, packet []byte) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	a, err := u.exchange(ctx, server, q, packet, netdev.SOCK_DGRAM)
	if err == nil && a.Truncated {
		return u.exchange(ctx, server, q, packet, netdev.SOCK_STREAM)
	}
	return a, err
}

func (u *Upstream) exchange(ctx context.Context, server netip.AddrPort, q *dns.Msg, packet []byte, stype int) (*dns.Msg, error) {
	domain := netdev.AF_INET
	if server.Addr().Is6() {
		domain = netdev.AF_INET6
	}
	fd, err := u.Device.Socket(domain, stype, 0)
	if err != nil {
		return nil, err
	}
	// The end of ctx closes the socket, which wakes whatever waits on it.
	done := context.AfterFunc(ctx, func() { u.Device.Close(fd) })
	defer func() {
		if done() {
			u.Device.Close(fd)
		}
	}()
	if err := u.Device.Connect(fd, "", server); err != nil {
		return nil, err
	}
	if stype == netdev.SOCK_STREAM {
		return u.stream(fd, q, packet)
	}
	if _, err := u.Device.Send(fd, packet, 0, time.Time{}); err != nil {
		return nil, err
	}
	buf := make([]byte, dns.MaxMsgSize)
	for {
		n, err := u.Device.Recv(fd, buf, 0, time.Time{})
		if err != nil {
			return nil, err
		}
		// What answers another question may be somebody's guess: wait on.
		if a, err := match(q, buf[:n]); err == nil {
			return a, nil
		}
	}
}

func (u *Upstream) stream(fd int, q *dns.Msg, packet []byte) (*dns.Msg, error) {
	framed := binary.BigEndian.AppendUint16(nil, uint16(len(packet)))
	if _, err := u.Device.Send(fd, append(framed, packet...), 0, time.Time{}); err != nil {
		return nil, err
	}
	answer, err := readMessage(u.Device, fd, time.Time{})
	if err != nil {
		return nil, err
	}
	return match(q, answer)
}

// match returns the answer to q, and errMismatch for anything else.
func match(q *dns.Msg, packet []byte) (*dns.Msg, error) {
	a := new(dns.Msg)
	if err := a.Unpack(packet); err != nil {
		return nil, err
	}
	if !a.Response || a.Id != q.Id || len(a.Question) != 1 || !same(a.Question[0], q.Question[0]) {
		return nil, errMismatch
	}
	return a, nil
}

func same(a, b dns.Question) bool {
	return a.Qtype == b.Qtype && a.Qclass == b.Qclass && strings.EqualFold(a.Name, b.Name)
}

// readMessage reads a message and the length before it (RFC 1035 §4.2.2).
func readMessage(dev netdev.Netdever, fd int, deadline time.Time) ([]byte, error) {
	var length [2]byte
	if err := readFull(dev, fd, length[:], deadline); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint16(length[:]))
	return b, readFull(dev, fd, b, deadline)
}

func readFull(dev netdev.Netdever, fd int, b []byte, deadline time.Time) error {
	for len(b) > 0 {
		n, err := dev.Recv(fd, b, 0, deadline)
		if err != nil {
			return err
		}
		if n <= 0 {
			return io.ErrUnexpectedEOF
		}
		b = b[n:]
	}
	return nil
}
