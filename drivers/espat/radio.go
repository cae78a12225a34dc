package espat

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/netlink"
)

// joining is a CWJAP whose reply has not come. Nothing else can be asked
// meanwhile, but others may wait.
type joining struct {
	pending bool
	until   time.Time
	code    int   // why not, as the module counts
	err     error // outcome of the reply

	params netlink.ConnectParams
	joined bool // there is, or was, a network
	began  time.Time
}

// Bounds of the firmware's time for joining, in seconds.
const (
	leastJoin = 3
	mostJoin  = 600
)

// Join implements link.Radio.
func (m *chip) Join(p *netlink.ConnectParams) error {
	if err := m.ensure(); err != nil {
		return err
	}
	m.joining = joining{params: *p}
	if p.ConnectMode == netlink.ConnectModeAP {
		return m.serveAP(p)
	}
	if err := m.mode(1); err != nil {
		return err
	}
	if err := m.station(p); err != nil {
		return err
	}
	return m.join()
}

func (m *chip) mode(n int) error {
	m.conn.Command("+CWMODE=").Int(n).Int(0) // 0: join nothing by itself
	if m.exec(quick) == nil {
		return nil
	}
	m.conn.Command("+CWMODE=").Int(n)
	return m.must(quick)
}

// must is exec of a command that has to be done.
func (m *chip) must(timeout time.Duration) error {
	if m.exec(timeout) != nil {
		return netlink.ErrConnectFailed
	}
	return nil
}

// join sends CWJAP. Joined looks for its reply.
func (m *chip) join() error {
	j := &m.joining
	timeout := j.params.ConnectTimeout
	if timeout <= 0 {
		timeout = netlink.DefaultConnectTimeout
	}
	seconds := min(max(int((timeout+time.Second-1)/time.Second), leastJoin), mostJoin)
	c := m.conn.Command("+CWJAP=").Quoted(j.params.Ssid).Quoted(j.params.Passphrase)
	if m.can.joinTimeout {
		c.Omit().Omit().Int(0).Omit().Omit().Int(seconds)
	} else {
		seconds = max(seconds, 20)
	}
	j.code, j.err = 0, nil
	j.began = time.Now()
	j.until = j.began.Add(time.Duration(seconds)*time.Second + 2*quick)
	if err := m.conn.Send(); err != nil {
		return netlink.ErrConnectFailed
	}
	j.pending = true
	return nil
}

// joinReply waits for the reply until the time is there, and returns whether it
// has come. The reply of a module that says nothing is at.ErrTimeout.
func (m *chip) joinReply(until time.Time) bool {
	j := &m.joining
	err := m.conn.Reply(until, "+CWJAP:", func(f at.Fields) bool {
		n, ok := f.Uint(99)
		j.code = n
		return ok
	})
	if err == at.ErrTimeout && time.Now().Before(j.until) {
		return false
	}
	j.pending = false
	j.err = nil
	if f, ok := err.(*at.Failure); ok {
		j.err = m.joinFailure(f)
	} else if err != nil {
		j.err = netlink.ErrConnectFailed
		m.recover(err, false)
	}
	return true
}

func (m *chip) joinFailure(f *at.Failure) error {
	switch {
	case m.joining.code == 1:
		return netlink.ErrConnectTimeout
	case m.joining.code == 2:
		return netlink.ErrAuthFailure
	case m.joining.code == 0 && f.Reason() == at.CodeWrongCount:
		m.can.joinTimeout = false // an older firmware
	}
	return netlink.ErrConnectFailed
}

// awaitJoin has the module free for another command.
func (m *chip) awaitJoin() error {
	for m.joining.pending {
		m.joinReply(m.joining.until)
	}
	if !m.booted {
		return netdev.ErrNetDown
	}
	return nil
}

// Joined implements link.Radio.
func (m *chip) Joined() (netip.Addr, error) {
	j := &m.joining
	if j.pending && !m.joinReply(time.Now()) {
		return netip.Addr{}, netdev.ErrWouldBlock
	}
	if j.err != nil {
		return netip.Addr{}, j.err
	}
	if !m.booted {
		return netip.Addr{}, netlink.ErrConnectFailed
	}
	a, err := m.address()
	if err != nil {
		return netip.Addr{}, netlink.ErrConnectFailed
	}
	if !a.Addr().IsValid() || a.Addr().IsUnspecified() {
		return netip.Addr{}, netdev.ErrWouldBlock
	}
	j.joined = true
	m.maybeMoved, m.maybeGone = false, false
	return a.Addr(), nil
}

// Leave implements link.Radio.
func (m *chip) Leave() error {
	if m.joining.pending && m.config.Reset != nil {
		// It does not listen while it joins.
		m.config.Reset(false)
		m.forget()
		return nil
	}
	ap := m.joining.params.ConnectMode == netlink.ConnectModeAP
	err := m.awaitJoin()
	m.joining = joining{}
	if err != nil {
		return nil // it is reset before it joins again
	}
	if ap {
		return m.mode(1)
	}
	m.conn.Command("+CWQAP")
	m.exec(3 * quick)
	return nil
}

// errGone is for an access point that is not there any more.
var errGone = netlink.ErrConnectFailed

// Alive implements link.Radio.
func (m *chip) Alive() error {
	if !m.booted {
		return errGone
	}
	if m.joining.params.ConnectMode == netlink.ConnectModeAP {
		m.conn.Command("")
		if m.exec(quick) != nil {
			return errGone
		}
		return nil
	}
	there := false
	m.conn.Command("+CWJAP?")
	err := m.query(quick, "", func(f at.Fields) bool {
		if f == nil {
			there = false
			return true
		}
		if _, ok := at.Prefixed(f, "+CWJAP:"); ok {
			there = true
			return true
		}
		return string(f) == "No AP"
	})
	if err != nil || !there {
		return errGone
	}
	return nil
}

// checkAccessPoint is for a module that may have lost it.
func (m *chip) checkAccessPoint() {
	if m.joining.joined && m.Alive() != nil {
		m.joining.joined = false
		m.link.Lost()
	}
}

// checkAddress is for a module that may have another address.
func (m *chip) checkAddress() {
	if !m.joining.joined {
		return
	}
	if a, err := m.address(); err == nil && a.Addr().IsValid() && !a.Addr().IsUnspecified() {
		m.link.Changed(a.Addr())
	}
}
