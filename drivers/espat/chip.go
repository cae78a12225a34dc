package espat

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/drivers/internal/offload"
	"github.com/netdev-go/netdev/drivers/internal/uart"
)

// A chip is the module, as the goroutine of the Core sees it.
type chip struct {
	config Config
	line   *uart.Line
	conn   *at.Conn
	core   owner
	link   linkOwner

	booted  bool
	version string
	can     abilities

	joining joining

	slots  [links + 3]slot
	remote [links]remote
	listen int // slot of the listener, or none

	// What is to be looked at, since the module said so or may have.
	linksChanged bool // which links there are
	dataMissed   bool // which of them have data
	maybeReset   bool
	maybeGone    bool // the access point
	maybeMoved   bool // to another address

	reading   bool // data was asked for
	expecting int  // link that is being connected or closed from here

	robbed netip.AddrPort // who has lost data before it was known to be there

	// Until the module has understood another command:
	suspect int // link of the last data that was sent
	doubt   int // link that is said to have no data

	watching bool // somebody waits for what the module announces
	auditAt  time.Time
	audit    time.Duration
	settling bool
}

// owner is what a chip tells an offload.Core.
type owner interface {
	Signal(id int)
	Reset(err error)
}

// linkOwner is what a chip tells a link.Link.
type linkOwner interface {
	Lost()
	Changed(addr netip.Addr)
}

// abilities are what not every firmware has.
type abilities struct {
	sendLong     bool // CIPSENDL, which tells how much was sent
	startTimeout bool // of CIPSTART
	whole        bool // datagrams are kept apart
	joinTimeout  bool // of CWJAP, and its interval of reconnection
	nameTimeout  bool // of CIPDOMAIN
}

// none is a slot or a link that is not there.
const none = -1

// A slot is what the Core knows by its number.
type slot struct {
	used bool
	kind offload.Kind
	link int // none before it is connected and after it has ended

	ended error // what Recv returns when there is no link any more

	dial    dial
	options options
	sent    int // bytes, up to a little more than roomy
	chunk   int // most bytes of a Send; small after the peer took nothing
}

// A remote is one of the module's links.
type remote struct {
	used    bool
	slot    int // none of one that was not accepted
	kind    offload.Kind
	peer    netip.AddrPort
	local   uint16
	data    bool  // there may be something to read
	told    int   // how much of it the module announced; 0 once that was asked for
	came    bool  // the module said so
	closed  bool  // the module said so
	broken  error // bytes were lost on the UART
	options options
}

func newChip(c Config) *chip {
	if c.Timeout <= 0 {
		c.Timeout = 20 * time.Second
	}
	if c.Inbound <= 0 || c.Inbound > links {
		c.Inbound = links - 1
	}
	m := &chip{config: c, line: uart.New(c.UART), listen: none, expecting: none, suspect: none, doubt: none}
	m.conn = at.NewConn(m.line)
	m.conn.Heard = m.heard
	m.conn.Lost = m.garbage
	for i := range m.remote {
		m.remote[i].slot = none
	}
	return m
}

// reserved is how many links are in use or promised.
func (m *chip) reserved() (n int) {
	for i := range m.slots {
		if m.slots[i].used && i != m.listen {
			n++
		}
	}
	for i := range m.remote {
		if m.remote[i].used && m.remote[i].slot == none {
			n++
		}
	}
	return n
}

// Open implements offload.Chip. It promises one of the links.
func (m *chip) Open(kind offload.Kind) (int, error) {
	if kind == offload.TLS {
		return none, netdev.ErrProtocolNotSupported
	}
	if m.reserved() >= links {
		return none, netdev.ErrNoMoreSockets
	}
	return m.take(kind, none)
}

func (m *chip) take(kind offload.Kind, link int) (int, error) {
	for i := range m.slots {
		if !m.slots[i].used {
			m.slots[i] = slot{used: true, kind: kind, link: link, chunk: mostPayload}
			return i, nil
		}
	}
	return none, netdev.ErrNoMoreSockets
}

// freeLink is a link for a connection of our own. The module gives the lowest to
// those that come in.
func (m *chip) freeLink() int {
	for i := links - 1; i >= 0; i-- {
		if !m.remote[i].used {
			return i
		}
	}
	return none
}

// attach makes link that of the slot.
func (m *chip) attach(link, id int, peer netip.AddrPort) {
	m.remote[link] = remote{used: true, slot: id, kind: m.slots[id].kind, peer: peer, options: m.remote[link].options}
	m.slots[id].link = link
}

// release forgets a link that the module does not have any more. err is what its
// socket is told.
func (m *chip) release(link int, err error) {
	r := &m.remote[link]
	if r.slot != none {
		s := &m.slots[r.slot]
		s.link, s.ended = none, err
		m.core.Signal(r.slot)
	}
	*r = remote{slot: none, options: r.options}
}

// breakLink is for a stream on which bytes were lost.
func (m *chip) breakLink(link int, err error) {
	r := &m.remote[link]
	if !r.used || r.broken != nil {
		return
	}
	r.broken = err
	if r.slot != none {
		m.core.Signal(r.slot)
	}
}

// Close implements offload.Chip. A link that has ended already is no error.
func (m *chip) Close(id int, abort bool) error {
	s := &m.slots[id]
	if !s.used {
		return nil
	}
	if id == m.listen {
		m.closeServer()
	} else if s.link != none {
		m.closeLink(s.link, abort)
	}
	*s = slot{}
	return nil
}

// closeLink closes a link and forgets it.
func (m *chip) closeLink(link int, abort bool) {
	r := &m.remote[link]
	if r.kind == offload.Stream && (abort || r.broken != nil) {
		o := r.options
		o.reset = true
		m.setOptions(link, o)
	}
	r.slot = none
	r.closed = false
	m.expecting = link
	m.conn.Command("+CIPCLOSE=").Int(link)
	m.exec(quick)
	m.expecting = none
	if r.came || r.used && !r.closed {
		// Somebody else has it already, or the module has not said that it is closed.
		m.linksChanged, m.dataMissed = true, m.dataMissed || r.came
	}
	m.setOptions(link, options{})
	*r = remote{slot: none, options: r.options}
}

// Idle implements offload.Chip.
func (m *chip) Idle(wake <-chan struct{}, d time.Duration) {
	if !m.booted {
		m.wait(wake, d)
		return
	}
	m.settle()
	if left, ok := m.untilAudit(); ok && (d < 0 || left < d) {
		d = left
	}
	m.wait(wake, d)
	m.settle()
}

func (m *chip) wait(wake <-chan struct{}, d time.Duration) {
	if m.joining.pending {
		if m.line.Idle(wake, d) {
			m.joinReply(time.Now())
		}
		return
	}
	if err := m.conn.Wait(wake, d); err != nil {
		m.dead()
		// A port that has failed says at once that there is something to read.
		if d < 0 || d > brokenPause {
			d = brokenPause
		}
		time.Sleep(d)
	}
}

// brokenPause is between two looks at a port that has failed.
const brokenPause = 100 * time.Millisecond
