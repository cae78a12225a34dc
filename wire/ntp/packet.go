package ntp

import "encoding/binary"

// Port is the UDP port of a server.
const Port = 123

// HeaderLen is the length of the header, which is all that most packets have.
const HeaderLen = 48

// Version is the version that this package writes.
const Version = 4

// Leap warns of a leap second at the end of the day.
type Leap uint8

// The values of a [Leap].
const (
	LeapNone    Leap = iota // no warning
	LeapAdd                 // the last minute has 61 seconds
	LeapDelete              // the last minute has 59 seconds
	LeapUnknown             // the sender's clock is not synchronized
)

// Mode says what a packet is between its sender and its receiver.
type Mode uint8

// The modes whose packets have the header of this package.
const (
	ModeSymmetricActive Mode = iota + 1
	ModeSymmetricPassive
	ModeClient
	ModeServer
	ModeBroadcast
)

// maxStratum is the stratum that a clock has which nothing synchronizes.
const maxStratum = 16

// Packet is a view of a packet's bytes, which stay the caller's. No method of one
// that [Parse] returned panics, whatever the bytes are.
type Packet []byte

// Parse returns b as a packet.
func Parse(b []byte) (Packet, error) {
	if len(b) < HeaderLen {
		return nil, ErrShort
	}
	p := Packet(b)
	if v := p.Version(); v < 1 || v > Version {
		return nil, ErrVersion
	}
	if m := p.Mode(); m < ModeSymmetricActive || m > ModeBroadcast {
		return nil, ErrMode
	}
	return p, nil
}

// Leap returns the leap indicator.
func (p Packet) Leap() Leap { return Leap(p[0] >> 6) }

// Version returns the version of the protocol, 1 to 4.
func (p Packet) Version() uint8 { return p[0] >> 3 & 7 }

// Mode returns the mode.
func (p Packet) Mode() Mode { return Mode(p[0] & 7) }

// Stratum returns how far the sender is from a reference clock, which has 1. From
// 16 on it is not synchronized; 0 comes with a kiss code.
func (p Packet) Stratum() uint8 { return p[1] }

// Poll returns the largest interval between two packets, as a power of 2 in
// seconds.
func (p Packet) Poll() int8 { return int8(p[2]) }

// Precision returns that of the sender's clock, as a power of 2 in seconds.
func (p Packet) Precision() int8 { return int8(p[3]) }

// RootDelay returns the round trip from the sender to the reference clock.
func (p Packet) RootDelay() Short { return Short(binary.BigEndian.Uint32(p[4:8])) }

// RootDispersion returns the largest error against the reference clock.
func (p Packet) RootDispersion() Short { return Short(binary.BigEndian.Uint32(p[8:12])) }

// ReferenceID returns what the sender is synchronized to: four letters at stratum
// 1, above it an IPv4 address or a part of the hash of an IPv6 one.
func (p Packet) ReferenceID() [4]byte { return [4]byte(p[12:16]) }

// ReferenceTime returns when the sender's clock was last set.
func (p Packet) ReferenceTime() Timestamp { return Timestamp(binary.BigEndian.Uint64(p[16:24])) }

// OriginTime returns when the client sent its request: in an answer, the request's
// transmit time, by which the client knows that it is one.
func (p Packet) OriginTime() Timestamp { return Timestamp(binary.BigEndian.Uint64(p[24:32])) }

// ReceiveTime returns when the server got the request.
func (p Packet) ReceiveTime() Timestamp { return Timestamp(binary.BigEndian.Uint64(p[32:40])) }

// TransmitTime returns when the sender sent the packet.
func (p Packet) TransmitTime() Timestamp { return Timestamp(binary.BigEndian.Uint64(p[40:48])) }

// Extra returns what follows the header: extension fields and a MAC, as they
// stand there.
func (p Packet) Extra() []byte { return p[HeaderLen:] }

// Synchronized reports whether the sender says that its clock can be set by.
func (p Packet) Synchronized() bool {
	return p.Leap() != LeapUnknown && p.Stratum() > 0 && p.Stratum() < maxStratum
}
