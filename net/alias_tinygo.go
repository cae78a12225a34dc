//go:build tinygo

package net

import (
	"errors"
	"time"
)

// KeepAliveConfig is keep-alive in full; its zero value is off.
type KeepAliveConfig struct {
	Enable   bool
	Idle     time.Duration // before the first probe; 0 is 15 s, negative leaves it
	Interval time.Duration // between probes; 0 is 15 s, negative leaves it
	Count    int           // of probes without an answer; 0 is 9, negative leaves it
}

// ErrWriteToConnected is in the error of a write with an address on a
// connection that has its peer already.
var ErrWriteToConnected = errors.New("use of WriteTo with pre-connected connection")

// DNSError is a lookup that failed.
type DNSError struct {
	UnwrapErr   error  // what Unwrap returns; may be nil
	Err         string // what went wrong
	Name        string // the name looked for
	Server      string // the server asked; may be ""
	IsTimeout   bool   // no answer in time; there may be further timeouts
	IsTemporary bool   // another try may succeed
	IsNotFound  bool   // the name has no such records
}

// Unwrap returns e.UnwrapErr.
func (e *DNSError) Unwrap() error { return e.UnwrapErr }

func (e *DNSError) Error() string {
	if e == nil {
		return "<nil>"
	}
	s := "lookup " + e.Name
	if e.Server != "" {
		s += " on " + e.Server
	}
	return s + ": " + e.Err
}

// Timeout reports whether the lookup is known to have timed out.
func (e *DNSError) Timeout() bool { return e.IsTimeout }

// Temporary reports whether another try may succeed.
func (e *DNSError) Temporary() bool { return e.IsTimeout || e.IsTemporary }

// DNSConfigError is a resolver's configuration that cannot be read.
type DNSConfigError struct {
	Err error
}

// Unwrap returns e.Err.
func (e *DNSConfigError) Unwrap() error   { return e.Err }
func (e *DNSConfigError) Error() string   { return "error reading DNS config: " + e.Err.Error() }
func (e *DNSConfigError) Timeout() bool   { return false }
func (e *DNSConfigError) Temporary() bool { return false }

// InvalidAddrError is an address that cannot be.
type InvalidAddrError string

func (e InvalidAddrError) Error() string   { return string(e) }
func (e InvalidAddrError) Timeout() bool   { return false }
func (e InvalidAddrError) Temporary() bool { return false }

// An MX is a mail exchanger record.
type MX struct {
	Host string
	Pref uint16
}

// An NS is a name server record.
type NS struct {
	Host string
}

// An SRV is a service record.
type SRV struct {
	Target   string
	Port     uint16
	Priority uint16
	Weight   uint16
}
