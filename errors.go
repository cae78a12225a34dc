package netdev

import (
	"errors"
	"net"
	"os"
)

// Errors of GetHostByName.
var (
	ErrHostUnknown error = &sentinel{text: "Host unknown"}
	ErrMalAddr     error = &sentinel{text: "Malformed address", is: isInvalid}
)

// Socket errors of the contract as first published.
var (
	ErrFamilyNotSupported   error = &sentinel{text: "Address family not supported", is: isNoFamily}
	ErrProtocolNotSupported error = &sentinel{text: "Socket protocol/type not supported", is: isNoProtocol}
	ErrStartingDHCPClient   error = &sentinel{text: "Error starting DHCP client"}
	ErrStartingDHCPServer   error = &sentinel{text: "Error starting DHCP server"}
	ErrNoMoreSockets        error = &sentinel{text: "No more sockets", is: isNoSockets}
	ErrClosingSocket        error = &sentinel{text: "Error closing socket"}
	ErrNotSupported         error = &sentinel{text: "Not supported", is: isUnsupported}
	ErrInvalidSocketFd      error = &sentinel{text: "Invalid socket fd", is: isBadFd}
)

// ErrTimeout is a deadline that passed. errors.Is finds
// os.ErrDeadlineExceeded in it, and it is a net.Error that timed out.
var ErrTimeout error = timeoutError{}

// ErrClosed is what Close wakes a blocked call with.
var ErrClosed = net.ErrClosed

// ErrNetdevNotSet is the answer of every call until UseNetdev was called.
var ErrNetdevNotSet error = &sentinel{text: "Netdev not set: call netdev.UseNetdev with a device first, or probe.Probe, or start the program with \"netdev run\""}

// Further errors, with the texts of the kernel's. On a host errors.Is finds
// the system's error in each: syscall.ECONNREFUSED in ErrConnRefused.
var (
	ErrAccess           error = &sentinel{text: "permission denied", is: isAccess}
	ErrAddrInUse        error = &sentinel{text: "address already in use", is: isAddrInUse}
	ErrAddrNotAvailable error = &sentinel{text: "cannot assign requested address", is: isAddrNotAvailable}
	ErrBrokenPipe       error = &sentinel{text: "broken pipe", is: isBrokenPipe}
	ErrConnAborted      error = &sentinel{text: "software caused connection abort", is: isConnAborted}
	ErrConnRefused      error = &sentinel{text: "connection refused", is: isConnRefused}
	ErrConnReset        error = &sentinel{text: "connection reset by peer", is: isConnReset}
	ErrConnTimedOut     error = &sentinel{text: "connection timed out", is: isConnTimedOut, timeout: true}
	ErrDestAddrRequired error = &sentinel{text: "destination address required", is: isDestAddrRequired}
	ErrHostUnreachable  error = &sentinel{text: "no route to host", is: isHostUnreachable}
	ErrInProgress       error = &sentinel{text: "operation now in progress", is: isInProgress}
	ErrInvalid          error = &sentinel{text: "invalid argument", is: isInvalid}
	ErrIsConnected      error = &sentinel{text: "transport endpoint is already connected", is: isIsConnected}
	ErrMessageTooLong   error = &sentinel{text: "message too long", is: isMessageTooLong}
	ErrNetDown          error = &sentinel{text: "network is down", is: isNetDown}
	ErrNetUnreachable   error = &sentinel{text: "network is unreachable", is: isNetUnreachable}
	ErrNoBuffers        error = &sentinel{text: "no buffer space available", is: isNoBuffers}
	ErrNotConnected     error = &sentinel{text: "transport endpoint is not connected", is: isNotConnected}
	ErrWouldBlock       error = &sentinel{text: "resource temporarily unavailable", is: isWouldBlock, timeout: true}
)

// Errors of TLS sockets.
var (
	ErrTLSCertificate error = &sentinel{text: "tls: certificate is not trusted"}
	ErrTLSHandshake   error = &sentinel{text: "tls: handshake failed"}
	ErrTLSUnavailable error = &sentinel{text: "tls: the device cannot verify certificates, and there is no other TLS here", is: isUnsupported}
)

// A sentinel is one reason. Its identity is its address; is ties it to the
// error of the standard library or the system that means the same.
type sentinel struct {
	text    string
	is      reason
	timeout bool
}

func (e *sentinel) Error() string { return e.text }
func (e *sentinel) Timeout() bool { return e.timeout }

// A server that Accept tells of too few sockets waits and goes on, as it does
// when the system has too few file descriptors.
func (e *sentinel) Temporary() bool { return e.timeout || e.is == isNoSockets }
func (e *sentinel) Is(target error) bool {
	switch target {
	case errors.ErrUnsupported:
		return e.is == isUnsupported
	case os.ErrPermission:
		return e.is == isAccess
	}
	return e.is != 0 && isSystem(e.is, target)
}

type timeoutError struct{}

func (timeoutError) Error() string        { return "i/o timeout" }
func (timeoutError) Timeout() bool        { return true }
func (timeoutError) Temporary() bool      { return true }
func (timeoutError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// A reason numbers what a system's error can say.
type reason uint8

const (
	_ reason = iota
	isAccess
	isAddrInUse
	isAddrNotAvailable
	isBadFd
	isBrokenPipe
	isConnAborted
	isConnRefused
	isConnReset
	isConnTimedOut
	isDestAddrRequired
	isHostUnreachable
	isInProgress
	isInvalid
	isIsConnected
	isMessageTooLong
	isNetDown
	isNetUnreachable
	isNoBuffers
	isNoFamily
	isNoProtocol
	isNoSockets
	isNotConnected
	isUnsupported
	isWouldBlock
)
