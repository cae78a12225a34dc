package dhcp

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/wire/dhcpv4"
)

const (
	headers  = 20 + 8          // of IP and UDP
	sendWait = 1 * time.Second // for a device that does not take a datagram
)

// ErrRelease, as the cause of a context's end, has [Runner.Run] give the lease back.
var ErrRelease = errors.New("DHCP lease to be released")

// Runner leads a Client over a UDP socket of a device that has no DHCP client of its
// own. The client is the runner's from the first call on; the fields are not to be
// changed then.
type Runner struct {
	Client *Client

	// Device must have netdev.PacketNetdever, and send and receive broadcasts without
	// having an address.
	Device netdev.Netdever

	// Notify is told of each change, with the lease or nil, and has the device use the
	// address or give it up. Run calls it, and waits for it.
	Notify func(Event, *Lease)

	// InUse reports whether another host answers for an address. It is asked where the
	// client's Config.Probe is set; nil is no.
	InUse func(netip.Addr) bool

	ClientPort, ServerPort uint16 // 0 is 68 and 67

	origin time.Time
}

// Run gets a lease and keeps it until ctx is done, whose error it returns, or until
// the socket fails. Then the lease does not count any more. It is remembered for the
// next Run: let one last for as long as the link is up. Where the cause of ctx's end is
// [ErrRelease] it is given back instead.
func (r *Runner) Run(ctx context.Context) error {
	p, ok := netdev.As[netdev.PacketNetdever](r.Device)
	if !ok {
		return netdev.ErrNotSupported
	}
	buf := make([]byte, r.Client.cfg.MaxMessageSize-headers)
	r.Client.Start(r.now())
	err := r.lead(ctx, p, buf)
	if errors.Is(context.Cause(ctx), ErrRelease) {
		r.release(p, buf)
	} else {
		r.Client.Suspend(r.now())
	}
	r.settle()
	return err
}

// lead carries messages between the client and a socket.
func (r *Runner) lead(ctx context.Context, p netdev.PacketNetdever, buf []byte) error {
	fd, err := r.open()
	if err != nil {
		return err
	}
	// Close is what ends a RecvFrom.
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		r.Device.Close(fd)
		close(closed)
	})
	defer func() {
		if stop() {
			r.Device.Close(fd)
		} else {
			<-closed
		}
	}()
	for {
		r.flush(p, fd, buf)
		r.settle()
		r.flush(p, fd, buf) // a lease that is in conflict
		n, _, err := p.RecvFrom(fd, buf, 0, r.deadline())
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			r.Client.Input(r.now(), buf[:max(n, 0)])
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		}
		r.Client.Advance(r.now())
	}
}

// release gives the lease back, on a socket of its own. A server that does not hear
// of it waits until the lease ends.
func (r *Runner) release(p netdev.PacketNetdever, buf []byte) {
	r.Client.Stop(r.now())
	if fd, err := r.open(); err == nil {
		r.flush(p, fd, buf)
		r.Device.Close(fd)
	}
}

func (r *Runner) open() (fd int, err error) {
	fd, err = r.Device.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		return -1, err
	}
	if err = r.Device.SetSockOpt(fd, netdev.SOL_SOCKET, netdev.SO_BROADCAST, true); err == nil {
		port := orPort(r.ClientPort, dhcpv4.ClientPort)
		err = r.Device.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port))
	}
	if err != nil {
		r.Device.Close(fd)
		return -1, err
	}
	return fd, nil
}

// flush sends what the client has to say. A datagram that the device cannot send is
// one that was lost: the client says it again.
func (r *Runner) flush(p netdev.PacketNetdever, fd int, buf []byte) {
	port := orPort(r.ServerPort, dhcpv4.ServerPort)
	for n, dst, ok := r.Client.Output(r.now(), buf); ok; n, dst, ok = r.Client.Output(r.now(), buf) {
		p.SendTo(fd, buf[:n], 0, netip.AddrPortFrom(dst, port), time.Now().Add(sendWait))
	}
}

// settle passes on what has become of the lease.
func (r *Runner) settle() {
	if addr, ok := r.Client.Probing(); ok {
		if r.InUse != nil && r.InUse(addr) {
			r.Client.Conflict(r.now())
		} else {
			r.Client.NoConflict(r.now())
		}
	}
	if e := r.Client.Event(); e != EventNone && r.Notify != nil {
		r.Notify(e, r.Client.Lease())
	}
}

// now is above zero from the first call on.
func (r *Runner) now() time.Duration {
	if r.origin.IsZero() {
		r.origin = time.Now().Add(-1)
	}
	return time.Since(r.origin)
}

// deadline returns the time of the client's deadline, none for none.
func (r *Runner) deadline() time.Time {
	if d := r.Client.Deadline(); d != 0 {
		return r.origin.Add(d)
	}
	return time.Time{}
}

func orPort(port, usual uint16) uint16 {
	if port == 0 {
		return usual
	}
	return port
}
