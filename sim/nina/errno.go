package nina

import (
	"errors"

	"github.com/netdev-go/netdev"
)

// errno is an error as newlib numbers them, which is not as Linux does.
type errno byte

const (
	eIO           errno = 5
	eBADF         errno = 9
	eWOULDBLOCK   errno = 11
	eNOMEM        errno = 12
	eACCES        errno = 13
	eINVAL        errno = 22
	eNFILE        errno = 23
	eNOSYS        errno = 88
	eOPNOTSUPP    errno = 95
	eCONNRESET    errno = 104
	eNOBUFS       errno = 105
	eNOPROTOOPT   errno = 109
	eCONNREFUSED  errno = 111
	eADDRINUSE    errno = 112
	eCONNABORTED  errno = 113
	eHOSTUNREACH  errno = 118
	eINPROGRESS   errno = 119
	eALREADY      errno = 120
	eADDRNOTAVAIL errno = 125
	eISCONN       errno = 127
	eNOTCONN      errno = 128
)

// numbers are what lwIP has for the network's errors. It knows of no time that
// ran out: a peer that does not answer is a connection aborted.
var numbers = []struct {
	err    error
	number errno
}{
	{netdev.ErrWouldBlock, eWOULDBLOCK},
	{netdev.ErrInProgress, eINPROGRESS},
	{netdev.ErrConnRefused, eCONNREFUSED},
	{netdev.ErrConnReset, eCONNRESET},
	{netdev.ErrBrokenPipe, eCONNRESET},
	{netdev.ErrConnAborted, eCONNABORTED},
	{netdev.ErrConnTimedOut, eCONNABORTED},
	{netdev.ErrHostUnreachable, eHOSTUNREACH},
	{netdev.ErrNetUnreachable, eHOSTUNREACH},
	{netdev.ErrNetDown, eHOSTUNREACH},
	{netdev.ErrDestAddrRequired, eHOSTUNREACH},
	{netdev.ErrAddrInUse, eADDRINUSE},
	{netdev.ErrAddrNotAvailable, eADDRNOTAVAIL},
	{netdev.ErrIsConnected, eISCONN},
	{netdev.ErrNotConnected, eNOTCONN},
	{netdev.ErrInvalid, eINVAL},
	{netdev.ErrMessageTooLong, eNOMEM},
	{netdev.ErrNoBuffers, eNOBUFS},
	{netdev.ErrNoMoreSockets, eNFILE},
	{netdev.ErrInvalidSocketFd, eBADF},
	{netdev.ErrNotSupported, eOPNOTSUPP},
	{netdev.ErrAccess, eACCES},
}

func errnoOf(err error) errno {
	if err == nil {
		return 0
	}
	for _, n := range numbers {
		if errors.Is(err, n.err) {
			return n.number
		}
	}
	return eIO
}

// fatal reports whether a connection is no more after it.
func (e errno) fatal() bool {
	return e == eCONNRESET || e == eCONNABORTED || e == eCONNREFUSED
}
