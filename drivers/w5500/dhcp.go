package w5500

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/dhcp"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// A leasing is a run of the DHCP client, on a goroutine of its own.
type leasing struct {
	radio  *radio
	cancel context.CancelCauseFunc
	ended  chan struct{}
}

// begin starts the client, on the chip's goroutine.
func (r *radio) begin() {
	if r.client == nil || r.name != r.hostname {
		rand := r.d.config.Rand
		r.name = r.hostname
		r.client = dhcp.New(dhcp.Config{
			HardwareAddr: r.d.config.MAC, Hostname: r.hostname,
			// The chip takes nothing that is not for its address, and has none.
			Broadcast: true,
			Rand:      func() uint32 { return uint32(rand()) },
		})
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	l := &leasing{radio: r, cancel: cancel, ended: make(chan struct{})}
	r.mu.Lock()
	r.run = l
	r.mu.Unlock()
	go l.work(ctx, r.client)
}

func (l *leasing) work(ctx context.Context, client *dhcp.Client) {
	defer close(l.ended)
	dev := &briefSocket{Sockets: l.radio.d.core.Inside(), client: client}
	runner := &dhcp.Runner{Client: client, Device: dev, Notify: func(e dhcp.Event, lease *dhcp.Lease) { l.told(ctx, e, lease) }}
	runner.Run(ctx)
	r := l.radio
	r.mu.Lock()
	if r.run == l {
		r.run, r.lease = nil, nil
	}
	r.mu.Unlock()
}

// told is for what has become of the lease. Of one that was left nobody is to know.
func (l *leasing) told(ctx context.Context, e dhcp.Event, lease *dhcp.Lease) {
	r := l.radio
	r.mu.Lock()
	had := r.lease
	if r.run != l || ctx.Err() != nil {
		r.mu.Unlock()
		return
	}
	r.lease = nil
	if e == dhcp.EventBound {
		r.lease = lease
	}
	r.mu.Unlock()
	switch {
	case had == nil:
		// Joined finds it.
	case e == dhcp.EventBound:
		if r.d.core.Do(ctx, func() error { return r.use(address{lease.Addr, lease.Router}, lease) }) == nil {
			r.d.Link.Changed(lease.Addr.Addr())
		}
	default:
		r.d.core.Do(ctx, func() error { return r.use(address{}, nil) })
		r.d.Link.Lost()
	}
}

// end stops the client: with a word to the server, or without.
func (r *radio) end(release bool) {
	r.mu.Lock()
	l := r.run
	r.lease = nil
	r.mu.Unlock()
	if l == nil {
		return
	}
	if release {
		l.cancel(dhcp.ErrRelease)
	} else {
		l.cancel(nil)
	}
}

// wait returns when the client has stopped. Leave need not have been called: its
// time is over where the chip is busy for long.
func (r *radio) wait() {
	r.mu.Lock()
	l := r.run
	r.mu.Unlock()
	if l != nil {
		l.cancel(nil)
		<-l.ended
	}
}

// A briefSocket is the UDP socket of a DHCP client on a chip with few: it is open
// while an answer may come, and not for the hours that a lease lasts. A chip that
// is reset meanwhile is a datagram that was lost.
type briefSocket struct {
	*offload.Sockets // that need no address
	client           *dhcp.Client

	mu     sync.Mutex
	port   netip.AddrPort
	open   bool
	fd     int
	closed chan struct{}
}

// Socket is open in name.
func (b *briefSocket) Socket(domain, stype, protocol int) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = make(chan struct{})
	return 0, nil
}

// SetSockOpt is asked for broadcasts, which the chip sends in any case.
func (b *briefSocket) SetSockOpt(int, int, int, interface{}) error { return nil }

// Bind remembers the port.
func (b *briefSocket) Bind(_ int, ip netip.AddrPort) error {
	b.port = ip
	return nil
}

// SendTo opens the socket.
func (b *briefSocket) SendTo(_ int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
	fd, err := b.socket()
	if err != nil {
		return 0, err
	}
	return b.Sockets.SendTo(fd, buf, flags, to, deadline)
}

func (b *briefSocket) socket() (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.closed:
		return -1, netdev.ErrClosed
	default:
	}
	if b.open {
		return b.fd, nil
	}
	fd, err := b.Sockets.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err == nil {
		if err = b.Sockets.Bind(fd, b.port); err != nil {
			b.Sockets.Close(fd)
		}
	}
	b.fd, b.open = fd, err == nil
	return fd, err
}

// RecvFrom closes the socket where there is a lease and nothing to wait for, and
// where the chip has lost it.
func (b *briefSocket) RecvFrom(_ int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
	b.mu.Lock()
	fd, open, closed := b.fd, b.open, b.closed
	b.mu.Unlock()
	if open && b.client.State() != dhcp.StateBound {
		n, from, err := b.Sockets.RecvFrom(fd, buf, flags, deadline)
		if err == nil || err == netdev.ErrTimeout || err == netdev.ErrClosed {
			return n, from, err
		}
	}
	b.give()
	var over <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		over = t.C
	}
	select {
	case <-closed:
		return 0, netip.AddrPort{}, netdev.ErrClosed
	case <-over:
		return 0, netip.AddrPort{}, netdev.ErrTimeout
	}
}

// give closes the socket until SendTo needs it again.
func (b *briefSocket) give() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open {
		b.open = false
		b.Sockets.Close(b.fd)
	}
}

// Close ends it.
func (b *briefSocket) Close(int) error {
	b.mu.Lock()
	closed := b.closed
	b.mu.Unlock()
	close(closed)
	b.give()
	return nil
}
