package netdev_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/netdev-go/netdev"
)

// sentinels pairs each error with the system's that means the same, 0 where
// there is none.
var sentinels = []struct {
	err   error
	errno syscall.Errno
}{
	{netdev.ErrHostUnknown, 0},
	{netdev.ErrMalAddr, syscall.EINVAL},
	{netdev.ErrFamilyNotSupported, syscall.EAFNOSUPPORT},
	{netdev.ErrProtocolNotSupported, syscall.EPROTONOSUPPORT},
	{netdev.ErrStartingDHCPClient, 0},
	{netdev.ErrStartingDHCPServer, 0},
	{netdev.ErrNoMoreSockets, syscall.EMFILE},
	{netdev.ErrClosingSocket, 0},
	{netdev.ErrNotSupported, syscall.EOPNOTSUPP},
	{netdev.ErrInvalidSocketFd, syscall.EBADF},
	{netdev.ErrTimeout, 0},
	{netdev.ErrClosed, 0},
	{netdev.ErrNetdevNotSet, 0},
	{netdev.ErrAccess, syscall.EACCES},
	{netdev.ErrAddrInUse, syscall.EADDRINUSE},
	{netdev.ErrAddrNotAvailable, syscall.EADDRNOTAVAIL},
	{netdev.ErrBrokenPipe, syscall.EPIPE},
	{netdev.ErrConnAborted, syscall.ECONNABORTED},
	{netdev.ErrConnRefused, syscall.ECONNREFUSED},
	{netdev.ErrConnReset, syscall.ECONNRESET},
	{netdev.ErrConnTimedOut, syscall.ETIMEDOUT},
	{netdev.ErrDestAddrRequired, syscall.EDESTADDRREQ},
	{netdev.ErrHostUnreachable, syscall.EHOSTUNREACH},
	{netdev.ErrInProgress, syscall.EINPROGRESS},
	{netdev.ErrInvalid, syscall.EINVAL},
	{netdev.ErrIsConnected, syscall.EISCONN},
	{netdev.ErrMessageTooLong, syscall.EMSGSIZE},
	{netdev.ErrNetDown, syscall.ENETDOWN},
	{netdev.ErrNetUnreachable, syscall.ENETUNREACH},
	{netdev.ErrNoBuffers, syscall.ENOBUFS},
	{netdev.ErrNotConnected, syscall.ENOTCONN},
	{netdev.ErrWouldBlock, syscall.EAGAIN},
	{netdev.ErrTLSCertificate, 0},
	{netdev.ErrTLSHandshake, 0},
	{netdev.ErrTLSUnavailable, syscall.EOPNOTSUPP},
}

func TestASentinelIsTheSystemsErrorAndNoOther(t *testing.T) {
	for _, s := range sentinels {
		for errno := syscall.Errno(0); errno < 200; errno++ {
			want := s.errno == errno && errno != 0
			if got := errors.Is(s.err, errno); got != want {
				t.Errorf("errors.Is(%q, %q) = %v", s.err, errno, got)
			}
		}
	}
}

func TestASentinelIsItselfAlone(t *testing.T) {
	for i, a := range sentinels {
		for j, b := range sentinels {
			if got := errors.Is(fmt.Errorf("wrapped: %w", a.err), b.err); got != (i == j) {
				t.Errorf("errors.Is(%q, %q) = %v", a.err, b.err, got)
			}
		}
	}
}

func TestASentinelIsTheStandardLibrarysError(t *testing.T) {
	for _, std := range []error{
		os.ErrDeadlineExceeded, net.ErrClosed, errors.ErrUnsupported, os.ErrPermission, io.EOF, context.DeadlineExceeded, context.Canceled,
	} {
		for _, s := range sentinels {
			var want bool
			switch s.err {
			case netdev.ErrTimeout:
				want = std == os.ErrDeadlineExceeded
			case netdev.ErrClosed:
				want = std == net.ErrClosed
			case netdev.ErrAccess:
				want = std == os.ErrPermission
			case netdev.ErrNotSupported, netdev.ErrTLSUnavailable:
				want = std == errors.ErrUnsupported
			}
			if got := errors.Is(s.err, std); got != want {
				t.Errorf("errors.Is(%q, %q) = %v", s.err, std, got)
			}
		}
	}
}

func TestNetErrorTimeout(t *testing.T) {
	for _, s := range sentinels {
		want := s.err == netdev.ErrTimeout || s.err == netdev.ErrConnTimedOut || s.err == netdev.ErrWouldBlock
		var ne net.Error
		if got := errors.As(s.err, &ne) && ne.Timeout(); got != want {
			t.Errorf("%q: Timeout() = %v", s.err, got)
		}
		// Package net wraps once; what the program asks there is this error.
		op := &net.OpError{Op: "read", Net: "tcp", Err: s.err}
		if got := op.Timeout(); got != want {
			t.Errorf("OpError of %q: Timeout() = %v", s.err, got)
		}
	}
}

// A server that is out of sockets waits and accepts again when its error is a
// temporary one, as the kernel's is; it ends for any other.
func TestTemporaryErrorsAreTheKernels(t *testing.T) {
	for _, s := range sentinels {
		want := s.err == netdev.ErrTimeout || s.errno.Temporary()
		got, ok := s.err.(interface{ Temporary() bool })
		if ok && got.Temporary() != want || !ok && want {
			t.Errorf("%q: Temporary() is not %v", s.err, want)
		}
	}
}

// The kernel's own errors and ours have one text, so that a program's output
// does not tell which device it runs on.
func TestTextsOfFurtherErrorsAreTheKernels(t *testing.T) {
	if syscall.ECONNREFUSED.Error() != "connection refused" {
		t.Skipf("this system words its errors in its own way: %q", syscall.ECONNREFUSED)
	}
	published := map[error]bool{
		netdev.ErrMalAddr: true, netdev.ErrFamilyNotSupported: true, netdev.ErrProtocolNotSupported: true,
		netdev.ErrNoMoreSockets: true, netdev.ErrNotSupported: true, netdev.ErrInvalidSocketFd: true,
		netdev.ErrTLSUnavailable: true,
	}
	for _, s := range sentinels {
		if s.errno != 0 && !published[s.err] && s.err.Error() != s.errno.Error() {
			t.Errorf("%q, the kernel says %q", s.err, s.errno)
		}
	}
}
