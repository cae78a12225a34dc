package espat

import (
	"time"

	"github.com/netdev-go/netdev/drivers/internal/at"
)

// heard is given lines that may be unasked. All of them are taken as hints: a
// byte may have been lost or changed on the way, so that the module is asked
// before anything is done that cannot be undone.
func (m *chip) heard(line []byte) bool {
	if f, ok := at.Prefixed(line, "+IPD,"); ok {
		return m.heardData(f)
	}
	if f, ok := at.Prefixed(line, dataHeader); ok && !m.reading {
		// Its command was taken for one that had failed.
		f.Skip()
		from, _ := f.AddrPort()
		m.dataLost(from)
		return false
	}
	if n := len(line); n > 2 && line[0] >= '0' && line[0] < '0'+links && line[1] == ',' {
		return m.heardLink(int(line[0]-'0'), line[2:])
	}
	switch string(line) {
	case "ready", "Will force to restart!!!":
		m.maybeReset = true
	case "WIFI DISCONNECT":
		m.maybeGone = true
	case "WIFI GOT IP":
		m.maybeMoved = true
	case "WIFI CONNECTED":
	default:
		return m.heardOther(line)
	}
	return true
}

// others is what is said about things that nobody here wants to know, and what
// comes before an ERROR that would have said enough.
var others = [...]string{
	"link is not valid", "link is builded", "ALREADY CONNECTED", "no ip", "no change", "UNLINK", "DNS Fail", "ID ERROR", "IP ERROR",
	"WIFI GOT IPv6", "+STA_CONNECTED", "+STA_DISCONNECTED", "+DIST_STA_IP", "+TIME_UPDATED",
	"+LINK_CONN", "+ETH_", "Have ",
}

func (m *chip) heardOther(line []byte) bool {
	for _, o := range others {
		if _, ok := at.Prefixed(line, o); ok {
			m.linksChanged = m.linksChanged || o == "+LINK_CONN"
			return true
		}
	}
	return false
}

func (m *chip) heardData(f at.Fields) bool {
	link, ok := f.Uint(links - 1)
	n, ok2 := f.Uint(1 << 30)
	if !ok || !ok2 {
		return false
	}
	m.soon()
	r := &m.remote[link]
	if !r.used {
		m.linksChanged = true
	}
	r.data, r.told = true, n
	if r.used && r.slot != none {
		m.core.Signal(r.slot)
	}
	return true
}

func (m *chip) heardLink(link int, what []byte) bool {
	switch string(what) {
	case "CONNECT":
		r := &m.remote[link]
		if r.used && r.closed {
			m.release(link, ended(r))
		}
		r.came = true
	case "CLOSED":
		m.remote[link].closed = true
	case "CONNECT FAIL":
		return true
	default:
		return false
	}
	m.soon()
	m.linksChanged = m.linksChanged || link != m.expecting
	return true
}

// garbage is for bytes that made no sense while nothing was asked: they may have
// been an announcement.
func (m *chip) garbage() {
	m.doubted()
	m.linksChanged, m.dataMissed, m.maybeReset, m.maybeGone = true, true, true, true
}

// The module is asked what it has when it has kept silent for a while and
// somebody waits: what it says unasked is said once, and may be lost without a
// trace.
const (
	firstAudit = 2 * time.Second
	lastAudit  = 32 * time.Second
)

// soon begins the silence anew.
func (m *chip) soon() {
	m.audit, m.auditAt = 0, time.Time{}
}

// awaits is for somebody who waits for an announcement.
func (m *chip) awaits() { m.watching = true }

// untilAudit returns when the module is to be asked.
func (m *chip) untilAudit() (time.Duration, bool) {
	if !m.watching {
		return 0, false
	}
	if m.auditAt.IsZero() {
		m.audit = min(max(2*m.audit, firstAudit), lastAudit)
		m.auditAt = time.Now().Add(m.audit)
	}
	return max(0, time.Until(m.auditAt)), true
}
