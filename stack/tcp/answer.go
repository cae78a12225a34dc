package tcp

import (
	"net/netip"

	"github.com/netdev-go/netdev/internal/checksum"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// answers are the segments that go out without a connection: resets and SYN cookies.
// Beyond the bound they are dropped.
type answers struct {
	ring  []answer
	first int
	n     int
}

type answer struct {
	Path
	seq, ack     wire.Seq
	flags        wire.Flags
	window       uint16
	mss          uint16 // with SYN
	has          wire.OptionSet
	scale        uint8
	tsVal, tsEcr uint32
}

// reply queues a.
func (e *Engine) reply(a answer) {
	q := &e.answers
	if q.ring == nil {
		q.ring = make([]answer, e.cfg.MaxAnswers)
	}
	if q.n == len(q.ring) {
		e.Counters.AnswersDropped++
		return
	}
	q.ring[(q.first+q.n)%len(q.ring)] = a
	q.n++
}

// refuse answers a segment that fits nothing with a reset: RFC 9293 §3.10.7.1.
func (e *Engine) refuse(local, remote netip.AddrPort, in *segment) {
	if in.has(wire.RST) {
		return
	}
	a := answer{Path: Path{Local: local, Remote: remote}, flags: wire.RST}
	if in.has(wire.ACK) {
		a.seq = in.ack
	} else {
		a.flags |= wire.ACK
		a.ack = in.seq.Add(in.length())
	}
	e.reply(a)
}

// emitAnswer writes the first of the answers. Its path is good until the next.
func (e *Engine) emitAnswer(b []byte) (int, *Path) {
	q := &e.answers
	a := &q.ring[q.first]
	h := &e.hdr
	h.SrcPort, h.DstPort = a.Local.Port(), a.Remote.Port()
	h.Seq, h.Ack, h.Flags, h.Window = a.seq, a.ack, a.flags, a.window
	o := &h.Options
	o.Has, o.MSS, o.WindowScale, o.TSVal, o.TSEcr, o.SACKLen = a.has, a.mss, a.scale, a.tsVal, a.tsEcr, 0
	if h.Len() > len(b) {
		return 0, nil
	}
	n := h.Emit(b)
	wire.Segment(b[:n]).FillChecksum(a.Local.Addr(), a.Remote.Addr())
	e.Counters.OutSegs++
	if a.flags.Has(wire.RST) {
		e.Counters.OutRsts++
	}
	q.first = (q.first + 1) % len(q.ring)
	q.n--
	return n, &a.Path
}

// checksumLen is the length of a segment as the pseudo-header has it.
func checksumLen(n int) checksum.Sum { return checksum.Sum(n) }
