package icmpv4

// Type says what a message is.
type Type uint8

// The types of RFC 792 and RFC 1256. SourceQuench is obsolete (RFC 6633): it is
// neither sent nor heeded.
const (
	TypeEchoReply           Type = 0
	TypeUnreachable         Type = 3
	TypeSourceQuench        Type = 4
	TypeRedirect            Type = 5
	TypeEcho                Type = 8
	TypeRouterAdvertisement Type = 9
	TypeRouterSolicitation  Type = 10
	TypeTimeExceeded        Type = 11
	TypeParameterProblem    Type = 12
	TypeTimestamp           Type = 13
	TypeTimestampReply      Type = 14
)

// IsError tells whether messages of type t report on a packet and quote it. No
// error may be sent about those (RFC 1122 §3.2.2).
func (t Type) IsError() bool {
	switch t {
	case TypeUnreachable, TypeSourceQuench, TypeRedirect, TypeTimeExceeded, TypeParameterProblem:
		return true
	}
	return false
}

// Codes of [TypeUnreachable] (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1).
const (
	CodeNetUnreachable      uint8 = 0
	CodeHostUnreachable     uint8 = 1
	CodeProtocolUnreachable uint8 = 2
	CodePortUnreachable     uint8 = 3
	CodeFragmentationNeeded uint8 = 4
	CodeSourceRouteFailed   uint8 = 5
	CodeNetUnknown          uint8 = 6
	CodeHostUnknown         uint8 = 7
	CodeSourceIsolated      uint8 = 8
	CodeNetProhibited       uint8 = 9
	CodeHostProhibited      uint8 = 10
	CodeNetTOS              uint8 = 11
	CodeHostTOS             uint8 = 12
	CodeAdminProhibited     uint8 = 13
	CodePrecedenceViolation uint8 = 14
	CodePrecedenceCutoff    uint8 = 15
)

// Codes of [TypeRedirect].
const (
	CodeRedirectNet     uint8 = 0
	CodeRedirectHost    uint8 = 1
	CodeRedirectTOSNet  uint8 = 2
	CodeRedirectTOSHost uint8 = 3
)

// Codes of [TypeTimeExceeded].
const (
	CodeTTLExceeded        uint8 = 0
	CodeReassemblyExceeded uint8 = 1
)

// Codes of [TypeParameterProblem].
const (
	CodePointer       uint8 = 0
	CodeMissingOption uint8 = 1
	CodeBadLength     uint8 = 2
)
