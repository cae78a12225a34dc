//go:build !tinygo

package host

import (
	"context"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

// resolver returns Go's, in a form that asks nobody but the host.
//
// In a program built with the overlay the default one asks the netdev in use.
// Where that is another device it may well stand on this one, and would ask it
// in turn.
func resolver() *net.Resolver {
	if _, ok := netdev.As[*Device](netdev.Current()); ok {
		return net.DefaultResolver
	}
	return past
}

var past = &net.Resolver{PreferGo: true, Dial: dialKernel}

// dialKernel connects a socket of the kernel, which the overlay knows nothing of.
func dialKernel(ctx context.Context, network, address string) (net.Conn, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	family, stype := unix.AF_INET, unix.SOCK_DGRAM
	if to.Addr().Is6() && !to.Addr().Is4In6() {
		family = unix.AF_INET6
	}
	if network[0] == 't' {
		stype = unix.SOCK_STREAM
	}
	fd, err := unix.Socket(family, stype|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	// FileConn has a copy.
	f := os.NewFile(uintptr(fd), address)
	defer f.Close()
	if deadline, ok := ctx.Deadline(); ok {
		// It bounds connect too.
		left := unix.NsecToTimeval(max(time.Until(deadline), time.Millisecond).Nanoseconds())
		if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &left); err != nil {
			return nil, os.NewSyscallError("setsockopt", err)
		}
	}
	var sa sockaddr
	if err := sa.set(fd, family, to); err != nil {
		return nil, err
	}
	if errno := connect(fd, &sa); errno != 0 {
		return nil, os.NewSyscallError("connect", errno)
	}
	return net.FileConn(f)
}
