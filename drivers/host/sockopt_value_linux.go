//go:build !tinygo

package host

import (
	"math"
	"net/netip"
	"unsafe"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

var _ netdev.SockOptGetter = (*Device)(nil)

// An option is a level and a number of one.
type option struct{ level, opt int }

// A kind is the Go type that an option's value has.
type kind uint8

const (
	kindInt kind = iota + 1
	kindBool
	kindBuffer // int; the kernel doubles what it is told
	kindLinger
	kindMulticastIf
	kindError
	kindName // string
)

// options are those of the contract. The numbers of their constants are
// Linux's, except on a few architectures that set has the names for.
var options = map[option]struct {
	kind    kind
	opt     int // the kernel's
	getOnly bool
}{
	{netdev.SOL_SOCKET, netdev.SO_REUSEADDR}: {kind: kindBool, opt: unix.SO_REUSEADDR},
	{netdev.SOL_SOCKET, netdev.SO_REUSEPORT}: {kind: kindBool, opt: unix.SO_REUSEPORT},
	{netdev.SOL_SOCKET, netdev.SO_BROADCAST}: {kind: kindBool, opt: unix.SO_BROADCAST},
	{netdev.SOL_SOCKET, netdev.SO_KEEPALIVE}: {kind: kindBool, opt: unix.SO_KEEPALIVE},
	{netdev.SOL_SOCKET, netdev.SO_SNDBUF}:    {kind: kindBuffer, opt: unix.SO_SNDBUF},
	{netdev.SOL_SOCKET, netdev.SO_RCVBUF}:    {kind: kindBuffer, opt: unix.SO_RCVBUF},
	{netdev.SOL_SOCKET, netdev.SO_LINGER}:    {kind: kindLinger, opt: unix.SO_LINGER},
	{netdev.SOL_SOCKET, netdev.SO_TYPE}:      {kind: kindInt, opt: unix.SO_TYPE, getOnly: true},
	{netdev.SOL_SOCKET, netdev.SO_ERROR}:     {kind: kindError, opt: unix.SO_ERROR, getOnly: true},
	{netdev.SOL_SOCKET, netdev.SO_ACCEPTCON}: {kind: kindBool, opt: unix.SO_ACCEPTCONN, getOnly: true},

	{netdev.SOL_TCP, netdev.TCP_NODELAY}:      {kind: kindBool, opt: unix.TCP_NODELAY},
	{netdev.SOL_TCP, netdev.TCP_MAXSEG}:       {kind: kindInt, opt: unix.TCP_MAXSEG},
	{netdev.SOL_TCP, netdev.TCP_KEEPIDLE}:     {kind: kindInt, opt: unix.TCP_KEEPIDLE},
	{netdev.SOL_TCP, netdev.TCP_KEEPINTVL}:    {kind: kindInt, opt: unix.TCP_KEEPINTVL},
	{netdev.SOL_TCP, netdev.TCP_KEEPCNT}:      {kind: kindInt, opt: unix.TCP_KEEPCNT},
	{netdev.SOL_TCP, netdev.TCP_CONGESTION}:   {kind: kindName, opt: unix.TCP_CONGESTION},
	{netdev.SOL_TCP, netdev.TCP_USER_TIMEOUT}: {kind: kindInt, opt: unix.TCP_USER_TIMEOUT},

	{netdev.IPPROTO_IP, netdev.IP_TOS}:            {kind: kindInt, opt: unix.IP_TOS},
	{netdev.IPPROTO_IP, netdev.IP_TTL}:            {kind: kindInt, opt: unix.IP_TTL},
	{netdev.IPPROTO_IP, netdev.IP_MULTICAST_IF}:   {kind: kindMulticastIf, opt: unix.IP_MULTICAST_IF},
	{netdev.IPPROTO_IP, netdev.IP_MULTICAST_TTL}:  {kind: kindInt, opt: unix.IP_MULTICAST_TTL},
	{netdev.IPPROTO_IP, netdev.IP_MULTICAST_LOOP}: {kind: kindBool, opt: unix.IP_MULTICAST_LOOP},

	{netdev.IPPROTO_IPV6, netdev.IPV6_UNICAST_HOPS}:   {kind: kindInt, opt: unix.IPV6_UNICAST_HOPS},
	{netdev.IPPROTO_IPV6, netdev.IPV6_MULTICAST_HOPS}: {kind: kindInt, opt: unix.IPV6_MULTICAST_HOPS},
	{netdev.IPPROTO_IPV6, netdev.IPV6_MULTICAST_LOOP}: {kind: kindBool, opt: unix.IPV6_MULTICAST_LOOP},
	{netdev.IPPROTO_IPV6, netdev.IPV6_V6ONLY}:         {kind: kindBool, opt: unix.IPV6_V6ONLY},
}

// kernelLevel is the kernel's number of a level: SOL_SOCKET is not 1 on MIPS.
func kernelLevel(level int) int {
	if level == netdev.SOL_SOCKET {
		return unix.SOL_SOCKET
	}
	return level
}

// SetSockOpt sets an option. Those that the contract does not name go to the
// kernel with its number and an int, a bool or, as it stands, a []byte.
func (d *Device) SetSockOpt(sockfd, level, opt int, value any) error {
	s, err := d.use(sockfd)
	if err != nil {
		return err
	}
	defer s.release()
	known, ok := options[option{level, opt}]
	if !ok {
		return s.setOther(kernelLevel(level), opt, value)
	}
	if known.getOnly {
		return netdev.ErrNotSupported
	}
	if raw, ok := value.([]byte); ok {
		return toError(setsockopt(s.fd, kernelLevel(level), known.opt, raw))
	}
	if level == netdev.SOL_SOCKET && opt == netdev.SO_REUSEADDR {
		s.reuseSet.Store(true)
	}
	return s.set(known.kind, kernelLevel(level), known.opt, value)
}

func (s *socket) set(k kind, level, opt int, value any) error {
	switch k {
	case kindBool:
		on, err := netdev.OptBool(value)
		if err != nil {
			return err
		}
		return s.setInt(level, opt, boolInt(on))
	case kindLinger:
		sec, err := netdev.OptInt(value)
		if err != nil {
			return err
		}
		l := unix.Linger{Onoff: int32(boolInt(sec >= 0)), Linger: int32(min(max(sec, 0), math.MaxInt32))}
		return mapError(unix.SetsockoptLinger(s.fd, level, opt, &l))
	case kindMulticastIf:
		addr, ok := value.(netip.Addr)
		if !ok || !addr.Unmap().Is4() {
			return netdev.ErrInvalid
		}
		return mapError(unix.SetsockoptInet4Addr(s.fd, level, opt, addr.Unmap().As4()))
	case kindName:
		name, ok := value.(string)
		if !ok || name == "" {
			return netdev.ErrInvalid
		}
		err := unix.SetsockoptString(s.fd, level, opt, name)
		if err == unix.ENOENT {
			return netdev.ErrInvalid
		}
		return mapError(err)
	}
	n, err := netdev.OptInt(value)
	if err != nil {
		return err
	}
	if k == kindBuffer && n < 0 {
		return netdev.ErrInvalid
	}
	return s.setInt(level, opt, n)
}

func (s *socket) setOther(level, opt int, value any) error {
	if raw, ok := value.([]byte); ok {
		return toError(setsockopt(s.fd, level, opt, raw))
	}
	n, err := netdev.OptInt(value)
	if err != nil {
		return err
	}
	return s.setInt(level, opt, n)
}

func (s *socket) setInt(level, opt, n int) error {
	if n < math.MinInt32 || n > math.MaxInt32 {
		return netdev.ErrInvalid
	}
	return mapError(unix.SetsockoptInt(s.fd, level, opt, n))
}

// GetSockOpt reads an option back. One that the contract does not name is an
// int.
func (d *Device) GetSockOpt(sockfd, level, opt int) (any, error) {
	s, err := d.use(sockfd)
	if err != nil {
		return nil, err
	}
	defer s.release()
	known, ok := options[option{level, opt}]
	if !ok {
		known.kind, known.opt = kindInt, opt
	}
	return s.get(known.kind, kernelLevel(level), known.opt)
}

func (s *socket) get(k kind, level, opt int) (any, error) {
	switch k {
	case kindLinger:
		l, err := unix.GetsockoptLinger(s.fd, level, opt)
		if err != nil {
			return nil, mapError(err)
		}
		if l.Onoff == 0 {
			return -1, nil
		}
		return int(l.Linger), nil
	case kindMulticastIf:
		a, err := unix.GetsockoptInet4Addr(s.fd, level, opt)
		if err != nil {
			return nil, mapError(err)
		}
		return netip.AddrFrom4(a), nil
	case kindName:
		name, err := unix.GetsockoptString(s.fd, level, opt)
		return name, mapError(err)
	}
	n, err := s.getInt(level, opt)
	if err != nil {
		return nil, err
	}
	switch k {
	case kindBool:
		return n != 0, nil
	case kindBuffer:
		return n / 2, nil
	case kindError:
		if n == 0 {
			return nil, nil
		}
		return s.connError(unix.Errno(n)), nil
	}
	return n, nil
}

// getInt also reads what the kernel keeps in one byte.
func (s *socket) getInt(level, opt int) (int, error) {
	var v int32
	b := (*[4]byte)(unsafe.Pointer(&v))
	n, errno := getsockopt(s.fd, level, opt, b[:])
	if errno != 0 {
		return 0, toError(errno)
	}
	if n == 1 {
		return int(b[0]), nil
	}
	return int(v), nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
