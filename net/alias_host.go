//go:build !tinygo

package net

import stdnet "net"

// Types that TinyGo's net, or Go 1.22's, does not have: see alias_tinygo.go.
type (
	DNSConfigError   = stdnet.DNSConfigError
	DNSError         = stdnet.DNSError
	InvalidAddrError = stdnet.InvalidAddrError
	KeepAliveConfig  = stdnet.KeepAliveConfig
	MX               = stdnet.MX
	NS               = stdnet.NS
	SRV              = stdnet.SRV
)

// ErrWriteToConnected is in the error of a write with an address on a
// connection that has its peer already.
var ErrWriteToConnected = stdnet.ErrWriteToConnected
