package ntp

import "encoding/binary"

// KissCode is a server's message to a client that it does not serve: four ASCII
// letters.
type KissCode uint32

// The codes of RFC 5905 §7.4 that a client acts on, and RFC 8915's. After
// [KissDeny] and [KissRestrict] it leaves the server alone, after [KissRate] it
// asks less often.
const (
	KissDeny     KissCode = 'D'<<24 | 'E'<<16 | 'N'<<8 | 'Y'
	KissRestrict KissCode = 'R'<<24 | 'S'<<16 | 'T'<<8 | 'R'
	KissRate     KissCode = 'R'<<24 | 'A'<<16 | 'T'<<8 | 'E'
	KissInit     KissCode = 'I'<<24 | 'N'<<16 | 'I'<<8 | 'T'
	KissStep     KissCode = 'S'<<24 | 'T'<<16 | 'E'<<8 | 'P'
	KissAuth     KissCode = 'A'<<24 | 'U'<<16 | 'T'<<8 | 'H'
	KissNTS      KissCode = 'N'<<24 | 'T'<<16 | 'S'<<8 | 'N'
)

// String returns the code's letters, '?' for one that cannot be shown.
func (k KissCode) String() string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(k))
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b[:])
}

// KissCode returns the code of a kiss-o'-death packet, which has stratum 0 and no
// time to be used. Of any other it returns false.
func (p Packet) KissCode() (KissCode, bool) {
	if p.Stratum() != 0 || p.Mode() == ModeClient {
		return 0, false
	}
	return KissCode(binary.BigEndian.Uint32(p[12:16])), true
}
