package offload

import (
	"context"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// checkAddr takes an address that a call was given for what a socket of IPv4 can
// use. One that is not valid is the unspecified one.
func checkAddr(a netip.AddrPort) (netip.AddrPort, error) {
	ip := a.Addr().Unmap()
	switch {
	case !ip.IsValid():
		ip = netip.IPv4Unspecified()
	case ip.Is6():
		return a, netdev.ErrFamilyNotSupported
	}
	return netip.AddrPortFrom(ip, a.Port()), nil
}

// Bind names the local end. An address that is not valid is the unspecified one.
// A chip binds ports only: what arrives at any of its addresses is received.
func (s *Sockets) Bind(sockfd int, ip netip.AddrPort) error {
	c := s.core
	c.mu.Lock()
	k, err := c.use(sockfd)
	if err == nil {
		ip, err = checkAddr(ip)
	}
	if err == nil {
		switch a := ip.Addr(); {
		case k.has(bound | dialling | connected):
			err = netdev.ErrInvalid
		case a.IsUnspecified() || a == c.addr:
		case !k.isStream() && isGroup(a):
		default:
			err = netdev.ErrAddrNotAvailable
		}
	}
	if err != nil {
		c.unlock()
		return err
	}
	if !k.isStream() {
		return c.do(context.Background(), k, func() error { return c.bindDatagram(k, ip) })
	}
	err = c.bindStream(k, ip)
	c.unlock()
	return err
}

// self is the address of what leaves here, as far as it is known.
func (c *Core) self() netip.Addr {
	if c.addr.IsValid() {
		return c.addr
	}
	return netip.IPv4Unspecified()
}

func isGroup(a netip.Addr) bool { return a.IsMulticast() || a == broadcast }

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// bindStream sets a port aside. The chip hears of it with Listen or Connect.
func (c *Core) bindStream(k *socket, ip netip.AddrPort) error {
	port := ip.Port()
	if port == 0 {
		if port = c.freePort(k); port == 0 {
			return netdev.ErrAddrInUse
		}
		k.flags |= anyPort
	} else if c.taken(k, port) {
		return netdev.ErrAddrInUse
	}
	k.local = netip.AddrPortFrom(ip.Addr(), port)
	k.flags |= bound
	return nil
}

// bindDatagram is on the chip's goroutine, without the lock.
func (c *Core) bindDatagram(k *socket, ip netip.AddrPort) error {
	c.mu.Lock()
	defer c.unlock()
	if k.has(bound) {
		return netdev.ErrInvalid
	}
	return c.withPort(k, ip.Port(), func(id int, port uint16) error {
		return c.chip.Bind(id, port)
	}, func(port uint16) {
		k.local = netip.AddrPortFrom(ip.Addr(), port)
		k.flags |= bound
		c.serveSoon(k)
	})
}

// tries is how many ports a socket without a wish tries.
const tries = 32

// withPort calls f without the lock, with the port that is wished, or, where that
// is 0, with others until one is not in use, and then done with the lock.
func (c *Core) withPort(k *socket, wish uint16, f func(id int, port uint16) error, done func(port uint16)) error {
	if wish != 0 && !k.has(bound) && c.taken(k, wish) {
		return netdev.ErrAddrInUse
	}
	err := netdev.ErrAddrInUse
	for i := range tries {
		port := wish
		if i == 0 && k.has(anyPort) {
			port = k.local.Port()
		}
		if port == 0 {
			if port = c.freePort(k); port == 0 {
				return netdev.ErrAddrInUse
			}
		}
		id := k.id
		if id == none {
			return netdev.ErrNetDown
		}
		c.unlock()
		err = f(id, port)
		c.mu.Lock()
		switch {
		case k.id != id:
			return orError(k.over(), netdev.ErrNetDown)
		case err == netdev.ErrAddrInUse && port == wish:
			if c.closing(func(o *socket) bool { return o != k && o.local.Port() == wish && o.isStream() == k.isStream() }) {
				return errLater
			}
			return err
		case err != netdev.ErrAddrInUse:
			if err == nil || err == netdev.ErrInProgress {
				done(port)
			}
			return err
		}
	}
	return err
}

// Ephemeral ports, RFC 6335 §6.
const (
	firstPort = 49152
	lastPort  = 65535
)

// freePort returns a port that no socket here has, by chance (RFC 6056 §3.3.1), or 0.
func (c *Core) freePort(k *socket) uint16 {
	const n = lastPort - firstPort + 1
	at := int(c.config.Rand() % n)
	for range n {
		if port := uint16(firstPort + at); !c.inUse(k, port) {
			return port
		}
		at = (at + 1) % n
	}
	return 0
}

func (c *Core) inUse(k *socket, port uint16) bool {
	for _, o := range c.all {
		if o != k && o.local.Port() == port && o.isStream() == k.isStream() {
			return true
		}
	}
	return false
}

// taken reports whether another socket keeps k from having port. As on Linux,
// SO_REUSEADDR does not let a stream have a listener's port.
func (c *Core) taken(k *socket, port uint16) bool {
	for _, o := range c.all {
		if o == k || o.state != open || !o.has(bound) || o.local.Port() != port || o.isStream() != k.isStream() {
			continue
		}
		if !(o.has(reuseAddr) && k.has(reuseAddr) && !o.has(listening)) {
			return true
		}
	}
	return false
}

// wish returns the port that k must have, 0 for none.
func (k *socket) wish() uint16 {
	if k.has(bound) && !k.has(anyPort) {
		return k.local.Port()
	}
	return 0
}

// GetSockName returns the address of the local end. Of a socket that was not
// bound it is the unspecified one.
func (s *Sockets) GetSockName(sockfd int) (netip.AddrPort, error) {
	c := s.core
	c.mu.Lock()
	defer c.mu.Unlock()
	k, err := c.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	k.flags &^= anyPort
	return k.localName(), nil
}

func (k *socket) localName() netip.AddrPort {
	if !k.local.IsValid() {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	return k.local
}

// GetPeerName returns the address of the peer.
func (s *Sockets) GetPeerName(sockfd int) (netip.AddrPort, error) {
	c := s.core
	c.mu.Lock()
	defer c.mu.Unlock()
	k, err := c.use(sockfd)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if !k.hasPeer() {
		return netip.AddrPort{}, netdev.ErrNotConnected
	}
	return k.remote, nil
}

func (k *socket) hasPeer() bool {
	return k.remote.IsValid() && (!k.isStream() || k.has(connected))
}
