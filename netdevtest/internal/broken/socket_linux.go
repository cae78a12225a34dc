package broken

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/netdev-go/netdev"
)

func socketDevices() []Device {
	return []Device{
		device("gives a stream's descriptor twice", breaks("SOCK-1"), func(d *hooks) {
			last := -1
			d.socket = func(domain, stype, protocol int) (int, error) {
				if stype != netdev.SOCK_STREAM || protocol != netdev.IPPROTO_TCP {
					return d.Device.Socket(domain, stype, protocol)
				}
				if _, err := d.Device.GetSockOpt(last, netdev.SOL_SOCKET, netdev.SO_TYPE); err == nil {
					return last, nil
				}
				var err error
				last, err = d.Device.Socket(domain, stype, protocol)
				return last, err
			}
		}),
		device("does not know protocol 0", breaks("SOCK-2"), func(d *hooks) {
			d.socket = func(domain, stype, protocol int) (int, error) {
				if protocol == 0 {
					return -1, netdev.ErrProtocolNotSupported
				}
				return d.Device.Socket(domain, stype, protocol)
			}
		}),
		device("takes an unknown family for IPv4", breaks("SOCK-3"), func(d *hooks) {
			d.socket = func(domain, stype, protocol int) (int, error) {
				if domain != netdev.AF_INET6 {
					domain = netdev.AF_INET
				}
				return d.Device.Socket(domain, stype, protocol)
			}
		}),
		device("takes an unknown protocol for the usual one", breaks("SOCK-4"), func(d *hooks) {
			d.socket = func(domain, stype, protocol int) (int, error) {
				fd, err := d.Device.Socket(domain, stype, protocol)
				if err == netdev.ErrProtocolNotSupported && protocol != netdev.IPPROTO_TLS {
					return d.Device.Socket(domain, netdev.SOCK_STREAM, 0)
				}
				return fd, err
			}
		}),
		device("takes IPv6 for IPv4", breaks("SOCK-5"), func(d *hooks) {
			d.socket = func(domain, stype, protocol int) (int, error) {
				if domain == netdev.AF_INET6 {
					domain = netdev.AF_INET
				}
				return d.Device.Socket(domain, stype, protocol)
			}
		}),
		device("Close makes no room", breaks("SOCK-6"), func(d *hooks) {
			var opened atomic.Int32
			d.socket = func(domain, stype, protocol int) (int, error) {
				if opened.Add(1) > 8 {
					return -1, netdev.ErrNoMoreSockets
				}
				return d.Device.Socket(domain, stype, protocol)
			}
		}),
		device("runs out of sockets with another error", breaks("SOCK-6"), func(d *hooks) {
			var opened atomic.Int32
			d.socket = func(domain, stype, protocol int) (int, error) {
				if opened.Add(1) > 8 {
					return -1, netdev.ErrNoBuffers
				}
				return d.Device.Socket(domain, stype, protocol)
			}
		}),
		device("sends plaintext on TLS sockets", breaks("SOCK-7 SOCK-8"), func(d *hooks) {
			d.socket = func(domain, stype, protocol int) (int, error) {
				if stype == netdev.SOCK_STREAM && protocol == netdev.IPPROTO_TLS {
					protocol = netdev.IPPROTO_TCP
				}
				return d.Device.Socket(domain, stype, protocol)
			}
		}),
	}
}

func bindDevices() []Device {
	return []Device{
		device("port 0 is always the same port", breaks("BIND-1 BIND-2"), func(d *hooks) {
			port := uint16(62000 + rand.UintN(3000))
			d.bind = func(fd int, ip netip.AddrPort) error {
				if ip.Port() == 0 {
					ip = netip.AddrPortFrom(ip.Addr(), port)
				}
				return d.Device.Bind(fd, ip)
			}
		}),
		device("ephemeral ports count up", breaks("BIND-2"), func(d *hooks) {
			var next atomic.Uint32
			next.Store(uint32(61000 + rand.UintN(4000)))
			d.bind = func(fd int, ip netip.AddrPort) error {
				if ip.Port() == 0 {
					ip = netip.AddrPortFrom(ip.Addr(), uint16(next.Add(1)))
				}
				return d.Device.Bind(fd, ip)
			}
		}),
		device("a port in use is accepted", breaks("BIND-3"), func(d *hooks) {
			d.bind = func(fd int, ip netip.AddrPort) error {
				return replace(d.Device.Bind(fd, ip), netdev.ErrAddrInUse, nil)
			}
		}),
		device("binds to another port", breaks("BIND-3 BIND-4"), func(d *hooks) {
			d.bind = func(fd int, ip netip.AddrPort) error {
				return d.Device.Bind(fd, netip.AddrPortFrom(ip.Addr(), 0))
			}
		}),
		device("keeps a closed socket's port", breaks("BIND-5"), func(d *hooks) {
			var used sync.Map
			d.bind = func(fd int, ip netip.AddrPort) error {
				if _, ok := used.Load(ip); ok {
					return netdev.ErrAddrInUse
				}
				err := d.Device.Bind(fd, ip)
				if err == nil && ip.Port() != 0 {
					used.Store(ip, true)
				}
				return err
			}
		}),
		device("binds to any address", breaks("BIND-6"), func(d *hooks) {
			d.bind = func(fd int, ip netip.AddrPort) error {
				return replace(d.Device.Bind(fd, ip), netdev.ErrAddrNotAvailable, nil)
			}
		}),
		device("binds twice", breaks("BIND-7"), func(d *hooks) {
			d.bind = func(fd int, ip netip.AddrPort) error {
				return replace(d.Device.Bind(fd, ip), netdev.ErrInvalid, nil)
			}
		}),
	}
}
