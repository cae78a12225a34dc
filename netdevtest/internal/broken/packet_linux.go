package broken

import (
	"errors"
	"io"
	"net/netip"
	"sync"
	"time"

	"github.com/netdev-go/netdev"
)

// sendingTo is a device whose SendTo is send, over the host's.
func sendingTo(name, rules string, send func(d *hooks, fd int, buf []byte, to netip.AddrPort, deadline time.Time) (int, error)) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.sendTo = func(fd int, buf []byte, _ int, to netip.AddrPort, deadline time.Time) (int, error) {
			return send(d, fd, buf, to, deadline)
		}
	})
}

// receivingFrom is a device whose RecvFrom is recv, over the host's.
func receivingFrom(name, rules string, recv func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error)) Device {
	return device(name, breaks(rules), func(d *hooks) {
		d.recvFrom = func(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
			return recv(d, fd, buf, flags, deadline)
		}
	})
}

func packetDevices() []Device {
	return []Device{
		device("sends all datagrams where the first one went", breaks("PKT-1"), func(d *hooks) {
			var first netip.AddrPort
			d.sendTo = func(fd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
				if !first.IsValid() {
					first = to
				}
				return d.Device.SendTo(fd, buf, flags, first, deadline)
			}
		}),
		receivingFrom("does not know the sender", "PKT-1 PKT-3 PKT-5 PKT-9", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
			n, _, err := d.Device.RecvFrom(fd, buf, flags, deadline)
			return n, netip.AddrPort{}, err
		}),
		device("hears nothing unless it is bound", breaks("PKT-2"), func(d *hooks) {
			var bound sync.Map
			d.bind = func(fd int, ip netip.AddrPort) error {
				bound.Store(fd, true)
				return d.Device.Bind(fd, ip)
			}
			d.recvFrom = func(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
				if _, ok := bound.Load(fd); !ok {
					return 0, netip.AddrPort{}, netdev.ErrNotConnected
				}
				return d.Device.RecvFrom(fd, buf, flags, deadline)
			}
		}),
		device("hands out a datagram's rest as the next one, with RecvFrom", breaks("PKT-3"), func(d *hooks) {
			var rest []byte
			var from netip.AddrPort
			d.recvFrom = func(fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
				if len(rest) == 0 {
					whole := make([]byte, 1<<16)
					n, sender, err := d.Device.RecvFrom(fd, whole, flags, deadline)
					if err != nil {
						return n, sender, err
					}
					rest, from = whole[:n], sender
				}
				n := copy(buf, rest)
				rest = rest[n:]
				return n, from, nil
			}
		}),
		sendingTo("a connected socket sends to strangers", "PKT-4", func(d *hooks, fd int, buf []byte, to netip.AddrPort, deadline time.Time) (int, error) {
			n, err := d.Device.SendTo(fd, buf, 0, to, deadline)
			if errors.Is(err, netdev.ErrIsConnected) {
				return len(buf), nil
			}
			return n, err
		}),
		device("a connected socket hears strangers with RecvFrom", breaks("PKT-5"), func(d *hooks) {
			var peer netip.AddrPort
			d.connect = func(fd int, _ string, ip netip.AddrPort) error {
				peer = ip
				return nil
			}
			d.send = func(fd int, buf []byte, flags int, deadline time.Time) (int, error) {
				return d.Device.SendTo(fd, buf, flags, peer, deadline)
			}
			d.sendTo = func(fd int, buf []byte, flags int, to netip.AddrPort, deadline time.Time) (int, error) {
				if peer.IsValid() && to != peer {
					return 0, netdev.ErrIsConnected
				}
				return d.Device.SendTo(fd, buf, flags, to, deadline)
			}
		}),
		sendingTo("SendTo drops datagrams that are too long", "PKT-6", func(d *hooks, fd int, buf []byte, to netip.AddrPort, deadline time.Time) (int, error) {
			n, err := d.Device.SendTo(fd, buf, 0, to, deadline)
			if errors.Is(err, netdev.ErrMessageTooLong) {
				return len(buf), nil
			}
			return n, err
		}),
		sendingTo("SendTo ignores deadlines", "PKT-7", func(d *hooks, fd int, buf []byte, to netip.AddrPort, _ time.Time) (int, error) {
			return d.Device.SendTo(fd, buf, 0, to, time.Time{})
		}),
		receivingFrom("RecvFrom ignores deadlines", "PKT-7", func(d *hooks, fd int, buf []byte, flags int, _ time.Time) (int, netip.AddrPort, error) {
			return d.Device.RecvFrom(fd, buf, flags, time.Time{})
		}),
		receivingFrom("Close does not wake RecvFrom", "PKT-8", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
			n, from, err := d.Device.RecvFrom(fd, buf, flags, deadline)
			if err == netdev.ErrClosed {
				d.hang()
			}
			return n, from, err
		}),
		receivingFrom("an empty datagram is EOF to RecvFrom", "PKT-9", func(d *hooks, fd int, buf []byte, flags int, deadline time.Time) (int, netip.AddrPort, error) {
			n, from, err := d.Device.RecvFrom(fd, buf, flags, deadline)
			if n == 0 && err == nil {
				err = io.EOF
			}
			return n, from, err
		}),
		sendingTo("sends to no address", "PKT-10", func(d *hooks, fd int, buf []byte, to netip.AddrPort, deadline time.Time) (int, error) {
			if !to.IsValid() {
				return len(buf), nil
			}
			return d.Device.SendTo(fd, buf, 0, to, deadline)
		}),
	}
}

