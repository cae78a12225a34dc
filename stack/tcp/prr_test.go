package tcp

import "testing"

// RFC 6937 §5's first example: of 20 segments the first is lost, and ten go out while
// the ACKs of the other nineteen come in.
func TestPRRPacesTheReduction(t *testing.T) {
	var p prr
	p.start(20)
	sent, pipe := 0, 19
	for range 19 {
		pipe--
		p.acked(1, pipe, 10, 1, false, false)
		for pipe < int(p.congestion) {
			pipe++
			sent++
			p.sent(1)
		}
	}
	if sent != 10 || pipe != 10 {
		t.Errorf("%d sent, %d in flight, want 10 and 10", sent, pipe)
	}
}

// After a burst of losses the pipe is refilled no faster than data is delivered, plus
// one segment where that is safe.
func TestPRRDoesNotRefillInABurst(t *testing.T) {
	var p prr
	p.start(20)
	p.acked(1, 4, 10, 1, false, false)
	if got := int(p.congestion) - 4; got != 1 {
		t.Errorf("%d may go out for one delivered, while more is found lost", got)
	}
	p.sent(1)
	p.acked(1, 4, 10, 1, true, false)
	if got := int(p.congestion) - 4; got != 2 {
		t.Errorf("%d may go out for one delivered and progress, want 2", got)
	}
}
