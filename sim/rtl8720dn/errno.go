package rtl8720dn

import (
	"errors"
	"io"

	"github.com/netdev-go/netdev"
)

// Numbers of lwIP's own errno.h.
const (
	eBadF        = 9
	eAgain       = 11
	eInval       = 22
	eNFile       = 23
	eDestAddr    = 89
	eMsgSize     = 90
	eNoProtoOpt  = 92
	eProtoNoSupp = 93
	eOpNotSupp   = 95
	eAddrInUse   = 98
	eAddrNotAv   = 99
	eConnAborted = 103
	eConnReset   = 104
	eNoBufs      = 105
	eIsConn      = 106
	eNotConn     = 107
	eHostUnreach = 113
	eAlready     = 114
	eInProgress  = 115
)

// errnoOf returns what lwIP calls an error. It knows fewer than others: a refused
// connection is a reset one, and one that was given up is aborted, as those are
// that the link has taken with it.
func errnoOf(err error) int32 {
	for _, e := range errnos {
		if errors.Is(err, e.err) {
			return e.number
		}
	}
	return eInval
}

var errnos = [...]struct {
	err    error
	number int32
}{
	{io.EOF, eNotConn},
	{netdev.ErrInvalidSocketFd, eBadF},
	{netdev.ErrClosed, eBadF},
	{netdev.ErrWouldBlock, eAgain},
	{netdev.ErrTimeout, eAgain},
	{netdev.ErrNoMoreSockets, eNFile},
	{netdev.ErrNoBuffers, eNoBufs},
	{netdev.ErrDestAddrRequired, eDestAddr},
	{netdev.ErrMessageTooLong, eMsgSize},
	{netdev.ErrNotSupported, eOpNotSupp},
	{netdev.ErrAddrInUse, eAddrInUse},
	{netdev.ErrAddrNotAvailable, eAddrNotAv},
	{netdev.ErrConnRefused, eConnReset},
	{netdev.ErrConnReset, eConnReset},
	{netdev.ErrConnAborted, eConnAborted},
	{netdev.ErrConnTimedOut, eConnAborted},
	{netdev.ErrNetDown, eConnAborted},
	{netdev.ErrIsConnected, eIsConn},
	{netdev.ErrNotConnected, eNotConn},
	{netdev.ErrBrokenPipe, eNotConn},
	{netdev.ErrHostUnreachable, eHostUnreach},
	{netdev.ErrNetUnreachable, eHostUnreach},
	{netdev.ErrInProgress, eInProgress},
	{netdev.ErrProtocolNotSupported, eProtoNoSupp},
}
