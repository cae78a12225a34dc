package espat

import (
	"io"
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// settle asks the module about what it may have said.
func (m *chip) settle() {
	if m.settling || m.joining.pending {
		return
	}
	m.settling = true
	defer func() { m.settling = false }()
	if left, ok := m.untilAudit(); ok && left == 0 {
		m.auditAt = time.Time{}
		m.linksChanged, m.dataMissed = true, true
		m.watching = m.listen != none || m.reserved() > 0
	}
	for rounds := 0; m.booted && rounds < 8; rounds++ {
		switch {
		case m.maybeReset:
			m.maybeReset = false
			m.checkReset()
		case m.linksChanged:
			m.linksChanged = false
			m.checkLinks()
		case m.dataMissed:
			m.dataMissed = false
			m.checkData()
		case m.maybeGone:
			m.maybeGone = false
			m.checkAccessPoint()
		case m.maybeMoved:
			m.maybeMoved = false
			m.checkAddress()
		default:
			return
		}
	}
}

// checkReset looks whether the module has forgotten how it was set up.
func (m *chip) checkReset() {
	mux := none
	m.conn.Command("+CIPMUX?")
	err := m.query(quick, "+CIPMUX:", func(f at.Fields) bool {
		if f == nil {
			mux = none
			return true
		}
		n, ok := f.Uint(9)
		mux = n
		return ok
	})
	if err == nil && mux == 0 {
		m.dead()
	}
}

// A status is a line of CIPSTATE.
type status struct {
	there bool
	kind  offload.Kind
	peer  netip.AddrPort
	local uint16
	came  bool // from outside
}

// readLinks asks which links there are.
func (m *chip) readLinks(all *[links]status) error {
	m.conn.Command("+CIPSTATE?")
	return m.query(quick, "+CIPSTATE:", func(f at.Fields) bool {
		if f == nil {
			*all = [links]status{}
			return true
		}
		link, ok := f.Uint(links - 1)
		kind := string(f.Bytes())
		peer, ok2 := f.AddrPort()
		local, ok3 := f.Uint(1<<16 - 1)
		came, ok4 := f.Uint(1)
		if !ok || !ok2 || !ok3 || !ok4 || all[link].there {
			return false
		}
		s := status{there: true, peer: peer, local: uint16(local), came: came == 1}
		switch kind {
		case "TCP":
		case "UDP":
			s.kind = offload.Datagram
		default:
			return false
		}
		all[link] = s
		return true
	})
}

// checkLinks compares the links that there are with those that are known.
func (m *chip) checkLinks() {
	var now, again [links]status
	if m.readLinks(&now) != nil || !m.booted {
		return
	}
	if m.surprising(&now) {
		// A byte of the reply may have changed: only what is said twice counts.
		if m.readLinks(&again) != nil || !m.booted {
			return
		}
		if now != again {
			m.linksChanged = true
			return
		}
	}
	for i := range m.remote {
		m.compare(i, &now[i])
	}
}

// surprising reports whether the module says what it has not announced.
func (m *chip) surprising(now *[links]status) bool {
	for i := range m.remote {
		r, s := &m.remote[i], &now[i]
		switch {
		case r.used && !s.there && !r.closed, !r.used && s.there && !r.came, r.used && s.there && !r.is(s):
			return true
		}
	}
	return false
}

// is reports whether s is about r.
func (r *remote) is(s *status) bool {
	if r.kind != s.kind || r.local != 0 && r.local != s.local {
		return false
	}
	return r.kind == offload.Datagram || r.peer == s.peer
}

// ended is what a socket is told whose link is gone. The module keeps a link for
// as long as there is something to read.
func ended(r *remote) error {
	if r.broken != nil {
		return r.broken
	}
	return io.EOF
}

func (m *chip) compare(link int, s *status) {
	r := &m.remote[link]
	switch {
	case r.used && !s.there:
		m.release(link, ended(r))
	case r.used && !r.is(s):
		m.release(link, netdev.ErrConnReset)
	case r.used:
		r.closed = false
		if r.local == 0 {
			r.local = s.local
		}
	}
	r.came = false
	if r.used || !s.there {
		r.closed = false
		return
	}
	robbed := s.peer == m.robbed
	if robbed {
		m.robbed = netip.AddrPort{}
	}
	if s.came && s.kind == offload.Stream && m.listen != none && !robbed {
		data := r.data
		*r = remote{used: true, slot: none, peer: s.peer, local: s.local, data: data, options: r.options}
		m.core.Signal(m.listen)
		return
	}
	// Nobody knows it, what began it was given up; or it has lost bytes.
	m.conn.Command("+CIPCLOSE=").Int(link)
	m.exec(quick)
	r.closed = false
}

// checkData asks which links have something to read.
func (m *chip) checkData() {
	var there [links]bool
	m.conn.Command("+CIPRECVLEN?")
	err := m.query(quick, "+CIPRECVLEN:", func(f at.Fields) bool {
		if f == nil {
			there = [links]bool{}
			return true
		}
		for i := range there {
			n, ok := f.Uint(1 << 30)
			if !ok {
				f.Skip() // of a link that is not open
			}
			there[i] = n > 0
		}
		return true
	})
	if err != nil {
		return
	}
	for i, data := range there {
		if r := &m.remote[i]; r.used && data && !r.data {
			r.data = true
			if r.slot != none {
				m.core.Signal(r.slot)
			}
		}
	}
}
