//go:build !tinygo && !windows

package gonet

import (
	"syscall"

	"github.com/netdev-go/netdev"
)

var sentinels = map[syscall.Errno]error{
	syscall.EACCES:          netdev.ErrAccess,
	syscall.EADDRINUSE:      netdev.ErrAddrInUse,
	syscall.EADDRNOTAVAIL:   netdev.ErrAddrNotAvailable,
	syscall.EAFNOSUPPORT:    netdev.ErrFamilyNotSupported,
	syscall.ECONNABORTED:    netdev.ErrConnAborted,
	syscall.ECONNREFUSED:    netdev.ErrConnRefused,
	syscall.ECONNRESET:      netdev.ErrConnReset,
	syscall.EDESTADDRREQ:    netdev.ErrDestAddrRequired,
	syscall.EHOSTUNREACH:    netdev.ErrHostUnreachable,
	syscall.EINVAL:          netdev.ErrInvalid,
	syscall.EISCONN:         netdev.ErrIsConnected,
	syscall.EMFILE:          netdev.ErrNoMoreSockets,
	syscall.EMSGSIZE:        netdev.ErrMessageTooLong,
	syscall.ENETDOWN:        netdev.ErrNetDown,
	syscall.ENETUNREACH:     netdev.ErrNetUnreachable,
	syscall.ENFILE:          netdev.ErrNoMoreSockets,
	syscall.ENOBUFS:         netdev.ErrNoBuffers,
	syscall.ENOPROTOOPT:     netdev.ErrNotSupported,
	syscall.ENOTCONN:        netdev.ErrNotConnected,
	syscall.EOPNOTSUPP:      netdev.ErrNotSupported,
	syscall.EPIPE:           netdev.ErrBrokenPipe,
	syscall.EPROTONOSUPPORT: netdev.ErrProtocolNotSupported,
	syscall.ETIMEDOUT:       netdev.ErrConnTimedOut,
}
