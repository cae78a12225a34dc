package stack

import (
	"math"
	"net/netip"

	"github.com/netdev-go/netdev"
)

// SetSockOpt sets an option. One that a type of socket does not have is
// ErrNotSupported.
func (s *Stack) SetSockOpt(sockfd, level, opt int, value any) error {
	s.lock()
	k, err := s.use(sockfd)
	if err == nil {
		err = s.setOption(k, level, opt, value)
	}
	s.flush()
	return err
}

func (s *Stack) setOption(k *socket, level, opt int, value any) error {
	switch level {
	case netdev.SOL_SOCKET:
		return s.setSocketOption(k, opt, value)
	case netdev.SOL_TCP:
		if k.isStream() {
			return s.streams.setOption(k, opt, value)
		}
	case netdev.IPPROTO_IP:
		return s.setIPOption(k, opt, value)
	}
	return netdev.ErrNotSupported
}

func (s *Stack) setSocketOption(k *socket, opt int, value any) error {
	switch opt {
	case netdev.SO_REUSEADDR, netdev.SO_REUSEPORT, netdev.SO_BROADCAST:
		on, err := netdev.OptBool(value)
		if err != nil {
			return err
		}
		switch {
		case opt == netdev.SO_REUSEADDR:
			k.set(reuseAddr, on)
		case k.isStream():
			return netdev.ErrNotSupported
		case opt == netdev.SO_REUSEPORT:
			k.set(reusePort, on)
		default:
			k.dgram.noBroadcast = !on
		}
		return nil
	case netdev.SO_SNDBUF, netdev.SO_RCVBUF:
		return s.setBuffer(k, opt, value)
	case netdev.SO_KEEPALIVE, netdev.SO_LINGER:
		if k.isStream() {
			return s.setTCPSocketOption(k, opt, value)
		}
	}
	return netdev.ErrNotSupported
}

// setBuffer sets how much a socket may hold. What goes beyond the configuration's
// MaxBuffer is remembered and of no effect.
func (s *Stack) setBuffer(k *socket, opt int, value any) error {
	n, err := netdev.OptInt(value)
	if err != nil {
		return err
	}
	if n < 0 {
		return netdev.ErrInvalid
	}
	n = min(max(n, minBuffer), math.MaxInt32)
	switch {
	case k.isStream():
		o := k.streamOptions()
		if opt == netdev.SO_SNDBUF {
			o.SendBuffer = n
		} else {
			o.RecvBuffer = n
		}
		s.streams.setOptions(k, o)
	case opt == netdev.SO_SNDBUF:
		k.dgram.sendLimit = n
	default:
		k.dgram.limit = n
	}
	return nil
}

// minBuffer is the least that a socket may hold.
const minBuffer = 256

func (s *Stack) setIPOption(k *socket, opt int, value any) error {
	switch opt {
	case netdev.IP_TOS, netdev.IP_TTL:
		n, err := netdev.OptInt(value)
		if err != nil {
			return err
		}
		if opt == netdev.IP_TTL && n == -1 {
			n = defaultTTL
		}
		if n < 0 || n > 255 || opt == netdev.IP_TTL && n == 0 {
			return netdev.ErrInvalid
		}
		s.setTTLOrTOS(k, opt, uint8(n))
		return nil
	}
	if k.isStream() {
		return netdev.ErrNotSupported
	}
	d := k.dgram
	switch opt {
	case netdev.IP_MULTICAST_TTL:
		n, err := netdev.OptInt(value)
		if err != nil {
			return err
		}
		if n == -1 {
			n = 1
		}
		if n < 0 || n > 255 {
			return netdev.ErrInvalid
		}
		d.groupTTL = uint8(n)
	case netdev.IP_MULTICAST_LOOP:
		on, err := netdev.OptBool(value)
		if err != nil {
			return err
		}
		d.noLoop = !on
	case netdev.IP_MULTICAST_IF:
		a, ok := value.(netip.Addr)
		if !ok || !a.Unmap().Is4() {
			return netdev.ErrInvalid
		}
		switch a = a.Unmap(); {
		case a.IsUnspecified():
			d.groupInterface = netip.Addr{}
		case s.isLocal(a):
			d.groupInterface = a
		default:
			return netdev.ErrAddrNotAvailable
		}
	default:
		return netdev.ErrNotSupported
	}
	return nil
}

func (s *Stack) setTTLOrTOS(k *socket, opt int, n uint8) {
	if k.isStream() {
		o := k.streamOptions()
		if opt == netdev.IP_TTL {
			o.TTL = n
		} else {
			o.TOS = n
		}
		s.streams.setOptions(k, o)
		return
	}
	if opt == netdev.IP_TTL {
		k.dgram.ttl = n
	} else {
		k.dgram.tos = n
	}
}
