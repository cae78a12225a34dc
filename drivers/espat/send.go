package espat

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
)

// How long the module waits for room when a peer does not take what was sent, in
// milliseconds. It does nothing else meanwhile. Where it cannot tell how much went
// on, the connection is lost afterwards, and it is given the time that the
// firmware's documentation recommends.
const (
	sendTime     = 100
	longSendTime = 10000
)

// roomy is how many bytes of a new connection there is room for in the module,
// whatever its peer does. They are sent by CIPSEND, which passes nothing on before
// it has all; then comes CIPSENDL, which tells how much went on.
const roomy = 4096

// probe is how much is sent to a peer that took nothing the last time.
const probe = 64

// mostDatagram is the longest that goes through without being divided.
const mostDatagram = 1472

// sendingTime bounds the sending of n bytes: their way over a slow UART, and the
// module's own time.
func (m *chip) sendingTime(n int) time.Duration {
	return quick + time.Duration(n)*1200*time.Microsecond + time.Duration(m.sendTime())*time.Millisecond
}

func (m *chip) sendTime() int {
	if m.can.sendLong {
		return sendTime
	}
	return longSendTime
}

// cannotSend is why a socket without a link does not send.
func (s *slot) cannotSend() error {
	switch s.ended {
	case nil:
		return netdev.ErrNotConnected
	case io.EOF:
		return netdev.ErrBrokenPipe
	}
	return s.ended
}

// Send implements offload.Chip.
func (m *chip) Send(id int, b []byte) (int, error) {
	s := &m.slots[id]
	if s.link == none {
		return 0, s.cannotSend()
	}
	link := s.link
	if err := m.remote[link].broken; err != nil {
		return 0, err
	}
	b = b[:min(len(b), s.chunk)]
	name := "+CIPSENDL="
	if !m.can.sendLong || s.sent+len(b) <= roomy {
		name = "+CIPSEND="
	}
	if err := m.offer(link, name, len(b), netip.AddrPort{}); err != nil {
		if s.link == none {
			return 0, s.cannotSend()
		}
		if _, ok := err.(*at.Failure); ok {
			err = netdev.ErrBrokenPipe // the module does not say why not
		}
		return 0, err
	}
	n, err := m.payload(b)
	m.suspect = link
	if err != nil || n == none {
		// Some of it is on its way, perhaps, and nobody knows how much.
		m.breakLink(link, netdev.ErrConnReset)
		if err != nil {
			m.recover(err, true)
		}
		return 0, netdev.ErrConnReset
	}
	s.sent = min(s.sent+n, roomy+1)
	switch {
	case n == len(b):
		s.chunk = min(2*s.chunk, mostPayload)
		return n, nil
	case n > 0:
		s.chunk = probe
		return n, nil
	}
	s.chunk = probe
	return 0, netdev.ErrWouldBlock
}

// SendTo implements offload.Chip.
func (m *chip) SendTo(id int, b []byte, to netip.AddrPort) error {
	s := &m.slots[id]
	if s.link == none {
		return netdev.ErrNotConnected
	}
	if len(b) > mostDatagram {
		return netdev.ErrMessageTooLong
	}
	if err := m.offer(s.link, "+CIPSEND=", len(b), to); err != nil {
		if _, ok := err.(*at.Failure); !ok {
			return err
		}
		if len(b) == 0 {
			return netdev.ErrNotSupported
		}
		return netdev.ErrHostUnreachable
	}
	n, err := m.payload(b)
	if err != nil {
		m.recover(err, true)
		return netdev.ErrNoBuffers
	}
	if n < len(b) {
		return netdev.ErrHostUnreachable
	}
	return nil
}

// offer has the module wait for n bytes. Nothing has been sent when it fails.
func (m *chip) offer(link int, name string, n int, to netip.AddrPort) error {
	var err error
	owner := m.remote[link].slot
	for try := 0; try < tries; try++ {
		c := m.conn.Command(name).Int(link).Int(n)
		if to.IsValid() {
			c.Addr(to.Addr()).Int(int(to.Port()))
		}
		err = m.conn.Send()
		if err == nil {
			m.conn.ExpectPrompt()
			err = m.prompt(time.Now().Add(quick))
		}
		if err == nil && m.remote[link].slot != owner {
			// The module waits for data to somebody who has the link by now.
			m.recover(at.ErrGarbled, true)
			return netdev.ErrConnReset
		}
		if err == nil {
			m.understood()
			return nil
		}
		f, failed := err.(*at.Failure)
		if failed && !f.Misheard() {
			// Either the link is gone, or the module understood another one.
			m.understood()
			if m.checkLinks(); m.remote[link].slot != owner {
				return f
			}
			continue
		}
		if err := m.recover(err, !failed); err != nil {
			return err
		}
		if err := m.remote[link].broken; err != nil {
			return err
		}
	}
	if _, failed := err.(*at.Failure); failed {
		return err
	}
	return netdev.ErrConnReset
}

// prompt waits until the module takes data.
func (m *chip) prompt(until time.Time) error {
	for {
		t, err := m.conn.Next(until, false)
		switch {
		case err != nil:
			return err
		case t.Kind == at.Prompt:
			return nil
		case t.Kind != at.Line:
			return at.ErrGarbled
		}
		if _, err := m.conn.Final(t.Text); err != nil {
			return err
		}
	}
}

// payload sends what the module waits for, and returns how much of it has gone
// on, or none where the module has failed and does not say. An error says that the
// module and the driver are in different places.
func (m *chip) payload(b []byte) (int, error) {
	if err := m.conn.Write(b); err != nil {
		return 0, err
	}
	until := time.Now().Add(m.sendingTime(len(b)))
	had := none
	for {
		t, err := m.conn.Next(until, false)
		if err != nil {
			return 0, err
		}
		if t.Kind != at.Line {
			return 0, at.ErrGarbled
		}
		if f, ok := at.Prefixed(t.Text, "+CIPSENDL:"); ok {
			sent, ok := f.Uint(len(b))
			took, ok2 := f.Uint(len(b))
			if !ok || !ok2 || sent > took {
				return 0, at.ErrGarbled
			}
			had = sent
			continue
		}
		if n, ok := received(t.Text); ok {
			if n != len(b) {
				return 0, at.ErrGarbled
			}
			continue
		}
		switch string(t.Text) {
		case "SEND OK":
			return len(b), nil
		case "SEND FAIL":
			if had == len(b) {
				return 0, at.ErrGarbled
			}
			return had, nil
		}
		return 0, at.ErrGarbled
	}
}

// received is the module's count of what it got.
func received(line []byte) (int, bool) {
	const before, after = "Recv ", " bytes"
	f, ok := at.Prefixed(line, before)
	if !ok || len(f) <= len(after) || string(f[len(f)-len(after):]) != after {
		return 0, false
	}
	f = f[:len(f)-len(after)]
	return f.Uint(mostPayload)
}
