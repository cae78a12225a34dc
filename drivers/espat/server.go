package espat

import (
	"net/netip"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// Listen implements offload.Chip. The module has one server; its backlog is the
// links that are free.
func (m *chip) Listen(id int, port uint16, _ int) error {
	if m.listen != none {
		return netdev.ErrNoMoreSockets
	}
	m.conn.Command("+CIPSERVERMAXCONN=").Int(m.config.Inbound)
	m.exec(quick)
	m.conn.Command("+CIPSERVER=").Int(1).Int(int(port))
	err := m.exec(quick)
	f, failed := err.(*at.Failure)
	inUse := failed && (f.Errno == 0 || f.Errno == errnoInUse)
	// A byte of the port may have changed on the way; or the reply was lost, and the
	// module refused the second one.
	on, known := m.serverPort()
	switch {
	case !m.booted:
		return netdev.ErrNetDown
	case known && on == int(port), !known && err == nil:
	case inUse && on == 0:
		return netdev.ErrAddrInUse
	default:
		m.conn.Command("+CIPSERVER=").Int(0)
		m.exec(quick)
		return netdev.ErrNoBuffers
	}
	m.conn.Command("+CIPSTO=").Int(0) // connections may be idle for as long as they like
	m.exec(quick)
	if !m.booted {
		return netdev.ErrNetDown
	}
	m.listen = id
	return nil
}

// serverPort asks where the server is, 0 where there is none; some firmware does
// not tell.
func (m *chip) serverPort() (port int, known bool) {
	m.conn.Command("+CIPSERVER?")
	err := m.query(quick, "+CIPSERVER:", func(f at.Fields) bool {
		port, known = 0, false
		if f == nil {
			return true
		}
		on, ok := f.Uint(1)
		if on == 1 {
			port, known = f.Uint(1<<16 - 1)
			return ok && known
		}
		known = ok
		return ok
	})
	if err != nil {
		return 0, false
	}
	return port, known
}

// closeServer ends listening, and the connections that nobody has accepted.
func (m *chip) closeServer() {
	m.conn.Command("+CIPSERVER=").Int(0)
	m.exec(quick)
	m.listen = none
	for i := range m.remote {
		if r := &m.remote[i]; r.used && r.slot == none {
			m.closeLink(i, true)
		}
	}
	m.linksChanged = true // one may have come in that was not announced yet
}

// Accept implements offload.Chip.
func (m *chip) Accept(id int) (int, netip.AddrPort, error) {
	// That a connection is dead already may be waiting to be read.
	if m.conn.Listen() != nil {
		m.dead()
	}
	m.settle()
	if !m.booted {
		return none, netip.AddrPort{}, netdev.ErrNetDown
	}
	for i := range m.remote {
		r := &m.remote[i]
		if !r.used || r.slot != none {
			continue
		}
		conn, err := m.take(offload.Stream, i)
		if err != nil {
			break
		}
		r.slot = conn
		peer := r.peer
		m.slots[conn].options = m.slots[id].options
		m.setOptions(i, m.slots[id].options)
		if !m.booted {
			return none, netip.AddrPort{}, netdev.ErrNetDown
		}
		return conn, peer, nil
	}
	m.awaits()
	return none, netip.AddrPort{}, netdev.ErrWouldBlock
}
