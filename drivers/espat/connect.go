package espat

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/drivers/internal/offload"
)

// The module does nothing else while it connects, for as long as the peer keeps
// silent. So it is given a slice of time, then others have their turn for as
// long, then it begins anew with a longer one.
const (
	firstSlice  = time.Second
	lastSlice   = 4 * time.Second
	connectTime = 60 * time.Second // in all
)

// dial is a connection that is being made.
type dial struct {
	to    netip.AddrPort
	until time.Time     // when it is given up
	next  time.Time     // when the next slice begins
	slice time.Duration // of the next one
}

// Connect implements offload.Chip. The module chooses the local port.
func (m *chip) Connect(id int, _ uint16, to netip.AddrPort, _ string) error {
	s := &m.slots[id]
	if s.link != none {
		return netdev.ErrIsConnected
	}
	now := time.Now()
	s.ended = nil
	s.dial = dial{to: to, until: now.Add(connectTime), next: now, slice: firstSlice}
	return m.connect(id)
}

// Connected implements offload.Chip.
func (m *chip) Connected(id int) error {
	s := &m.slots[id]
	switch {
	case s.link != none:
		return nil
	case s.ended != nil:
		return netdev.ErrConnReset
	}
	return m.connect(id)
}

// connect makes one attempt, if it is time.
func (m *chip) connect(id int) error {
	s := &m.slots[id]
	begin := time.Now()
	if begin.Before(s.dial.next) {
		return netdev.ErrInProgress
	}
	link := m.freeLink()
	if link == none {
		return netdev.ErrNoBuffers // connections came in since the socket was opened
	}
	to, slice := s.dial.to, s.dial.slice
	m.attach(link, id, to)
	if err := m.setOptions(link, s.options); err != nil {
		m.detach(link)
		return err
	}
	err := m.start(link, to, slice)
	if err == nil {
		return nil
	}
	if !m.booted {
		return err
	}
	m.detach(link)
	if err != netdev.ErrInProgress {
		return err
	}
	now := time.Now()
	if !now.Before(s.dial.until) {
		return netdev.ErrConnTimedOut
	}
	s.dial.next = now
	if now.Sub(begin) >= slice/2 { // it was the peer that took the time
		s.dial.next = now.Add(slice)
		s.dial.slice = min(2*slice, lastSlice)
	}
	return netdev.ErrInProgress
}

// detach takes a link from its socket that it has not become.
func (m *chip) detach(link int) {
	r := &m.remote[link]
	if r.used && r.slot != none {
		m.slots[r.slot].link = none
	}
	*r = remote{slot: none, options: r.options, closed: r.closed}
}

// start has the module connect link. ErrInProgress says that it may be tried again.
func (m *chip) start(link int, to netip.AddrPort, slice time.Duration) error {
	begin := time.Now()
	c := m.conn.Command("+CIPSTART=").Int(link).Quoted("TCP").Addr(to.Addr()).Int(int(to.Port()))
	limit := m.config.Timeout
	if m.can.startTimeout {
		c.Omit().Omit().Int(int(slice / time.Millisecond))
		limit = slice + quick
	}
	m.expecting = link
	err := m.conn.Exec(limit, "", nil)
	m.expecting = none
	f, failed := err.(*at.Failure)
	if err != nil {
		m.linksChanged = true // one may have come in on that link
	}
	switch {
	case err == nil:
		m.understood()
		return m.confirm(link, to, offload.Stream)
	case failed && f.Misheard():
		if f.Reason() == at.CodeWrongCount && m.can.startTimeout {
			m.can.startTimeout = false // an older firmware, or a lost comma; then it takes longer
		}
		m.misheard(f)
		return netdev.ErrInProgress
	case failed && m.remote[link].came:
		m.understood()
		m.dataMissed = true
		return netdev.ErrInProgress // it was a client that took the link
	case failed:
		m.understood()
		return m.refusal(f, time.Since(begin) >= slice*9/10)
	}
	if err := m.recover(err, false); err != nil {
		return err
	}
	return m.confirm(link, to, offload.Stream)
}

// confirm asks whether link is what it was to become: a byte of the command may
// have changed on the way.
func (m *chip) confirm(link int, to netip.AddrPort, kind offload.Kind) error {
	var now [links]status
	if err := m.readLinks(&now); err != nil {
		return netdev.ErrInProgress
	}
	r, s := &m.remote[link], &now[link]
	want := remote{kind: kind, peer: to}
	if kind == offload.Datagram {
		want.local = to.Port()
	}
	switch {
	case s.there && !s.came && want.is(s):
		r.local, r.came = s.local, false
		return nil
	case s.there && !s.came:
		m.conn.Command("+CIPCLOSE=").Int(link)
		m.exec(quick)
	case !s.there && r.closed && kind == offload.Stream:
		return nil // it was there, and the peer has closed it already
	}
	return netdev.ErrInProgress
}

// The firmware's numbers of errors are those of its C library.
const (
	errnoAgain       = 11
	errnoReset       = 104
	errnoRefused     = 111
	errnoInUse       = 112
	errnoAborted     = 113 // all of its SYNs were sent in vain
	errnoNetwork     = 114
	errnoTimedOut    = 116
	errnoUnreachable = 118
	errnoInProgress  = 119
)

// refusal is why there is no connection. slow says that the module took all of
// the time that it had.
func (m *chip) refusal(f *at.Failure, slow bool) error {
	switch f.Errno {
	case errnoReset, errnoRefused:
		return netdev.ErrConnRefused
	case errnoNetwork:
		return netdev.ErrNetUnreachable
	case errnoUnreachable:
		return netdev.ErrHostUnreachable
	case errnoAgain, errnoAborted, errnoTimedOut, errnoInProgress:
		return netdev.ErrInProgress
	}
	if slow {
		return netdev.ErrInProgress
	}
	return netdev.ErrConnRefused
}

// LocalPort implements offload.Namer.
func (m *chip) LocalPort(id int) (uint16, error) {
	s := &m.slots[id]
	if s.link == none || m.remote[s.link].local == 0 {
		return 0, netdev.ErrNotConnected
	}
	return m.remote[s.link].local, nil
}

// Bind implements offload.Chip. A link for datagrams has a remote end by the
// firmware's nature; mode 2 has it take datagrams of everybody.
func (m *chip) Bind(id int, port uint16) error {
	s := &m.slots[id]
	any := netip.AddrPortFrom(netip.IPv4Unspecified(), port)
	for try := 0; try < tries; try++ {
		link := m.freeLink()
		if link == none {
			return netdev.ErrNoBuffers
		}
		m.attach(link, id, any)
		m.conn.Command("+CIPSTART=").Int(link).Quoted("UDP").Addr(any.Addr()).Int(int(port)).Int(int(port)).Int(2)
		m.expecting = link
		err := m.conn.Exec(m.config.Timeout, "", nil)
		m.expecting = none
		f, failed := err.(*at.Failure)
		if err != nil {
			if failed && !f.Misheard() {
				m.detach(link)
				return netdev.ErrAddrInUse
			}
			if err := m.recover(err, false); err != nil {
				return err
			}
		}
		if err == nil || !failed {
			if m.confirm(link, any, offload.Datagram) == nil {
				return nil
			}
		}
		if !m.booted {
			return netdev.ErrNetDown
		}
		m.detach(link)
		s.link = none
	}
	return netdev.ErrNoBuffers
}
