package espat

import (
	"time"

	"github.com/netdev-go/netdev/drivers/internal/at"
	"github.com/netdev-go/netdev/netlink"
)

// Times of a restart: how long the pin is low, and how long the module may take.
const (
	resetPulse = time.Millisecond
	bootTime   = 5 * time.Second
)

// boot restarts the module and sets it up.
func (m *chip) boot() error {
	m.forget()
	if err := m.restart(); err != nil {
		return netlink.ErrConnectFailed
	}
	m.booted = true
	if !m.setUp() {
		m.booted = false
		return netlink.ErrConnectFailed
	}
	return nil
}

// ensure boots a module that has not been.
func (m *chip) ensure() error {
	if m.booted {
		return nil
	}
	return m.boot()
}

// restart has the module begin anew, and answer.
func (m *chip) restart() error {
	limit := time.Now().Add(m.config.Timeout)
	if m.config.Reset != nil {
		m.pulse()
		m.conn.Await("ready", time.Now().Add(bootTime))
		return m.conn.Sync(false, limit)
	}
	// It may be in the middle of anything.
	if err := m.conn.Sync(true, limit); err != nil {
		return err
	}
	m.conn.Command("+RST")
	if err := m.conn.Exec(quick, "", anything); err == nil {
		m.conn.Await("ready", time.Now().Add(bootTime))
	}
	return m.conn.Sync(false, time.Now().Add(m.config.Timeout))
}

func (m *chip) pulse() {
	m.config.Reset(false)
	time.Sleep(resetPulse) // the module wants to see it
	m.config.Reset(true)
}

func anything(at.Fields) bool { return true }

// setUp tells the module what this driver expects of it.
func (m *chip) setUp() bool {
	m.can = abilities{startTimeout: true, joinTimeout: true, nameTimeout: true}
	m.version = ""
	m.conn.Command("+GMR")
	m.query(quick, "", func(f at.Fields) bool {
		if f == nil {
			m.version = ""
		} else if v, ok := at.Prefixed(f, "AT version:"); ok {
			m.version = numberOf(string(v))
		}
		return true
	})
	m.conn.Command("+SYSSTORE=").Int(0) // flash wears out
	m.exec(quick)
	m.conn.Command("+SYSLOG=").Int(1) // reasons of failures
	m.exec(quick)
	m.conn.Command("+CWRECONNCFG=").Int(0).Int(0) // the link leads, not the module
	m.exec(quick)
	m.conn.Command("+CIPMUX=").Int(1)
	if m.exec(quick) != nil {
		return false
	}
	m.conn.Command("+CIPDINFO=").Int(1)
	if m.exec(quick) != nil || !m.passive() {
		return false
	}
	m.conn.Command("+CIPSENDLCFG=").Int(1 << 20).Int(2920) // one report, at the end
	m.can.sendLong = m.exec(quick) == nil
	m.conn.Command("+TRANSINTVL=").Int(0) // nothing waits for more
	m.exec(quick)
	m.conn.Command("+CIPTCPOPT=").Int(links).Int(-1).Int(0).Int(m.sendTime()).Int(0)
	m.exec(quick)
	return m.booted
}

// passive has received data stay in the module until it is asked for.
func (m *chip) passive() bool {
	m.conn.Command("+CIPRECVTYPE=").Int(links).Int(1).Int(1)
	if m.exec(quick) == nil {
		m.can.whole = true
		return true
	}
	m.conn.Command("+CIPRECVTYPE=").Int(links).Int(1)
	if m.exec(quick) == nil {
		return true
	}
	m.conn.Command("+CIPRECVMODE=").Int(1) // before 2.4
	return m.exec(quick) == nil
}

// numberOf is the front of "4.1.0.0(s-0000000 - ESP32 - Jul  1 2026)".
func numberOf(version string) string {
	for i := 0; i < len(version); i++ {
		if version[i] == '(' {
			return version[:i]
		}
	}
	return version
}
