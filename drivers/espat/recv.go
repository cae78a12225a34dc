package espat

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// mostAsked is how much is asked for where datagrams wait: more than one has.
const mostAsked = 2048

// Recv implements offload.Chip.
func (m *chip) Recv(id int, b []byte) (int, error) {
	n, _, err := m.receive(id, b, len(b))
	return n, err
}

// RecvFrom implements offload.Chip.
func (m *chip) RecvFrom(id int, b []byte) (int, netip.AddrPort, error) {
	ask := mostAsked
	if s := &m.slots[id]; s.link != none && !m.can.whole {
		// What was announced is one datagram; what has come since would be added to it.
		if r := &m.remote[s.link]; r.told > 0 {
			ask, r.told = min(r.told, mostAsked), 0
		}
	}
	return m.receive(id, b, ask)
}

// receive reads what the module has for a socket, as far as b has room.
func (m *chip) receive(id int, b []byte, ask int) (int, netip.AddrPort, error) {
	s := &m.slots[id]
	if s.link == none {
		if s.ended != nil {
			return 0, netip.AddrPort{}, s.ended
		}
		return 0, netip.AddrPort{}, netdev.ErrNotConnected
	}
	link := s.link
	r := &m.remote[link]
	if r.broken != nil {
		return 0, netip.AddrPort{}, r.broken
	}
	for try := 0; r.data && r.broken == nil && try < tries; try++ {
		n, from, err := m.read(link, b, ask)
		switch e := err.(type) {
		case nil:
			r.data = r.data || r.kind == offload.Datagram || n == ask // otherwise what comes is announced
			if r.kind == offload.Stream && n == 0 {
				continue
			}
			return min(n, len(b)), from, nil
		case *at.Failure:
			if !e.Misheard() {
				m.understood() // there was nothing
				if r.kind == offload.Stream {
					m.doubt = link
				}
				continue
			}
			r.data = true
			if e.Reason() == at.CodeWrongCount {
				m.can.whole = false // a firmware that knows only half of it
			}
			m.misheard(e)
			continue
		}
		// What was under way is gone from the module.
		r.data = true
		if r.kind == offload.Stream {
			m.breakLink(link, netdev.ErrConnReset)
		}
		if err := m.recover(err, false); err != nil {
			return 0, from, err
		}
	}
	if r.broken != nil {
		return 0, netip.AddrPort{}, r.broken
	}
	m.awaits()
	return 0, netip.AddrPort{}, netdev.ErrWouldBlock
}

const dataHeader = "+CIPRECVDATA:"

// read is one exchange. It returns how many bytes the module gave, of which b
// has what fits. Afterwards the link has data only if that was announced meanwhile.
func (m *chip) read(link int, b []byte, ask int) (n int, from netip.AddrPort, err error) {
	r := &m.remote[link]
	c := m.conn.Command("+CIPRECVDATA=").Int(link).Int(ask)
	if m.can.whole && r.kind == offload.Datagram {
		c.Int(1)
	}
	if err := m.conn.Send(); err != nil {
		return 0, from, err
	}
	m.reading, r.data = true, false
	m.conn.ExpectCounted(dataHeader, true)
	defer func() {
		m.reading = false
		m.conn.ExpectCounted("", false)
	}()
	until := time.Now().Add(m.sendingTime(ask))
	var t at.Token
	for t.Kind != at.Counted {
		if t, err = m.conn.Next(until, false); err != nil {
			return 0, from, err
		}
		switch t.Kind {
		case at.Counted:
		case at.Line:
			if done, err := m.conn.Final(t.Text); err != nil {
				return 0, from, err
			} else if done {
				return 0, from, at.ErrGarbled // OK without data
			}
		default:
			return 0, from, at.ErrGarbled
		}
	}
	n, from = t.N, t.From
	r.data = false // what was announced until here is in it
	if n > ask {
		return 0, from, at.ErrGarbled
	}
	for got := 0; got < n; {
		if t, err = m.conn.Next(until, false); err != nil {
			return 0, from, err
		}
		if t.Kind != at.Data {
			return 0, from, at.ErrGarbled
		}
		copy(b[min(got, len(b)):], t.Text)
		got += len(t.Text)
	}
	if err := m.trailer(until); err != nil {
		return 0, from, err
	}
	if r.kind == offload.Stream && from != r.peer {
		m.dataLost(from) // the module understood another link
		return 0, from, at.ErrGarbled
	}
	m.understood()
	return n, from, nil
}

// dataLost is for data that the module has given away, and that nobody received.
// Where it came from may not be known.
func (m *chip) dataLost(from netip.AddrPort) {
	m.linksChanged = true
	m.robbed = from
	for i := range m.remote {
		if r := &m.remote[i]; r.kind == offload.Stream && (r.peer == from || !from.IsValid()) {
			m.robbed = netip.AddrPort{}
			m.breakLink(i, netdev.ErrConnReset)
		}
	}
}

// trailer is what has to stand behind data: an empty line and OK, with nothing
// else than announcements before. Were a byte lost or doubled, this would not fit.
func (m *chip) trailer(until time.Time) error {
	empty, heard := false, m.conn.Unasked
	for {
		t, err := m.conn.Next(until, true)
		if err != nil {
			return err
		}
		if m.conn.Unasked != heard {
			empty, heard = false, m.conn.Unasked
		}
		switch {
		case t.Kind != at.Line:
			return at.ErrGarbled
		case len(t.Text) == 0 && !empty:
			empty = true
		case empty && string(t.Text) == "OK":
			return nil
		default:
			return at.ErrGarbled
		}
	}
}
