package espat

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
)

// quick is how long the module may take for what it knows by itself.
const quick = time.Second

// tries is how often a command is sent that may be sent again.
const tries = 4

// exec sends the command that was begun last, again where it was not understood
// or not answered: it must be one that may be done twice. A module that stays
// silent is reset. The error is a *at.Failure where the module said no.
func (m *chip) exec(timeout time.Duration) error { return m.query(timeout, "", nil) }

// query is exec of a command whose reply has lines that begin with prefix, or
// any lines where that is empty. Each try begins with each(nil).
func (m *chip) query(timeout time.Duration, prefix string, each func(at.Fields) bool) error {
	var err error
	for try := 0; try < tries; try++ {
		if err = m.awaitJoin(); err != nil {
			return err
		}
		if each != nil {
			each(nil)
		}
		err = m.conn.Exec(timeout, prefix, each)
		if f, ok := err.(*at.Failure); err == nil || ok && !f.Misheard() {
			m.understood()
			return err
		}
		if err == at.ErrTooLong || err == at.ErrCharacter {
			return netdev.ErrInvalid
		}
		if err := m.recover(err, false); err != nil {
			return err
		}
	}
	if f, ok := err.(*at.Failure); ok {
		return f
	}
	m.dead()
	return netdev.ErrNetDown
}

// recover has the module and the driver meet again after err. sending tells that
// the module may be waiting for payload. The command that was begun last is kept.
// It returns an error where there is nothing to go on with.
func (m *chip) recover(err error, sending bool) error {
	if f, ok := err.(*at.Failure); ok {
		m.misheard(f)
		return nil
	}
	if !isExchange(err) {
		m.dead()
		return netdev.ErrNetDown
	}
	m.doubted()
	command := m.conn.Keep()
	err = m.conn.Sync(sending, time.Now().Add(m.config.Timeout))
	m.conn.Restore(command)
	if err != nil {
		m.dead()
		return netdev.ErrNetDown
	}
	m.linksChanged, m.dataMissed, m.maybeReset = true, true, true
	m.maybeGone = true
	return nil
}

func isExchange(err error) bool {
	return err == at.ErrTimeout || err == at.ErrGarbled || err == at.ErrBusy
}

// understood is for a command that has its reply, which nothing is left of.
func (m *chip) understood() { m.suspect, m.doubt = none, none }

// doubted is for what makes no sense behind the word that a link has no data: it
// may have been that data.
func (m *chip) doubted() {
	if m.doubt != none {
		m.breakLink(m.doubt, netdev.ErrConnReset)
		m.doubt = none
	}
}

// misheard is for a command that the module did not understand. If what it got
// did not begin as a command, a byte more than was announced may have gone out
// with the data before.
func (m *chip) misheard(f *at.Failure) {
	if r := f.Reason(); m.suspect != none && (r == at.CodeNoAT || r == at.CodeNoEnd) {
		m.breakLink(m.suspect, netdev.ErrConnReset)
		m.suspect = none
	}
}

// dead is for a module that cannot be talked to: everything in it is lost. The
// next Join resets it.
func (m *chip) dead() {
	if !m.booted {
		return
	}
	m.forget()
	m.core.Reset(netdev.ErrConnReset)
	m.link.Lost()
}

// forget is for a module that begins anew.
func (m *chip) forget() {
	m.booted = false
	m.joining = joining{}
	m.listen, m.expecting, m.suspect, m.doubt = none, none, none, none
	for i := range m.remote {
		m.remote[i] = remote{slot: none}
	}
	for i := range m.slots {
		m.slots[i] = slot{}
	}
	m.linksChanged, m.dataMissed, m.maybeReset, m.maybeGone, m.maybeMoved = false, false, false, false, false
	m.watching = false
	m.robbed = netip.AddrPort{}
}
