package netdevtest

import (
	"net/netip"
	"sync"

	"golang.org/x/sys/unix"
)

// blackHole is a loopback address that answers nothing: a listener with a full
// backlog, to which Linux lets no further SYN through. It lives as long as the
// process.
var blackHole = sync.OnceValue(func() netip.AddrPort {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return netip.AddrPort{}
	}
	if unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}) != nil || unix.Listen(listener, 0) != nil {
		unix.Close(listener)
		return netip.AddrPort{}
	}
	sa, err := unix.Getsockname(listener)
	if err != nil {
		unix.Close(listener)
		return netip.AddrPort{}
	}
	// A backlog of 0 still holds one connection; the second SYN stays out.
	for range 2 {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return netip.AddrPort{}
		}
		unix.Connect(fd, sa)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(sa.(*unix.SockaddrInet4).Port))
})
