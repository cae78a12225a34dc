package erpc_test

import (
	"encoding/binary"
	"io"
	"sync/atomic"
	"time"

	"github.com/netdev-go/netdev/drivers/internal/erpc"
	"github.com/netdev-go/netdev/sim/bus"
)

// A server reads as the chips' firmware does: it waits for ever for what a
// header announces, and says nothing to what is damaged.
type server struct {
	port  *bus.Port
	calls []erpc.Header
	deaf  atomic.Bool
	serve func(h erpc.Header, values []byte) (reply []byte, ok bool)
}

// run ends when the port is closed.
func (s *server) run() {
	for {
		var head [4]byte
		if !s.read(head[:]) {
			return
		}
		n := int(binary.LittleEndian.Uint16(head[:]))
		if n > 4096 {
			continue
		}
		message := make([]byte, n)
		if !s.read(message) {
			return
		}
		if erpc.Checksum(message) != binary.LittleEndian.Uint16(head[2:]) {
			continue
		}
		h, _, err := erpc.ParseMessage(message)
		if err != nil || h.Type != erpc.Invocation {
			continue
		}
		s.calls = append(s.calls, h)
		values, ok := s.serve(h, message[8:])
		if s.deaf.Load() || !ok {
			continue
		}
		s.send(erpc.Header{Type: erpc.Reply, Service: h.Service, Request: h.Request, Sequence: h.Sequence}, values)
	}
}

func (s *server) read(b []byte) bool {
	for len(b) > 0 {
		n, err := s.port.Read(b)
		if err == io.EOF {
			return false
		}
		if b = b[n:]; n == 0 {
			s.port.WaitReadable(-1)
		}
	}
	return true
}

// frame returns a message in its frame.
func frame(h erpc.Header, values []byte) []byte {
	message := append([]byte{byte(h.Type), h.Request, h.Service, 1}, 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(message[4:], h.Sequence)
	message = append(message, values...)
	f := binary.LittleEndian.AppendUint16(nil, uint16(len(message)))
	f = binary.LittleEndian.AppendUint16(f, erpc.Checksum(message))
	return append(f, message...)
}

func (s *server) send(h erpc.Header, values []byte) { s.port.Write(frame(h, values)) }

// What the test servers know: ack, which returns its value, and count, which
// counts how often it was called.
const (
	system     = 1
	ack        = 2
	count      = 3
	eventClass = 0x13
)

// adder returns a serve that knows ack and count.
func adder(counted *uint32) func(erpc.Header, []byte) ([]byte, bool) {
	return func(h erpc.Header, values []byte) ([]byte, bool) {
		switch h.Request {
		case ack:
			return values, true
		case count:
			*counted += binary.LittleEndian.Uint32(values)
			return binary.LittleEndian.AppendUint32(nil, *counted), true
		}
		return nil, false
	}
}

const patience = time.Second
