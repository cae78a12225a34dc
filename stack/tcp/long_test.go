package tcp_test

import (
	"errors"
	"testing"

	"github.com/netdev-go/netdev"
	"github.com/netdev-go/netdev/internal/gso"
	"github.com/netdev-go/netdev/stack/tcp"
	"github.com/netdev-go/netdev/wire/ethernet"
	"github.com/netdev-go/netdev/wire/ipv4"
	wire "github.com/netdev-go/netdev/wire/tcp"
)

// cut returns the pieces of a long segment, as a device makes them.
func cut(b []byte, mss int, p *tcp.Path) (pieces []wire.Segment, err error) {
	const before = ethernet.HeaderLen + ipv4.HeaderLen
	frame := make([]byte, before+len(b))
	frame[12] = byte(ethernet.TypeIPv4 >> 8)
	ip := ipv4.Header{TotalLen: ipv4.HeaderLen + len(b), TTL: 64, Protocol: wire.Protocol, Src: p.Local.Addr(), Dst: p.Remote.Addr()}
	ip.Emit(frame[ethernet.HeaderLen:])
	copy(frame[before:], b)
	if !wire.Segment(b).ChecksumOK(ip.Src, ip.Dst) {
		return nil, errors.New("wrong checksum")
	}
	c, err := gso.Cut(frame, mss)
	if err != nil {
		return nil, err
	}
	for {
		piece := make([]byte, c.Size())
		n := c.Next(piece)
		if n == 0 {
			return pieces, nil
		}
		pieces = append(pieces, wire.Segment(piece[before:n]))
	}
}

// seesWhole is open with long segments shown as they are.
func seesWhole(t *testing.T, options string) *script {
	t.Helper()
	s := established(t, tcp.Config{}, tcp.Options{}, options, 100*ms)
	s.whole = true
	return s
}

func TestALongSegmentTakesWhatTheWindowsLet(t *testing.T) {
	s := seesWhole(t, plain)
	s.write(30000)
	s.out(". 1:10001 ack 1") // the initial window
	s.pass(100 * ms)
	s.in(". 1:1 ack 10001")
	s.out(". 10001:28001 ack 1")
	if n := s.e.Counters.OutSegs; n != 29 {
		t.Errorf("%d segments counted, the SYN included", n)
	}
	s.pass(100 * ms)
	s.in(". 1:1 ack 28001")
	s.out(". 28001:30001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 30001 win 3300")
	s.write(10000)
	s.out(". 30001:33001 ack 1") // and a piece of 300 bytes would be silly
}

// What is below the MSS waits where Nagle's algorithm has it wait, and goes along where
// it does not.
func TestTheEndOfALongSegmentKeepsToNagle(t *testing.T) {
	s := seesWhole(t, plain)
	s.write(2500)
	s.out(". 1:2501 ack 1")
	s.write(2500)
	s.out(". 2501:4501 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 2501")
	s.out(". 4501:5001 ack 1")
	s.closeWrite()
	s.out("F. 5001:5001 ack 1")
}

func TestALongSegmentMayBearAFIN(t *testing.T) {
	s := seesWhole(t, plain)
	s.in(". 1:1 ack 1 win 0")
	s.write(3000)
	s.closeWrite()
	before := s.e.Counters.OutSegs
	s.in(". 1:1 ack 1 win 8000")
	s.out("FP. 1:3001 ack 1")
	if n := s.e.Counters.OutSegs - before; n != 3 {
		t.Errorf("%d segments counted", n)
	}
	s.in(". 1:1 ack 3002")
	s.state(tcp.StateFinWait2)
}

// However it was written, what is lost is lost in pieces.
func TestOnlyTheMissingPiecesGoAgain(t *testing.T) {
	s := seesWhole(t, sacked)
	s.write(10000)
	s.out(". 1:10001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 2001 <sack 3001:5001>")
	s.in(". 1:1 ack 2001 <sack 6001:7501 3001:5001>") // the end of it inside a piece
	s.out(". 2001:3001 ack 1")
	s.in(". 1:1 ack 2001 <sack 6001:10001 3001:5001>")
	s.out(". 5001:6001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 10001")
	if n := s.e.Counters.RetransSegs; n != 2 {
		t.Errorf("%d segments sent again", n)
	}
}

