package rtl8720dn

import (
	"strconv"

	"github.com/netdev-go/netdev"
)

// Errors of lwIP. It brings Linux's numbers along; a firmware built with the C
// library's has others, which are here too as far as they mean nothing else.
const (
	eIO             = 5
	eBADF           = 9
	eAGAIN          = 11
	eNOMEM          = 12
	eINVAL          = 22
	eNFILE          = 23
	eMFILE          = 24
	ePIPE           = 32
	eMSGSIZE        = 90
	eNOPROTOOPT     = 92
	ePROTONOSUPPORT = 93
	eOPNOTSUPP      = 95
	eAFNOSUPPORT    = 97
	eADDRINUSE      = 98
	eADDRNOTAVAIL   = 99
	eNETDOWN        = 100
	eNETUNREACH     = 101
	eCONNABORTED    = 103
	eCONNRESET      = 104
	eNOBUFS         = 105
	eISCONN         = 106
	eNOTCONN        = 107
	eNOPROTOOPT2    = 109
	eTIMEDOUT       = 110
	eCONNREFUSED    = 111
	eADDRINUSE2     = 112
	eHOSTUNREACH    = 113
	eALREADY        = 114
	eINPROGRESS     = 115
	eTIMEDOUT2      = 116
	eHOSTUNREACH2   = 118
	eINPROGRESS2    = 119
	eALREADY2       = 120
	eMSGSIZE2       = 122
	eADDRNOTAVAIL2  = 125
	eISCONN2        = 127
	eNOTCONN2       = 128
)

// Errno is an error of lwIP that package netdev has no name for.
type Errno int32

func (e Errno) Error() string { return "rtl8720dn: lwIP error " + strconv.Itoa(int(e)) }

func errnoError(n int) error {
	switch n {
	case eAGAIN:
		return netdev.ErrWouldBlock
	case eINPROGRESS, eINPROGRESS2, eALREADY, eALREADY2:
		return netdev.ErrInProgress
	case eNOMEM, eNOBUFS:
		return netdev.ErrNoBuffers
	case eNFILE, eMFILE:
		return netdev.ErrNoMoreSockets
	case eINVAL, eIO: // lwIP makes EIO of ERR_ARG
		return netdev.ErrInvalid
	case ePIPE:
		return netdev.ErrBrokenPipe
	case eMSGSIZE, eMSGSIZE2:
		return netdev.ErrMessageTooLong
	case eNOPROTOOPT, eNOPROTOOPT2, eOPNOTSUPP:
		return netdev.ErrNotSupported
	case ePROTONOSUPPORT:
		return netdev.ErrProtocolNotSupported
	case eAFNOSUPPORT:
		return netdev.ErrFamilyNotSupported
	case eADDRINUSE, eADDRINUSE2:
		return netdev.ErrAddrInUse
	case eADDRNOTAVAIL, eADDRNOTAVAIL2:
		return netdev.ErrAddrNotAvailable
	case eNETDOWN:
		return netdev.ErrNetDown
	case eNETUNREACH:
		return netdev.ErrNetUnreachable
	case eCONNABORTED:
		return netdev.ErrConnAborted
	case eCONNRESET:
		return netdev.ErrConnReset
	case eISCONN, eISCONN2:
		return netdev.ErrIsConnected
	case eNOTCONN, eNOTCONN2:
		return netdev.ErrNotConnected
	case eTIMEDOUT, eTIMEDOUT2:
		return netdev.ErrConnTimedOut
	case eCONNREFUSED:
		return netdev.ErrConnRefused
	case eHOSTUNREACH, eHOSTUNREACH2:
		return netdev.ErrHostUnreachable
	}
	return Errno(n)
}

// connectError is why there is no connection: lwIP says that a SYN was answered
// by a reset, or never.
func connectError(err error) error {
	switch err {
	case netdev.ErrConnReset:
		return netdev.ErrConnRefused
	case netdev.ErrConnAborted:
		return netdev.ErrConnTimedOut
	case errBus:
		return netdev.ErrConnAborted
	}
	return err
}

// streamError is why a connection ended.
func (c *chip) streamError(err error) error {
	switch err {
	case errBus, netdev.ErrNotConnected:
		return netdev.ErrConnReset
	case netdev.ErrNoBuffers:
		return netdev.ErrWouldBlock
	case netdev.ErrConnAborted:
		// lwIP gives a connection up that has lost its interface.
		if c.suspect {
			c.suspect = false
			if !c.check() {
				return netdev.ErrNetDown
			}
		}
	}
	return err
}
