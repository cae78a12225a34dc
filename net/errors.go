package net

import (
	"context"
	"errors"
	"io"
	stdnet "net"
	"os"

	"github.com/netdev-go/netdev"
)

// The texts are those of Go's net, which programs and their logs know.
var (
	errMissingAddress    = errors.New("missing address")
	errImpossibleCount   = errors.New("device counted more bytes than it was given")
	errNoSuitableAddress = "no suitable address found"
	errMismatchedLocal   = "mismatched local address type"
)

// errTimeout is a dial or a lookup that took too long.
var errTimeout error = timeoutError{}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }
func (timeoutError) Is(target error) bool {
	return target == context.DeadlineExceeded || target == os.ErrDeadlineExceeded
}

// errCanceled is a dial or a lookup whose context was cancelled.
var errCanceled error = canceledError{}

type canceledError struct{}

func (canceledError) Error() string        { return "operation was canceled" }
func (canceledError) Is(target error) bool { return target == context.Canceled }

// contextError says in this package's words why a context ended.
func contextError(err error) error {
	switch err {
	case context.Canceled:
		return errCanceled
	case context.DeadlineExceeded:
		return errTimeout
	}
	return err
}

// callError puts the name of the failed call before the device's error, as
// package os does for the kernel's. What has a text of its own in Go, and what
// TLS says, stays as it is.
func callError(call string, err error) error {
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.Is(err, stdnet.ErrClosed):
		return stdnet.ErrClosed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	case isTLSError(err):
		return err
	}
	return syscallError(call, err)
}

func isTLSError(err error) bool {
	return errors.Is(err, netdev.ErrTLSCertificate) || errors.Is(err, netdev.ErrTLSHandshake) ||
		errors.Is(err, netdev.ErrTLSUnavailable)
}

func isUnsupported(err error) bool { return errors.Is(err, errors.ErrUnsupported) }

// A nil *TCPAddr or *UDPAddr must not become an Addr that is not nil.

func opTCPAddr(a *TCPAddr) Addr {
	if a == nil {
		return nil
	}
	return a
}

func opUDPAddr(a *UDPAddr) Addr {
	if a == nil {
		return nil
	}
	return a
}