func TestATimeoutSendsOnePiece(t *testing.T) {
	s := seesWhole(t, plain)
	s.write(10000)
	s.out(". 1:10001 ack 1")
	s.after(300*ms, ". 1:1001 ack 1")
	s.in(". 1:1 ack 1001")
	s.out(". 1001:2001 ack 1", ". 2001:3001 ack 1")
}

func TestATailLossProbeIsOnePiece(t *testing.T) {
	s := seesWhole(t, sacked)
	s.write(10000)
	s.out(". 1:10001 ack 1")
	s.after(200*ms, ". 9001:10001 ack 1")
}

// Without SACK too a duplicate ACK stands for a piece.
func TestDuplicateACKsCountPieces(t *testing.T) {
	s := seesWhole(t, plain)
	s.write(10000)
	s.out(". 1:10001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 1")
	s.in(". 1:1 ack 1")
	s.in(". 1:1 ack 1")
	s.out(". 1:1001 ack 1")
}

func TestWhatMayBeFragmentedIsNotLong(t *testing.T) {
	s := seesWhole(t, plain)
	s.write(1000)
	s.out(". 1:1001 ack 1")
	s.e.Unreachable(s.now, s.local, s.remote, uint32(s.iss.Add(1)), netdev.ErrMessageTooLong, false, 300)
	s.pump()
	s.sent = nil
	s.in(". 1:1 ack 1001")
	before := s.longs
	s.write(5000)
	if s.pump(); s.longs != before || len(s.sent) < 2 {
		t.Errorf("%d long segments, %d others", s.longs-before, len(s.sent))
	}
	s.sent = nil
}

// A receiver counts the segments that it was sent, not those that it was handed.
func TestALongSegmentIsAcknowledgedAtOnce(t *testing.T) {
	s := open(t)
	s.warm()
	s.in(". 1:2001 ack 1")
	s.out(". 1:1 ack 2001")
	s.in(". 2001:32001 ack 1")
	s.out(". 1:1 ack 32001")
	s.reads(32000)
	s.pump()
	s.sent = nil
	s.pass0(100 * ms)
	// The full segments after it are what full ones were.
	s.in(". 32001:33461 ack 1")
	s.in(". 33461:34921 ack 1")
	s.out(". 1:1 ack 34921")
}

// A peer without SACK counts duplicate ACKs, and one with it D-SACKs: they must not be
// merged by an owner that takes several segments before it asks for any.
func TestACKsThatCountForThemselvesAreOwed(t *testing.T) {
	for _, c := range []struct {
		options, in, out string
		owed             bool
	}{
		{plain, ". 1001:2001 ack 1", ". 1:1 ack 1", true},
		{sacked, ". 1001:2001 ack 1", ". 1:1 ack 1 <sack 1001:2001>", false},
		{plain, ". 1:1001 ack 1", ". 1:1 ack 1001", false},
	} {
		s := established(t, tcp.Config{}, tcp.Options{}, c.options, 100*ms)
		s.settled()
		s.e.Input(s.now, s.remote.Addr(), s.local.Addr(), s.emit(c.in))
		if s.e.Owes() != c.owed {
			t.Errorf("%s from a peer with %s: owed %v", c.in, c.options, !c.owed)
		}
		s.out(c.out)
		if s.e.Owes() {
			t.Error("still owed")
		}
	}
	s := established(t, tcp.Config{}, tcp.Options{}, sacked, 100*ms)
	s.in(". 1:1001 ack 1")
	s.out(". 1:1 ack 1001")
	s.e.Input(s.now, s.remote.Addr(), s.local.Addr(), s.emit(". 1:1001 ack 1"))
	if !s.e.Owes() {
		t.Error("a D-SACK is not owed")
	}
	s.out(". 1:1 ack 1001 <sack 1:1001>")
}
