//go:build netdev_overlay

package start

import (
	"net/netip"
	"strconv"
	"syscall"

	"github.com/netdev-go/netdev/overlay/internal/socket"
)

// hook is a socket in the types of package syscall.
type hook struct{ s *socket.Socket }

var _ syscall.NetdevSocket = hook{}

// errno takes apart what package socket returns: an errno or nil.
func errno(err error) syscall.Errno {
	e, _ := err.(syscall.Errno)
	return e
}

func addrIn(a syscall.NetdevAddr) netip.AddrPort {
	switch a.Family {
	case syscall.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(a.IP[:4])), a.Port)
	case syscall.AF_INET6:
		ip := netip.AddrFrom16(a.IP).Unmap()
		if a.Zone != 0 && ip.Is6() {
			ip = ip.WithZone(strconv.Itoa(int(a.Zone)))
		}
		return netip.AddrPortFrom(ip, a.Port)
	}
	return netip.AddrPort{}
}

func (h hook) addrOut(a netip.AddrPort) (out syscall.NetdevAddr) {
	ip := a.Addr()
	switch {
	case !ip.IsValid():
		return out
	case h.s.Domain() == syscall.AF_INET:
		out.Family = syscall.AF_INET
		ip4 := ip.Unmap().AsSlice()
		copy(out.IP[:4], ip4)
	default:
		out.Family = syscall.AF_INET6
		out.IP = ip.As16()
		out.Zone = zoneIndex(ip.Zone())
	}
	out.Port = a.Port()
	return out
}

func (h hook) Bind(a syscall.NetdevAddr) syscall.Errno    { return errno(h.s.Bind(addrIn(a))) }
func (h hook) Connect(a syscall.NetdevAddr) syscall.Errno { return errno(h.s.Connect(addrIn(a))) }
func (h hook) Listen(backlog int) syscall.Errno           { return errno(h.s.Listen(backlog)) }
func (h hook) Shutdown(how int) syscall.Errno             { return errno(h.s.Shutdown(how)) }
func (h hook) Dup(fd int)                                 { h.s.Dup(fd) }
func (h hook) Close(fd int)                               { h.s.Close(fd) }

func (h hook) Accept(flags int) (int, syscall.NetdevSocket, syscall.NetdevAddr, syscall.Errno) {
	fd, conn, peer, err := h.s.Accept(flags)
	if err != nil {
		return -1, nil, syscall.NetdevAddr{}, errno(err)
	}
	return fd, hook{conn}, h.addrOut(peer), 0
}

func (h hook) Sockname() (syscall.NetdevAddr, syscall.Errno) {
	a, err := h.s.Sockname()
	return h.addrOut(a), errno(err)
}

func (h hook) Peername() (syscall.NetdevAddr, syscall.Errno) {
	a, err := h.s.Peername()
	return h.addrOut(a), errno(err)
}

func (h hook) Getsockopt(level, name int, val []byte) (int, syscall.Errno) {
	n, err := h.s.Getsockopt(level, name, val)
	return n, errno(err)
}

func (h hook) Setsockopt(level, name int, val []byte) syscall.Errno {
	return errno(h.s.Setsockopt(level, name, val))
}

func (h hook) Recv(p []byte, flags int) (int, syscall.NetdevAddr, int, syscall.Errno) {
	n, from, err := h.s.Recv(p, flags)
	return n, h.addrOut(from), 0, errno(err)
}

func (h hook) Send(p []byte, flags int, to syscall.NetdevAddr) (int, syscall.Errno) {
	n, err := h.s.Send(p, flags, addrIn(to))
	return n, errno(err)
}