// naming is a device whose names are seen through local and remote.
func naming(name, rules string, local, remote func(d *hooks, fd int, addr netip.AddrPort, err error) (netip.AddrPort, error)) Device {
	return device(name, breaks(rules), func(d *hooks) {
		if local != nil {
			d.getSockName = func(fd int) (netip.AddrPort, error) {
				addr, err := d.Device.GetSockName(fd)
				return local(d, fd, addr, err)
			}
		}
		if remote != nil {
			d.getPeerName = func(fd int) (netip.AddrPort, error) {
				addr, err := d.Device.GetPeerName(fd)
				return remote(d, fd, addr, err)
			}
		}
	})
}

func mapped(_ *hooks, _ int, addr netip.AddrPort, err error) (netip.AddrPort, error) {
	if addr.Addr().Is4() {
		addr = netip.AddrPortFrom(netip.AddrFrom16(addr.Addr().As16()), addr.Port())
	}
	return addr, err
}

func sockNameDevices() []Device {
	return []Device{
		device("port 0 stays 0 in the name", breaks("SNAME-1"), func(d *hooks) {
			var zero sync.Map
			d.bind = func(fd int, ip netip.AddrPort) error {
				if ip.Port() == 0 {
					zero.Store(fd, true)
				}
				return d.Device.Bind(fd, ip)
			}
			d.getSockName = func(fd int) (netip.AddrPort, error) {
				addr, err := d.Device.GetSockName(fd)
				if _, ok := zero.Load(fd); ok {
					addr = netip.AddrPortFrom(addr.Addr(), 0)
				}
				return addr, err
			}
		}),
		naming("the peer has no name", "SNAME-2 SNAME-3 SNAME-5 SNAME-6", nil,
			func(_ *hooks, _ int, _ netip.AddrPort, err error) (netip.AddrPort, error) {
				return netip.AddrPort{}, err
			}),
		device("an accepted stream has no name", breaks("SNAME-3"), func(d *hooks) {
			var accepted sync.Map
			d.accept = func(lfd int) (int, netip.AddrPort, error) {
				fd, from, err := d.Device.Accept(lfd)
				accepted.Store(fd, true)
				return fd, from, err
			}
			d.getSockName = func(fd int) (netip.AddrPort, error) {
				if _, ok := accepted.Load(fd); ok {
					return netip.AddrPort{}, nil
				}
				return d.Device.GetSockName(fd)
			}
		}),
		naming("no peer is no error", "SNAME-1 SNAME-4", nil,
			func(_ *hooks, _ int, addr netip.AddrPort, err error) (netip.AddrPort, error) {
				return addr, replace(err, netdev.ErrNotConnected, nil)
			}),
		naming("a datagram socket has no peer", "SNAME-5", nil,
			func(d *hooks, fd int, addr netip.AddrPort, err error) (netip.AddrPort, error) {
				if d.isDatagram(fd) {
					return netip.AddrPort{}, netdev.ErrNotConnected
				}
				return addr, err
			}),
		naming("IPv4 is IPv4 in IPv6", "SNAME-1 SNAME-2 SNAME-3 SNAME-4 SNAME-5 SNAME-6", mapped, mapped),
	}
}
