package rtl8720dn

import "encoding/binary"

// Events, by their numbers in ESP-IDF, which the vendor has taken over.
const (
	eventReady        = 0
	eventScanDone     = 1
	eventStart        = 2
	eventConnected    = 4
	eventDisconnected = 5
	eventGotIP        = 7
	eventAPStart      = 14
)

// An event is its number and a union.
const (
	eventSize = 48

	eventSSID    = 4 // 32 bytes
	eventSSIDLen = 36
	eventBSSID   = 37
	eventChannel = 43 // when it is connected
	eventReason  = 43 // when it is disconnected
	eventAuth    = 44

	eventIP = 4 // address, mask, gateway
)

// Reasons of a disconnection.
const (
	reasonNoAP    = 201
	reasonAuth    = 202
	reasonConnect = 205
)

// tell sends an event, about the link l where there is one.
func (s *session) tell(id uint32, l *link) {
	b := make([]byte, eventSize)
	binary.LittleEndian.PutUint32(b, id)
	if l != nil {
		copy(b[eventSSID:eventSSIDLen], l.point.SSID)
		b[eventSSIDLen] = byte(len(l.point.SSID))
		copy(b[eventBSSID:], l.point.BSSID[:])
	}
	switch {
	case id == eventConnected:
		b[eventChannel] = byte(l.point.Channel)
		binary.LittleEndian.PutUint32(b[eventAuth:], securityOf(l.point))
	case id == eventDisconnected && l == nil:
		// Why joining failed; nothing is known of a link that was lost.
		b[eventReason] = map[int32]byte{noNetwork: reasonNoAP, wrongPassword: reasonAuth, connectFailed: reasonConnect}[s.wifi.lastError]
	}
	s.tellBytes(b)
}

func (s *session) tellAddress(info [12]byte) {
	b := make([]byte, eventSize)
	binary.LittleEndian.PutUint32(b, eventGotIP)
	copy(b[eventIP:], info[:])
	s.tellBytes(b)
}

func (s *session) tellBytes(event []byte) {
	s.mu.Lock()
	s.event++
	sequence := s.event
	s.mu.Unlock()
	frame := appendHeader(make([]byte, frameHeader), oneWay, 0x01, serviceCallbacks, sequence)
	frame = binary.LittleEndian.AppendUint32(frame, uint32(len(event)))
	if s.send(append(frame, event...)) {
		s.chip.count(func(s *Stats) { s.Events++ })
	}
}
