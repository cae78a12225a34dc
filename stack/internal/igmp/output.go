package igmp

import (
	"net/netip"
	"time"

	"github.com/netdev-go/netdev/wire/igmp"
	"github.com/netdev-go/netdev/wire/ipv4"
)

// v2Interval is the most between two reports of a join (RFC 2236 §8.10).
const v2Interval = 10 * time.Second

// Output writes the next message that is due to b, and returns its length and where
// it goes, with a TTL of 1, precedence 0xc0 and the router alert option. There is
// none if n is 0. It is to be called until then, after everything else and when
// Deadline passes. b has to take 16 bytes at least.
func (h *Host) Output(now time.Duration, b []byte) (n int, dst netip.Addr) {
	h.follow(now)
	if h.version < 3 {
		return h.outputOlder(now, b)
	}
	if n = h.outputGeneral(now, b); n == 0 {
		n = h.outputGroups(now, b)
	}
	if n > 0 {
		h.Counters.Reports++
	}
	return n, v3Routers
}

// Deadline returns when Output has something next, 0 for never.
func (h *Host) Deadline() time.Duration {
	next := h.general
	earlier := func(at time.Duration) {
		if at != 0 && (next == 0 || at < next) {
			next = at
		}
	}
	for i := range h.groups {
		m := &h.groups[i]
		earlier(m.answer)
		if m.tellings > 0 {
			earlier(m.change)
		}
	}
	return next
}

// outputGeneral answers a general query with the state of all groups, in as many
// reports as it takes (RFC 3376 §5.2).
func (h *Host) outputGeneral(now time.Duration, b []byte) int {
	if h.general == 0 || now < h.general {
		return 0
	}
	h.records = h.records[:0]
	for ; h.told < len(h.groups); h.told++ {
		m := &h.groups[h.told]
		if m.left {
			continue
		}
		if !h.add(b, m.group, igmp.ModeIsExclude) {
			return h.emit(b)
		}
		m.answer = 0
	}
	h.general, h.told = 0, 0
	return h.emit(b)
}

// outputGroups tells of changes, and answers queries for single groups.
func (h *Host) outputGroups(now time.Duration, b []byte) int {
	h.records = h.records[:0]
	for i := len(h.groups) - 1; i >= 0; i-- {
		m := &h.groups[i]
		if m.tellings == 0 || now < m.change {
			continue
		}
		change := igmp.ChangeToExclude
		if m.left {
			change = igmp.ChangeToInclude
		}
		if !h.add(b, m.group, change) {
			return h.emit(b)
		}
		if m.tellings--; m.tellings > 0 {
			m.change = h.within(now, h.config.Interval)
		} else if m.left {
			h.forget(m)
		}
	}
	if len(h.records) > 0 {
		return h.emit(b)
	}
	for i := range h.groups {
		m := &h.groups[i]
		if m.answer == 0 || now < m.answer {
			continue
		}
		if !h.add(b, m.group, igmp.ModeIsExclude) {
			break
		}
		m.answer = 0
	}
	return h.emit(b)
}

// add adds a record for a group without sources to the report, if there is room.
func (h *Host) add(b []byte, group netip.Addr, t igmp.RecordType) bool {
	room := min(len(b), h.config.MTU-ipv4.HeaderLen-len(ipv4.RouterAlert)) - igmp.HeaderLen
	if len(h.records) >= max(room/igmp.RecordLen, 1) {
		return false
	}
	h.records = append(h.records, igmp.GroupRecord{Type: t, Group: group})
	return true
}

func (h *Host) emit(b []byte) int {
	if len(h.records) == 0 {
		return 0
	}
	r := igmp.Report{Records: h.records}
	return r.Emit(b)
}

// outputOlder sends what is due in version 1 or 2, where each group has a message of
// its own.
func (h *Host) outputOlder(now time.Duration, b []byte) (n int, dst netip.Addr) {
	for i := range h.groups {
		m := &h.groups[i]
		told := m.tellings > 0 && now >= m.change
		if !told && (m.answer == 0 || now < m.answer) {
			continue
		}
		if m.left {
			h.Counters.Leaves++
			leave := igmp.Header{Type: igmp.TypeLeave, Group: m.group}
			h.forget(m)
			return leave.Emit(b), allRouters
		}
		if told {
			m.tellings--
			m.change = h.within(now, v2Interval)
		}
		m.answer, m.reporter = 0, true
		report := igmp.Header{Type: igmp.TypeV2Report, Group: m.group}
		if h.version == 1 {
			report.Type = igmp.TypeV1Report
		}
		h.Counters.Reports++
		return report.Emit(b), m.group
	}
	return 0, dst
}
