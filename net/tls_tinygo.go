//go:build tinygo

package net

import (
	"context"

	"github.com/netdev-go/netdev"
)

// On a board there is no TLS but the device's.

func newTLSClient(*TLSConfig) (func(context.Context, *TCPConn) (tlsTransport, error), error) {
	return nil, netdev.ErrTLSUnavailable
}

func newTLSServer(*TLSConfig) (func(*TCPConn) tlsTransport, error) {
	return nil, netdev.ErrTLSUnavailable
}
