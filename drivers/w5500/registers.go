package w5500

// Blocks of the chip's memory: the common registers, and three for each socket.
const common = 0

func registers(n uint8) uint8 { return 4*n + 1 }
func txBuffer(n uint8) uint8  { return 4*n + 2 }
func rxBuffer(n uint8) uint8  { return 4*n + 3 }

// Common registers.
const (
	regMR       = 0x00
	regGAR      = 0x01
	regSUBR     = 0x05
	regSHAR     = 0x09
	regSIPR     = 0x0F
	regINTLEVEL = 0x13
	regIR       = 0x15
	regSIR      = 0x17
	regSIMR     = 0x18
	regPHYCFGR  = 0x2E
	regVERSIONR = 0x39
)

const (
	modeReset = 0x80 // of MR
	linkOn    = 0x01 // of PHYCFGR
	version   = 0x04 // of VERSIONR
)

// Registers of a socket.
const (
	snMR     = 0x00
	snCR     = 0x01
	snIR     = 0x02
	snSR     = 0x03
	snPORT   = 0x04
	snDHAR   = 0x06
	snDIPR   = 0x0C
	snDPORT  = 0x10
	snMSSR   = 0x12
	snTOS    = 0x15
	snTTL    = 0x16
	snRXBUF  = 0x1E
	snTXBUF  = 0x1F
	snTXFSR  = 0x20
	snTXRD   = 0x22
	snTXWR   = 0x24
	snRXRSR  = 0x26
	snRXRD   = 0x28
	snRXWR   = 0x2A
	snKPALV  = 0x2F
	snLength = 0x2C // of what a snapshot reads
)

// Sn_MR.
const (
	modeTCP    = 0x01
	modeUDP    = 0x02
	modeMACRAW = 0x04
	modeND     = 0x20 // TCP: acknowledge at once
	modeMULTI  = 0x80 // UDP: a multicast group; MACRAW: only what is for us
)

// Sn_CR.
const (
	cmdOPEN    = 0x01
	cmdLISTEN  = 0x02
	cmdCONNECT = 0x04
	cmdDISCON  = 0x08
	cmdCLOSE   = 0x10
	cmdSEND    = 0x20
	cmdSENDMAC = 0x21
	cmdRECV    = 0x40
)

// Sn_IR.
const (
	irRECV    = 0x04
	irTIMEOUT = 0x08
	irSENDOK  = 0x10
	irAll     = 0x1F
)

// Sn_SR.
const (
	srClosed      = 0x00
	srARP         = 0x01 // on the way to SYNSENT
	srInit        = 0x13
	srListen      = 0x14
	srSynSent     = 0x15
	srSynRecv     = 0x16
	srEstablished = 0x17
	srFinWait     = 0x18
	srClosing     = 0x1A
	srTimeWait    = 0x1B
	srCloseWait   = 0x1C
	srLastAck     = 0x1D
	srUDP         = 0x22
	srMACRAW      = 0x42
)

// known reports whether a state is one that the chip has.
func known(sr byte) bool {
	switch sr {
	case srClosed, srARP, srUDP, srMACRAW:
		return true
	}
	return sr >= srInit && sr <= srLastAck && sr != 0x19
}
