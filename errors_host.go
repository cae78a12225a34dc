//go:build !tinygo

package netdev

import "syscall"

var systemErrors = [...]syscall.Errno{
	isAccess:           syscall.EACCES,
	isAddrInUse:        syscall.EADDRINUSE,
	isAddrNotAvailable: syscall.EADDRNOTAVAIL,
	isBadFd:            syscall.EBADF,
	isBrokenPipe:       syscall.EPIPE,
	isConnAborted:      syscall.ECONNABORTED,
	isConnRefused:      syscall.ECONNREFUSED,
	isConnReset:        syscall.ECONNRESET,
	isConnTimedOut:     syscall.ETIMEDOUT,
	isDestAddrRequired: syscall.EDESTADDRREQ,
	isHostUnreachable:  syscall.EHOSTUNREACH,
	isInProgress:       syscall.EINPROGRESS,
	isInvalid:          syscall.EINVAL,
	isIsConnected:      syscall.EISCONN,
	isMessageTooLong:   syscall.EMSGSIZE,
	isNetDown:          syscall.ENETDOWN,
	isNetUnreachable:   syscall.ENETUNREACH,
	isNoBuffers:        syscall.ENOBUFS,
	isNoFamily:         syscall.EAFNOSUPPORT,
	isNoProtocol:       syscall.EPROTONOSUPPORT,
	isNoSockets:        syscall.EMFILE,
	isNotConnected:     syscall.ENOTCONN,
	isUnsupported:      syscall.EOPNOTSUPP,
	isWouldBlock:       syscall.EAGAIN,
}

func isSystem(r reason, target error) bool {
	errno, ok := target.(syscall.Errno)
	return ok && errno == systemErrors[r]
}
