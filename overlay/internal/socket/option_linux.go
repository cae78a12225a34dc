package socket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
)

// A rawOptioner takes option values as the kernel does.
type rawOptioner interface {
	SetSockOptRaw(sockfd, level, opt int, value []byte) error
	GetSockOptRaw(sockfd, level, opt int, value []byte) (int, error)
}

// Setsockopt is setsockopt(2).
func (s *Socket) Setsockopt(level, opt int, val []byte) error {
	if raw, ok := netdev.As[rawOptioner](s.dev); ok {
		return Errno(raw.SetSockOptRaw(s.sockfd, level, opt, val))
	}
	if join, ok := membership(level, opt); ok {
		return s.setMembership(join, level, val)
	}
	value, err := s.decode(level, opt, val)
	if err != nil {
		return err
	}
	err = s.dev.SetSockOpt(s.sockfd, level, opt, value)
	if isName(level, opt) && errors.Is(err, netdev.ErrInvalid) {
		return unix.ENOENT // there is no such thing
	}
	if errors.Is(err, netdev.ErrNotSupported) && assumed(level, opt) {
		return nil
	}
	if errors.Is(err, netdev.ErrNotSupported) {
		return unix.ENOPROTOOPT
	}
	return Errno(err)
}

// assumed tells the options that Go's net sets on every socket of a kind and
// counts on: a device without them already does what they ask for, or fails
// when it is put to use.
func assumed(level, opt int) bool {
	switch {
	case level == netdev.SOL_SOCKET:
		return opt == netdev.SO_REUSEADDR || opt == netdev.SO_BROADCAST
	case level == netdev.IPPROTO_IPV6:
		return opt == netdev.IPV6_V6ONLY
	}
	return false
}

// decode turns the kernel's form of an option into the contract's.
func (s *Socket) decode(level, opt int, val []byte) (any, error) {
	if level == netdev.IPPROTO_IP && opt == netdev.IP_MULTICAST_IF {
		return s.multicastInterface(val)
	}
	if level == netdev.SOL_SOCKET && opt == netdev.SO_LINGER {
		if len(val) < 8 {
			return nil, unix.EINVAL
		}
		if binary.NativeEndian.Uint32(val) == 0 {
			return -1, nil
		}
		return int(int32(binary.NativeEndian.Uint32(val[4:]))), nil
	}
	if isName(level, opt) {
		if len(val) == 0 {
			return nil, unix.EINVAL
		}
		name, _, _ := bytes.Cut(val[:min(len(val), maxName-1)], []byte{0})
		return string(name), nil
	}
	var n int
	switch {
	case len(val) >= 4:
		n = int(int32(binary.NativeEndian.Uint32(val)))
	case len(val) == 1: // IP_MULTICAST_TTL and IP_MULTICAST_LOOP may be a byte
		n = int(val[0])
	default:
		return nil, unix.EINVAL
	}
	if isSwitch(level, opt) {
		return n != 0, nil
	}
	return n, nil
}

// maxName is how long a name is that is an option's value, its NUL included.
const maxName = 16

func isName(level, opt int) bool { return level == netdev.SOL_TCP && opt == netdev.TCP_CONGESTION }

func isSwitch(level, opt int) bool {
	switch level {
	case netdev.SOL_SOCKET:
		switch opt {
		case netdev.SO_REUSEADDR, netdev.SO_REUSEPORT, netdev.SO_BROADCAST, netdev.SO_KEEPALIVE:
			return true
		}
	case netdev.SOL_TCP:
		return opt == netdev.TCP_NODELAY
	case netdev.IPPROTO_IP:
		return opt == netdev.IP_MULTICAST_LOOP
	case netdev.IPPROTO_IPV6:
		return opt == netdev.IPV6_MULTICAST_LOOP || opt == netdev.IPV6_V6ONLY
	}
	return false
}

// Getsockopt is getsockopt(2).
func (s *Socket) Getsockopt(level, opt int, val []byte) (int, error) {
	if level == unix.SOL_SOCKET {
		switch opt {
		case unix.SO_TYPE:
			return put(val, s.typ)
		case unix.SO_DOMAIN:
			return put(val, s.domain)
		case unix.SO_PROTOCOL:
			return put(val, s.protocol())
		case unix.SO_ACCEPTCONN:
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.listening {
				return put(val, 1)
			}
			return put(val, 0)
		case unix.SO_ERROR:
			if s.isConnecting() {
				return putErrno(val, s.connectError())
			}
		}
	}
	if raw, ok := netdev.As[rawOptioner](s.dev); ok {
		n, err := raw.GetSockOptRaw(s.sockfd, level, opt, val)
		return n, Errno(err)
	}
	getter, ok := netdev.As[netdev.SockOptGetter](s.dev)
	if !ok {
		if level == unix.SOL_SOCKET && opt == unix.SO_ERROR {
			return put(val, 0)
		}
		return 0, unix.ENOPROTOOPT
	}
	value, err := getter.GetSockOpt(s.sockfd, level, opt)
	if err != nil {
		if errors.Is(err, netdev.ErrNotSupported) {
			return 0, unix.ENOPROTOOPT
		}
		return 0, Errno(err)
	}
	switch v := value.(type) {
	case nil:
		return put(val, 0)
	case error:
		return putErrno(val, v)
	case string: // a name, as much of it as there is room for
		var name [maxName]byte
		copy(name[:maxName-1], v)
		return copy(val, name[:]), nil
	case netip.Addr: // IP_MULTICAST_IF, an in_addr
		if len(val) < 4 {
			return 0, unix.EINVAL
		}
		if !v.Is4() {
			v = netip.IPv4Unspecified()
		}
		return copy(val, v.AsSlice()), nil
	}
	n, err := netdev.OptInt(value)
	if err != nil {
		return 0, unix.ENOPROTOOPT
	}
	if level == netdev.SOL_SOCKET && opt == netdev.SO_LINGER {
		return putLinger(val, n)
	}
	return put(val, n)
}

func (s *Socket) protocol() int {
	switch {
	case s.proto != 0:
		return s.proto
	case s.typ == netdev.SOCK_STREAM:
		return netdev.IPPROTO_TCP
	case s.typ == netdev.SOCK_DGRAM:
		return netdev.IPPROTO_UDP
	}
	return 0
}

func put(val []byte, n int) (int, error) {
	if len(val) < 4 {
		return 0, unix.EINVAL
	}
	binary.NativeEndian.PutUint32(val, uint32(n))
	return 4, nil
}

func putErrno(val []byte, err error) (int, error) {
	if err == nil {
		return put(val, 0)
	}
	errno, _ := Errno(err).(unix.Errno)
	return put(val, int(errno))
}

func putLinger(val []byte, sec int) (int, error) {
	if len(val) < 8 {
		return 0, unix.EINVAL
	}
	clear(val[:8])
	if sec >= 0 {
		put(val, 1)
		put(val[4:], sec)
	}
	return 8, nil
}
