package igmp

import (
	"time"

	"github.com/netdev-go/netdev/wire/igmp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// tenth is the unit of response times.
const tenth = time.Second / 10

// Input takes an IGMP packet that came in, of any type.
func (h *Host) Input(now time.Duration, p ipv4.Packet) {
	m, err := igmp.Parse(p.Payload())
	// All messages are sent with a TTL of 1 (RFC 3376 §4), which keeps out what
	// comes from other networks.
	if err != nil || !m.ChecksumOK() || p.TTL() != 1 {
		h.Counters.Ignored++
		return
	}
	switch m.Type() {
	case igmp.TypeQuery:
		if !genuine(p, m) {
			h.Counters.Ignored++
			return
		}
		h.Counters.Queries++
		h.query(now, m)
	case igmp.TypeV1Report, igmp.TypeV2Report:
		h.report(m)
	}
}

// genuine tells whether a query is sent as queries are (RFC 3376 §9.1), and about a
// group or all of them.
func genuine(p ipv4.Packet, m igmp.Message) bool {
	if m.Version() == 1 {
		return m.Group().IsUnspecified()
	}
	return p.HasRouterAlert() && (m.Group().IsUnspecified() || m.Group().IsMulticast())
}

func (h *Host) query(now time.Duration, m igmp.Message) {
	general := m.Group().IsUnspecified()
	most := time.Duration(m.MaxRespTime()) * tenth
	switch v := m.Version(); {
	case v == 3:
		if h.robustness = int(m.Robustness()); h.robustness == 0 {
			h.robustness = h.config.Robustness
		}
		if h.interval = time.Duration(m.Interval()) * time.Second; h.interval == 0 {
			h.interval = defaultInterval
		}
	case v == 2 && general:
		h.v2Until = h.olderPresent(now, most)
	case v == 1:
		h.v1Until = h.olderPresent(now, most)
	}
	h.follow(now)
	if h.version < 3 {
		h.queryOlder(now, m, most)
		return
	}
	at := h.within(now, most)
	switch {
	case h.general != 0 && h.general < at: // RFC 3376 §5.2 rule 1
	case general:
		h.general, h.told = at, 0
	default:
		if g := h.find(m.Group()); g != nil && !g.left && (g.answer == 0 || at < g.answer) {
			g.answer = at
		}
	}
}

// queryOlder sets a timer for each group that is asked for, if it does not run or
// ends too late (RFC 2236 §3).
func (h *Host) queryOlder(now time.Duration, m igmp.Message, most time.Duration) {
	for i := range h.groups {
		g := &h.groups[i]
		if (m.Group().IsUnspecified() || g.group == m.Group()) && (g.answer == 0 || g.answer > now+most) {
			g.answer = h.within(now, most)
		}
	}
}

// olderPresent returns when an older querier counts as gone (RFC 3376 §8.12).
func (h *Host) olderPresent(now, response time.Duration) time.Duration {
	return now + time.Duration(h.robustness)*h.interval + response
}

// report takes another member's report, after which ours is not needed any more,
// but by routers of version 3.
func (h *Host) report(m igmp.Message) {
	g := h.find(m.Group())
	if h.version == 3 || g == nil || g.left {
		return
	}
	g.reporter = false
	if g.answer != 0 || g.tellings > 0 {
		g.answer, g.tellings = 0, 0
		h.Counters.Suppressed++
	}
}
