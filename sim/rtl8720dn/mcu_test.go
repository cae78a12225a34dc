package rtl8720dn_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/netdev-go/netdev/sim/bus"
)

// An mcu is the microcontroller's end of a chip's UART, with as little of a driver
// as tests need.
type mcu struct {
	tb     testing.TB
	port   *bus.Port
	seq    uint32
	events []event // that have come between replies
}

type event struct {
	id   uint32
	data []byte
}

// null is a parameter that is not there; some is one that might not have been.
type (
	null struct{}
	some string
)

// patience is what a test waits for a reply at most.
const patience = 5 * time.Second

// write sends bytes as they are, in hexadecimal.
func (m *mcu) write(text string) {
	m.tb.Helper()
	if _, err := m.port.Write(unhex(m.tb, text)); err != nil {
		m.tb.Fatal(err)
	}
}

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// read returns n bytes, or what has come until d is over.
func (m *mcu) read(n int, d time.Duration) []byte {
	b := make([]byte, 0, n)
	for end := time.Now().Add(d); ; {
		k, err := m.port.Read(b[len(b):n])
		b = b[:len(b)+k]
		left := time.Until(end)
		if len(b) == n || err != nil || left <= 0 {
			return b
		}
		m.port.WaitReadable(left)
	}
}

// request is the bytes of one.
func request(service, number byte, seq uint32, args ...any) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{0, number, service, 1}, seq)
	for _, a := range args {
		switch a := a.(type) {
		case uint8:
			b = append(b, a)
		case uint16:
			b = binary.LittleEndian.AppendUint16(b, a)
		case uint32:
			b = binary.LittleEndian.AppendUint32(b, a)
		case int:
			b = binary.LittleEndian.AppendUint32(b, uint32(int32(a)))
		case string:
			b = append(binary.LittleEndian.AppendUint32(b, uint32(len(a))), a...)
		case []byte:
			b = append(binary.LittleEndian.AppendUint32(b, uint32(len(a))), a...)
		case null:
			b = append(b, 1)
		case some:
			b = append(b, 0)
			b = append(binary.LittleEndian.AppendUint32(b, uint32(len(a))), a...)
		default:
			panic(a)
		}
	}
	return frame(b)
}

// frame puts length and CRC before a message.
func frame(message []byte) []byte {
	crc := uint32(0xEF4A)
	for _, b := range message {
		for bit := 7; bit >= 0; bit-- {
			feedback := (crc>>15 ^ uint32(b)>>bit) & 1
			crc = crc << 1 & 0xFFFF
			crc ^= feedback * 0x1021
		}
	}
	h := binary.LittleEndian.AppendUint16(nil, uint16(len(message)))
	return append(binary.LittleEndian.AppendUint16(h, uint16(crc)), message...)
}

// message returns the next one, or nil if none comes in time.
func (m *mcu) message(d time.Duration) []byte {
	m.tb.Helper()
	header := m.read(4, d)
	if len(header) == 0 {
		return nil
	}
	if len(header) < 4 {
		m.tb.Fatalf("a frame that ends with % x", header)
	}
	n := int(binary.LittleEndian.Uint16(header))
	b := m.read(n, patience)
	if len(b) < n || !bytes.Equal(frame(b)[:4], header) {
		m.tb.Fatalf("frame % x % x", header, b)
	}
	return b
}

// ask sends a request and does not wait.
func (m *mcu) ask(service, number byte, args ...any) uint32 {
	m.tb.Helper()
	m.seq++
	if _, err := m.port.Write(request(service, number, m.seq, args...)); err != nil {
		m.tb.Fatal(err)
	}
	return m.seq
}

// answer waits for the reply to the request of that sequence number, and returns
// what is in it; false is none in time.
func (m *mcu) answer(seq uint32, d time.Duration) (results, bool) {
	m.tb.Helper()
	for end := time.Now().Add(d); ; {
		b := m.message(time.Until(end))
		switch {
		case b == nil:
			return results{}, false
		case b[0] == 1:
			m.events = append(m.events, event{id: binary.LittleEndian.Uint32(b[12:]), data: b[12:]})
		case b[0] == 2 && binary.LittleEndian.Uint32(b[4:]) == seq:
			return results{m.tb, b[8:]}, true
		default:
			m.tb.Fatalf("message % x, waiting for reply %d", b, seq)
		}
	}
}

// call is a request and its reply.
func (m *mcu) call(service, number byte, args ...any) results {
	m.tb.Helper()
	r, ok := m.answer(m.ask(service, number, args...), patience)
	if !ok {
		m.tb.Fatalf("no reply to %02x/%02x", service, number)
	}
	return r
}

// i32 is a call whose reply is one i32.
func (m *mcu) i32(service, number byte, args ...any) int {
	m.tb.Helper()
	r := m.call(service, number, args...)
	n := r.i32()
	r.end()
	return n
}

// silent asserts that nothing comes for d.
func (m *mcu) silent(d time.Duration) {
	m.tb.Helper()
	if b := m.read(1, d); len(b) > 0 {
		m.tb.Fatalf("% x came", b)
	}
}

// event waits for one.
func (m *mcu) event() event {
	m.tb.Helper()
	if len(m.events) == 0 {
		b := m.message(patience)
		if b == nil || b[0] != 1 || b[1] != 1 || b[2] != 0x13 {
			m.tb.Fatalf("message % x, waiting for an event", b)
		}
		return event{id: binary.LittleEndian.Uint32(b[12:]), data: b[12:]}
	}
	e := m.events[0]
	m.events = m.events[1:]
	return e
}

// results are read in their order.
type results struct {
	tb testing.TB
	b  []byte
}

func (r *results) take(n int) []byte {
	r.tb.Helper()
	if n > len(r.b) {
		r.tb.Fatalf("%d bytes where %d were expected", len(r.b), n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *results) u8() int     { return int(r.take(1)[0]) }
func (r *results) u16() int    { return int(binary.LittleEndian.Uint16(r.take(2))) }
func (r *results) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *results) i32() int    { return int(int32(r.u32())) }
func (r *results) binary() []byte {
	r.tb.Helper()
	return r.take(int(r.u32()))
}

func (r *results) end() {
	r.tb.Helper()
	if len(r.b) > 0 {
		r.tb.Fatalf("% x after the last result", r.b)
	}
}
