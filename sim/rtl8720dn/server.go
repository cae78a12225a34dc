package rtl8720dn

import "encoding/binary"

// Services.
const (
	serviceSystem    = 0x01
	serviceWiFi      = 0x0E
	serviceAdapter   = 0x0F
	serviceLwIP      = 0x10
	serviceMbedTLS   = 0x11
	serviceCallbacks = 0x13
)

// A handler reads the parameters of a call, does it, and writes its results.
type handler func(s *session, c *call)

// serve is the server task.
func (s *session) serve() {
	var buf [bufferSize]byte
	c := &call{noEmpty: s.chip.config.NoEmpty, frame: make([]byte, 0, frameHeader+bufferSize)}
	for {
		message, ok := s.receive(&buf)
		if !ok || !s.pause() {
			return
		}
		if len(message) < messageStart || message[3] != version {
			s.chip.count(func(s *Stats) { s.Malformed++ })
			continue
		}
		kind, request, service := message[0], message[1], message[2]
		if kind != invocation && kind != oneWay {
			continue // a reply, and nobody waits for it
		}
		s.chip.count(func(s *Stats) { s.Requests++ })
		handle := handlers[[2]uint8{service, request}]
		if handle == nil {
			s.chip.count(func(s *Stats) { s.Unknown++ })
			continue
		}
		c.begin(request, service, binary.LittleEndian.Uint32(message[4:]), message[messageStart:])
		handle(s, c)
		if c.data >= 0 {
			s.lwip.freed = c.data
		}
		if s.ctx.Err() != nil {
			return
		}
		switch size := len(c.frame) - frameHeader; {
		case c.short:
			s.chip.count(func(s *Stats) { s.Malformed++ })
		case size > bufferSize:
			s.chip.hurt("a reply of %d bytes for a buffer of %d", size, bufferSize)
		case kind == invocation:
			if !s.pause() || !s.send(c.frame) {
				return
			}
			s.chip.count(func(s *Stats) { s.Replies++ })
		}
	}
}

// handlers are what the firmware serves, by service and request.
var handlers = map[[2]uint8]handler{}

func register(service uint8, of map[uint8]handler) {
	for request, h := range of {
		handlers[[2]uint8{service, request}] = h
	}
}

func init() {
	register(serviceSystem, map[uint8]handler{
		0x01: func(s *session, c *call) { c.putText([]byte(s.chip.config.Firmware)) },
		0x02: func(_ *session, c *call) { c.putU8(c.u8()) },
	})
}
