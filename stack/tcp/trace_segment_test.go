package tcp_test

import (
	"fmt"
	"strconv"
	"strings"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// A line is a segment as a trace has it:
//
//	FLAGS SEQ:END [ack N] [win N] [urg N] [<option,…>]
//
// FLAGS are of S F R P U and . for ACK. Numbers are relative to the initial sequence
// numbers; END - SEQ is the length of the data. Windows are as the field has them.
// Options are mss N, wscale N, sackOK, sack L:R L:R…, ts VAL ECR and nothing else.
// In what is expected, * stands for any number.
type line struct {
	flags    wire.Flags
	seq, end string
	ack      string
	win      string
	urg      string
	listed   bool // that there was a list of options, if only an empty one
	mss      string
	wscale   string
	sackOK   bool
	ts       []string
	sack     []string
}

var flagNames = []struct {
	char byte
	flag wire.Flags
}{{'S', wire.SYN}, {'F', wire.FIN}, {'R', wire.RST}, {'P', wire.PSH}, {'U', wire.URG}, {'.', wire.ACK}}

func parseLine(text string) (l line) {
	head, options, listed := strings.Cut(text, "<")
	fields := strings.Fields(head)
	if len(fields) < 2 {
		panic("trace: " + text)
	}
	for i := range len(fields[0]) {
		known := false
		for _, f := range flagNames {
			if f.char == fields[0][i] {
				l.flags |= f.flag
				known = true
			}
		}
		if !known && fields[0] != "-" {
			panic("trace: flags of " + text)
		}
	}
	l.seq, l.end, _ = strings.Cut(fields[1], ":")
	for i := 2; i+1 < len(fields); i += 2 {
		switch fields[i] {
		case "ack":
			l.ack = fields[i+1]
		case "win":
			l.win = fields[i+1]
		case "urg":
			l.urg = fields[i+1]
		default:
			panic("trace: " + text)
		}
	}
	if l.listed = listed; !listed {
		return l
	}
	for _, o := range strings.Split(strings.TrimSuffix(options, ">"), ",") {
		f := strings.Fields(o)
		switch {
		case len(f) == 0:
		case f[0] == "mss":
			l.mss = f[1]
		case f[0] == "wscale":
			l.wscale = f[1]
		case f[0] == "sackOK":
			l.sackOK = true
		case f[0] == "ts":
			l.ts = f[1:3]
		case f[0] == "sack":
			l.sack = f[1:]
		default:
			panic("trace: options of " + text)
		}
	}
	return l
}

func number(s string) int { return int(wide(s)) }

func wide(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic("trace: number " + s)
	}
	return n
}

// header returns the header that l stands for, and the length of its data.
func (l *line) header(seqBase, ackBase wire.Seq, ecr uint32) (h wire.Header, data int) {
	h.Flags = l.flags
	h.Seq = seqBase.Add(number(l.seq))
	data = number(l.end) - number(l.seq)
	if l.ack != "" {
		h.Ack = ackBase.Add(number(l.ack))
	}
	h.Window = 65535
	if l.win != "" {
		h.Window = uint16(number(l.win))
	}
	if l.urg != "" {
		h.UrgentPointer = uint16(number(l.urg))
	}
	o := &h.Options
	if l.mss != "" {
		o.Has |= wire.HasMSS
		o.MSS = uint16(number(l.mss))
	}
	if l.wscale != "" {
		o.Has |= wire.HasWindowScale
		o.WindowScale = uint8(number(l.wscale))
	}
	if l.sackOK {
		o.Has |= wire.HasSACKPermitted
	}
	if l.ts != nil {
		o.Has |= wire.HasTimestamps
		o.TSVal = uint32(wide(l.ts[0]))
		if o.TSEcr = ecr; l.ts[1] != "*" {
			o.TSEcr = uint32(wide(l.ts[1]))
		}
	}
	for _, b := range l.sack {
		left, right, _ := strings.Cut(b, ":")
		o.AddSACK(wire.SACKBlock{Left: ackBase.Add(number(left)), Right: ackBase.Add(number(right))})
	}
	return h, data
}

// format returns the line for a segment that was sent.
func format(h *wire.Header, data int, seqBase, ackBase wire.Seq) string {
	var b strings.Builder
	for _, f := range flagNames {
		if h.Flags.Has(f.flag) {
			b.WriteByte(f.char)
		}
	}
	if h.Flags == 0 {
		b.WriteByte('-')
	}
	seq := h.Seq.Diff(seqBase)
	fmt.Fprintf(&b, " %d:%d", seq, seq+data)
	if h.Flags.Has(wire.ACK) {
		fmt.Fprintf(&b, " ack %d", h.Ack.Diff(ackBase))
	}
	fmt.Fprintf(&b, " win %d", h.Window)
	var options []string
	o := &h.Options
	if o.Has&wire.HasMSS != 0 {
		options = append(options, fmt.Sprint("mss ", o.MSS))
	}
	if o.Has&wire.HasSACKPermitted != 0 {
		options = append(options, "sackOK")
	}
	if o.Has&wire.HasTimestamps != 0 {
		options = append(options, fmt.Sprint("ts ", o.TSVal, " ", o.TSEcr))
	}
	if o.Has&wire.HasWindowScale != 0 {
		options = append(options, fmt.Sprint("wscale ", o.WindowScale))
	}
	if o.Has&wire.HasSACK != 0 {
		text := "sack"
		for _, block := range o.Blocks() {
			text += fmt.Sprint(" ", block.Left.Diff(ackBase), ":", block.Right.Diff(ackBase))
		}
		options = append(options, text)
	}
	if options != nil {
		fmt.Fprintf(&b, " <%s>", strings.Join(options, ","))
	}
	return b.String()
}

// matches reports whether a segment that was sent is what l says. What l is silent
// about is the acknowledgement of a segment without ACK, the window, PSH, and the
// timestamps; without a list of options those of a SYN, but never SACK blocks.
func (l *line) matches(sent string) bool {
	s := parseLine(sent)
	if (l.flags^s.flags)&^wire.PSH != 0 || l.flags.Has(wire.PSH) && !s.flags.Has(wire.PSH) {
		return false
	}
	is := func(want, got string) bool { return want == got || want == "*" && got != "" }
	if !is(l.seq, s.seq) || l.end != "*" && l.seq != "*" && l.end != s.end || !is(l.ack, s.ack) {
		return false
	}
	if l.win != "" && !is(l.win, s.win) {
		return false
	}
	if l.ts != nil && (s.ts == nil || !is(l.ts[0], s.ts[0]) || !is(l.ts[1], s.ts[1])) {
		return false
	}
	if strings.Join(l.sack, " ") != strings.Join(s.sack, " ") {
		return false
	}
	return !l.listed || is(l.mss, s.mss) && is(l.wscale, s.wscale) && l.sackOK == s.sackOK &&
		(l.ts != nil) == (s.ts != nil)
}
