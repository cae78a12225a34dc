//go:build !tinygo

package rtl8720dn_test

import (
	"encoding/binary"

	"github.com/netdev-go/netdev/sim/bus"
)

// crc is that of a frame.
func crc(b []byte) uint16 {
	sum := uint16(0xEF4A)
	for _, c := range b {
		sum ^= uint16(c) << 8
		for range 8 {
			high := sum&0x8000 != 0
			if sum <<= 1; high {
				sum ^= 0x1021
			}
		}
	}
	return sum
}

// frame returns a message in its frame.
func frame(kind, request, service byte, sequence uint32, values ...byte) []byte {
	m := binary.LittleEndian.AppendUint32([]byte{kind, request, service, 1}, sequence)
	m = append(m, values...)
	f := binary.LittleEndian.AppendUint16(nil, uint16(len(m)))
	return append(binary.LittleEndian.AppendUint16(f, crc(m)), m...)
}

// A tap follows the frames of one direction. It is an injector that harms
// nothing, unless change says otherwise.
type tap struct {
	// change is given each frame, headers included, when its last byte passes, and
	// returns what arrives instead. Nil leaves it.
	change func(frame []byte) []byte
	buf    []byte
}

// inject holds a frame back until it is whole.
func (t *tap) inject(_ int64, b byte) []byte {
	t.buf = append(t.buf, b)
	if len(t.buf) < 4 {
		return nil
	}
	if n := 4 + int(binary.LittleEndian.Uint16(t.buf)); len(t.buf) < n {
		return nil
	}
	f := t.buf
	t.buf = nil
	if t.change != nil {
		return t.change(f)
	}
	return f
}

var _ bus.Injector = (*tap)(nil).inject

// is reports whether a frame is a call of that request of a service, or its reply.
func is(f []byte, service, request byte) bool { return f[6] == service && f[5] == request }

// values returns what a frame brings.
func values(f []byte) []byte { return f[12:] }

// sequence returns its number.
func sequence(f []byte) uint32 { return binary.LittleEndian.Uint32(f[8:]) }

const (
	lwip       = 0x10
	lwipRecv   = 0x0C
	lwipSend   = 0x0F
	lwipOption = 0x07
)
