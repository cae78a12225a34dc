//go:build !tinygo

package gonet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/netdev-go/netdev"
)

// toError returns the contract's error for one of Go's net, or the system's
// where the contract has no word for it.
func toError(err error) error {
	var errno syscall.Errno
	switch {
	case err == nil, err == io.EOF:
		return err
	case errors.As(err, &errno):
		if known, ok := sentinels[errno]; ok {
			return known
		}
		return errno
	case errors.Is(err, os.ErrDeadlineExceeded):
		return netdev.ErrTimeout
	case errors.Is(err, net.ErrClosed):
		return netdev.ErrClosed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	// Go's net refuses some addresses by itself.
	var addr *net.AddrError
	if errors.As(err, &addr) {
		return netdev.ErrAddrNotAvailable
	}
	return err
}
