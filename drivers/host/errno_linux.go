//go:build !tinygo

package host

import (
	"github.com/netdev-go/netdev"
	"golang.org/x/sys/unix"
)

var sentinels = map[unix.Errno]error{
	unix.EACCES:          netdev.ErrAccess,
	unix.EADDRINUSE:      netdev.ErrAddrInUse,
	unix.EADDRNOTAVAIL:   netdev.ErrAddrNotAvailable,
	unix.EAFNOSUPPORT:    netdev.ErrFamilyNotSupported,
	unix.EAGAIN:          netdev.ErrWouldBlock,
	unix.EALREADY:        netdev.ErrInProgress,
	unix.EBADF:           netdev.ErrInvalidSocketFd,
	unix.ECONNABORTED:    netdev.ErrConnAborted,
	unix.ECONNREFUSED:    netdev.ErrConnRefused,
	unix.ECONNRESET:      netdev.ErrConnReset,
	unix.EDESTADDRREQ:    netdev.ErrDestAddrRequired,
	unix.EHOSTUNREACH:    netdev.ErrHostUnreachable,
	unix.EINPROGRESS:     netdev.ErrInProgress,
	unix.EINVAL:          netdev.ErrInvalid,
	unix.EISCONN:         netdev.ErrIsConnected,
	unix.EMFILE:          netdev.ErrNoMoreSockets,
	unix.EMSGSIZE:        netdev.ErrMessageTooLong,
	unix.ENETDOWN:        netdev.ErrNetDown,
	unix.ENETUNREACH:     netdev.ErrNetUnreachable,
	unix.ENFILE:          netdev.ErrNoMoreSockets,
	unix.ENOBUFS:         netdev.ErrNoBuffers,
	unix.ENOPROTOOPT:     netdev.ErrNotSupported,
	unix.ENOTCONN:        netdev.ErrNotConnected,
	unix.EOPNOTSUPP:      netdev.ErrNotSupported,
	unix.EPIPE:           netdev.ErrBrokenPipe,
	unix.EPROTONOSUPPORT: netdev.ErrProtocolNotSupported,
	unix.ESOCKTNOSUPPORT: netdev.ErrProtocolNotSupported,
	unix.ETIMEDOUT:       netdev.ErrConnTimedOut,
}

// toError returns the contract's error for errno, or errno itself where the
// contract has no word for it.
func toError(errno unix.Errno) error {
	if errno == 0 {
		return nil
	}
	if err, ok := sentinels[errno]; ok {
		return err
	}
	return errno
}

// mapError is toError of what a function of package unix returns.
func mapError(err error) error {
	if errno, ok := err.(unix.Errno); ok {
		return toError(errno)
	}
	return err
}
