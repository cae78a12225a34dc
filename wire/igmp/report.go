package igmp

import (
	"encoding/binary"
	"net/netip"

	"github.com/netdev-go/netdev/internal/addr4"
)

// RecordType says what a group record reports. Others than these are to be
// ignored.
type RecordType uint8

// The types of RFC 3376 §4.2.12.
const (
	ModeIsInclude   RecordType = 1
	ModeIsExclude   RecordType = 2
	ChangeToInclude RecordType = 3
	ChangeToExclude RecordType = 4
	AllowNewSources RecordType = 5
	BlockOldSources RecordType = 6
)

// Report is a report of version 3, as it is to be sent.
type Report struct {
	Records []GroupRecord
}

// GroupRecord is a part of a [Report]. Addresses that are not IPv4 are sent as
// 0.0.0.0.
type GroupRecord struct {
	Type    RecordType
	Group   netip.Addr
	Sources []netip.Addr
}

// Len returns the length of the record.
func (r *GroupRecord) Len() int { return RecordLen + 4*len(r.Sources) }

// Len returns the length of the report.
func (r *Report) Len() int {
	n := HeaderLen
	for i := range r.Records {
		n += r.Records[i].Len()
	}
	return n
}

// Emit writes the report with its checksum onto b, whatever b held before, and
// returns its length, which is [Report.Len]. It panics if b is shorter.
func (r *Report) Emit(b []byte) int {
	n := r.Len()
	_ = b[n-1]
	b = b[:n]
	b[0], b[1], b[4], b[5] = byte(TypeV3Report), 0, 0, 0
	binary.BigEndian.PutUint16(b[6:8], uint16(len(r.Records)))
	at := HeaderLen
	for i := range r.Records {
		at += r.Records[i].emit(b[at:])
	}
	fillChecksum(b)
	return n
}

func (r *GroupRecord) emit(b []byte) int {
	b[0], b[1] = byte(r.Type), 0
	binary.BigEndian.PutUint16(b[2:4], uint16(len(r.Sources)))
	addr4.Put(b[4:8], r.Group)
	putSources(b[RecordLen:], r.Sources)
	return r.Len()
}

// Record is a view of a group record.
type Record []byte

func (r Record) sources() int { return 4 * int(binary.BigEndian.Uint16(r[2:4])) }

func (r Record) len() int { return RecordLen + r.sources() + 4*int(r[1]) }

// Type returns what the record reports.
func (r Record) Type() RecordType { return RecordType(r[0]) }

// Group returns the group that it reports on.
func (r Record) Group() netip.Addr { return netip.AddrFrom4([4]byte(r[4:8])) }

// Sources returns the sources that it names.
func (r Record) Sources() Sources { return Sources(r[RecordLen:][:r.sources()]) }

// AuxData returns the auxiliary data, for which no meaning is defined.
func (r Record) AuxData() []byte { return r[RecordLen+r.sources():] }

// Records walks over the group records of a report. It is made by
// [Message.Records] and used up by Next:
//
//	for records := m.Records(); records.Next(); {
//		use(records.Record())
//	}
type Records struct {
	b    []byte // what is left
	left int
	rec  Record
}

// Records returns the records of a version 3 report, to be walked over. Other
// messages have none.
func (m Message) Records() Records {
	if m.Type() != TypeV3Report {
		return Records{}
	}
	return Records{b: m[HeaderLen:], left: m.count(6)}
}

// Len returns how many records are still to come.
func (r *Records) Len() int { return r.left }

// Next goes on to the next record, and tells whether there is one.
func (r *Records) Next() bool {
	if r.left == 0 {
		r.rec = nil
		return false
	}
	n := Record(r.b).len()
	r.rec, r.b = Record(r.b[:n]), r.b[n:]
	r.left--
	return true
}

// Record returns the record that Next went on to.
func (r *Records) Record() Record { return r.rec }
