//go:build !tinygo

package gonet

import (
	"syscall"

	"github.com/netdev-go/netdev"
	"golang.org/x/sys/windows"
)

var sentinels = map[syscall.Errno]error{
	windows.WSAEACCES:          netdev.ErrAccess,
	windows.WSAEADDRINUSE:      netdev.ErrAddrInUse,
	windows.WSAEADDRNOTAVAIL:   netdev.ErrAddrNotAvailable,
	windows.WSAEAFNOSUPPORT:    netdev.ErrFamilyNotSupported,
	windows.WSAECONNABORTED:    netdev.ErrConnAborted,
	windows.WSAECONNREFUSED:    netdev.ErrConnRefused,
	windows.WSAECONNRESET:      netdev.ErrConnReset,
	windows.WSAEDESTADDRREQ:    netdev.ErrDestAddrRequired,
	windows.WSAEHOSTUNREACH:    netdev.ErrHostUnreachable,
	windows.WSAEINVAL:          netdev.ErrInvalid,
	windows.WSAEISCONN:         netdev.ErrIsConnected,
	windows.WSAEMFILE:          netdev.ErrNoMoreSockets,
	windows.WSAEMSGSIZE:        netdev.ErrMessageTooLong,
	windows.WSAENETDOWN:        netdev.ErrNetDown,
	windows.WSAENETUNREACH:     netdev.ErrNetUnreachable,
	windows.WSAENOBUFS:         netdev.ErrNoBuffers,
	windows.WSAENOPROTOOPT:     netdev.ErrNotSupported,
	windows.WSAENOTCONN:        netdev.ErrNotConnected,
	windows.WSAEOPNOTSUPP:      netdev.ErrNotSupported,
	windows.WSAESHUTDOWN:       netdev.ErrBrokenPipe,
	windows.WSAEPROTONOSUPPORT: netdev.ErrProtocolNotSupported,
	windows.WSAESOCKTNOSUPPORT: netdev.ErrProtocolNotSupported,
	windows.WSAETIMEDOUT:       netdev.ErrConnTimedOut,
}
