package socket

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"

	"github.com/netdev-go/netdev"
)

// errnos are the errors of the system that a device's error can stand for.
var errnos = []unix.Errno{
	unix.EACCES, unix.EADDRINUSE, unix.EADDRNOTAVAIL, unix.EAFNOSUPPORT,
	unix.EBADF, unix.ECONNABORTED, unix.ECONNREFUSED, unix.ECONNRESET,
	unix.EDESTADDRREQ, unix.EHOSTUNREACH, unix.EINVAL, unix.EISCONN,
	unix.EMFILE, unix.EMSGSIZE, unix.ENETDOWN, unix.ENETUNREACH, unix.ENOBUFS,
	unix.ENOTCONN, unix.EOPNOTSUPP, unix.EPIPE, unix.EPROTONOSUPPORT,
	unix.ETIMEDOUT,
}

// Errno returns the errno that err is or stands for, EIO where there is none,
// and nil for nil.
func Errno(err error) error {
	switch err {
	case nil:
		return nil
	case netdev.ErrWouldBlock:
		return unix.EAGAIN
	case netdev.ErrInProgress:
		return unix.EINPROGRESS
	case netdev.ErrTimeout:
		return unix.ETIMEDOUT
	case netdev.ErrNetdevNotSet:
		return unix.ENETDOWN
	case netdev.ErrTLSUnavailable:
		return unix.EPROTONOSUPPORT
	}
	if errno, ok := err.(unix.Errno); ok {
		return errno // before errors.As, which allocates
	}
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno
	}
	for _, errno := range errnos {
		if errors.Is(err, errno) {
			return errno
		}
	}
	if errors.Is(err, net.ErrClosed) {
		return unix.EBADF
	}
	return unix.EIO
}
