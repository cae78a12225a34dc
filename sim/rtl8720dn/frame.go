package rtl8720dn

import "encoding/binary"

// A frame is the length of a message and its CRC, u16 each, and the message.
const frameHeader = 4

// crc16 is that of the frames: polynomial 0x1021, the highest bit first, begun
// with 0xEF4A.
func crc16(b []byte) uint16 {
	crc := uint16(0xEF4A)
	for _, c := range b {
		crc = crc<<8 ^ crcOf[byte(crc>>8)^c]
	}
	return crc
}

var crcOf = func() (t [256]uint16) {
	for i := range t {
		crc := uint16(i) << 8
		for range 8 {
			carry := crc&0x8000 != 0
			crc <<= 1
			if carry {
				crc ^= 0x1021
			}
		}
		t[i] = crc
	}
	return t
}()

// receive returns the next message whose CRC is right.
func (s *session) receive(buf *[bufferSize]byte) (message []byte, ok bool) {
	var header [frameHeader]byte
	for {
		if !s.readFull(header[:]) {
			return nil, false
		}
		n, crc := int(binary.LittleEndian.Uint16(header[:])), binary.LittleEndian.Uint16(header[2:])
		if n > bufferSize {
			// The firmware gives up here, and takes what follows for a header.
			s.chip.count(func(s *Stats) { s.Oversize++ })
			continue
		}
		message = buf[:n]
		if !s.readFull(message) {
			return nil, false
		}
		if crc16(message) == crc {
			return message, true
		}
		s.chip.count(func(s *Stats) { s.BadCRC++ })
	}
}

// readFull fills b, however long that takes.
func (s *session) readFull(b []byte) bool {
	for len(b) > 0 {
		if s.ctx.Err() != nil {
			return false
		}
		n, err := s.port.Read(b)
		if b = b[n:]; err != nil {
			return false
		}
		if n == 0 {
			s.port.WaitReadable(-1)
		}
	}
	return true
}

// send sends a frame whose header is not filled in yet.
func (s *session) send(frame []byte) bool {
	message := frame[frameHeader:]
	binary.LittleEndian.PutUint16(frame, uint16(len(message)))
	binary.LittleEndian.PutUint16(frame[2:], crc16(message))
	_, err := s.port.Write(frame)
	return err == nil
}
