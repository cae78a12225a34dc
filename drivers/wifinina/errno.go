package wifinina

import (
	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/nina"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// Error numbers of the firmware's C library, newlib. Many are not Linux's.
const (
	errnoNone         = 0
	errnoBadFD        = 9
	errnoAgain        = 11
	errnoNoMemory     = 12
	errnoTooManyFiles = 23
	errnoPipe         = 32
	errnoConnReset    = 104
	errnoNoBuffers    = 105
	errnoNoOption     = 109
	errnoRefused      = 111
	errnoAddrInUse    = 112
	errnoAborted      = 113
	errnoNetUnreach   = 114
	errnoNetDown      = 115
	errnoTimedOut     = 116
	errnoHostUnreach  = 118
	errnoInProgress   = 119
	errnoAlready      = 120
	errnoTooLong      = 122
	errnoAddrNotAvail = 125
	errnoIsConn       = 127
	errnoNotConn      = 128
)

// errno returns the number of the last error of the newer set. It asks until two
// answers are alike: there is no checksum on the bus, and a byte of this decides
// between an end and an error.
func (c *chip) errno() (byte, error) {
	last := -1
	for i := 0; i < 5; i++ {
		c.port.Begin(nina.Errno)
		r, err := c.exchange()
		if err != nil {
			return 0, err
		}
		n := r.Byte(0)
		if int(n) == last || n == errnoAgain {
			return n, nil
		}
		last = int(n)
	}
	return 0, nina.ErrUnclear
}

// lastError is the error of the last command of the newer set, on socket s.
func (c *chip) lastError(s *sock) error {
	n, err := c.errno()
	if err != nil {
		return netdev.ErrConnReset
	}
	return c.explain(s, n)
}

// explain makes a sentinel of an error number.
func (c *chip) explain(s *sock, errno byte) error {
	switch errno {
	case errnoAgain:
		return netdev.ErrWouldBlock
	case errnoNoMemory, errnoNoBuffers:
		// lwIP is short of memory for the moment.
		return netdev.ErrWouldBlock
	case errnoTooManyFiles:
		return netdev.ErrNoMoreSockets
	case errnoPipe:
		return netdev.ErrBrokenPipe
	case errnoNoOption:
		return netdev.ErrNotSupported
	case errnoRefused:
		return netdev.ErrConnRefused
	case errnoAddrInUse:
		return netdev.ErrAddrInUse
	case errnoNetUnreach:
		c.check()
		return netdev.ErrNetUnreachable
	case errnoNetDown:
		c.check()
		return netdev.ErrNetDown
	case errnoTimedOut:
		return netdev.ErrConnTimedOut
	case errnoHostUnreach:
		c.check() // lwIP has no other word for being on no network
		return netdev.ErrHostUnreachable
	case errnoInProgress, errnoAlready:
		return netdev.ErrInProgress
	case errnoTooLong:
		return netdev.ErrMessageTooLong
	case errnoAddrNotAvail:
		return netdev.ErrAddrNotAvailable
	case errnoIsConn:
		return netdev.ErrIsConnected
	case errnoBadFD:
		// The firmware closes sockets when it has lost the network.
		s.num = none
		c.check()
	}
	if s.kind == offload.Datagram {
		return netdev.ErrNetDown // there is no connection to reset
	}
	return netdev.ErrConnReset
}

// explainDial is explain for a connection that is being made: lwIP then calls a
// refusal a reset, and running out of tries an abort.
func (c *chip) explainDial(s *sock, errno byte) error {
	switch errno {
	case errnoConnReset:
		return netdev.ErrConnRefused
	case errnoAborted:
		return netdev.ErrConnTimedOut
	}
	return c.explain(s, errno)
}
