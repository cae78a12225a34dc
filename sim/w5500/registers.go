package w5500

// Registers of the common block.
const (
	regMR       = 0x00
	regGAR      = 0x01
	regSUBR     = 0x05
	regSHAR     = 0x09
	regSIPR     = 0x0F
	regINTLEVEL = 0x13
	regIR       = 0x15
	regIMR      = 0x16
	regSIR      = 0x17
	regSIMR     = 0x18
	regRTR      = 0x19
	regRCR      = 0x1B
	regUIPR     = 0x28
	regUPORTR   = 0x2C
	regPHYCFGR  = 0x2E
	regVERSIONR = 0x39
	commonLen   = 0x3A
)

// Bits of MR.
const (
	modeRST = 0x80
	modePB  = 0x10 // no answer to a ping
)

// Bits of IR.
const (
	irConflict = 0x80
	irUnreach  = 0x40
)

// Bits of PHYCFGR.
const (
	phyRST    = 0x80
	phyLink   = 0x01
	phySpeed  = 0x02
	phyDuplex = 0x04
)

// Registers of a socket.
const (
	snMR         = 0x00
	snCR         = 0x01
	snIR         = 0x02
	snSR         = 0x03
	snPORT       = 0x04
	snDHAR       = 0x06
	snDIPR       = 0x0C
	snDPORT      = 0x10
	snMSSR       = 0x12
	snTOS        = 0x15
	snTTL        = 0x16
	snRXBUF_SIZE = 0x1E
	snTXBUF_SIZE = 0x1F
	snTX_FSR     = 0x20
	snTX_RD      = 0x22
	snTX_WR      = 0x24
	snRX_RSR     = 0x26
	snRX_RD      = 0x28
	snRX_WR      = 0x2A
	snIMR        = 0x2C
	snFRAG       = 0x2D
	snKPALVTR    = 0x2F
	socketLen    = 0x30
)

// Sn_MR: a protocol in the low half, and bits whose meaning depends on it.
const (
	protoMask   = 0x0F
	protoTCP    = 0x01
	protoUDP    = 0x02
	protoMACRAW = 0x04

	mrMulti  = 0x80 // UDP
	mrMFEN   = 0x80 // MACRAW: only what is for this chip
	mrBCASTB = 0x40 // UDP, MACRAW: no broadcasts
	mrMMB    = 0x20 // MACRAW: no multicasts
	mrUCASTB = 0x10 // UDP with MULTI: no unicasts
	mrMIP6B  = 0x10 // MACRAW: no IPv6
)

// Commands of Sn_CR.
const (
	cmdOpen     = 0x01
	cmdListen   = 0x02
	cmdConnect  = 0x04
	cmdDiscon   = 0x08
	cmdClose    = 0x10
	cmdSend     = 0x20
	cmdSendMAC  = 0x21
	cmdSendKeep = 0x22
	cmdRecv     = 0x40
)

// Bits of Sn_IR.
const (
	intCon     = 0x01
	intDiscon  = 0x02
	intRecv    = 0x04
	intTimeout = 0x08
	intSendOK  = 0x10
)

// States of Sn_SR.
const (
	srClosed      = 0x00
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

func word(b []byte) uint16 { return uint16(b[0])<<8 | uint16(b[1]) }

func putWord(b []byte, v uint16) { b[0], b[1] = byte(v>>8), byte(v) }
