package flight

import (
	"testing"
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

const (
	seg    = 100
	rtt    = 40 * ms
	minRTT = 40 * ms
)

// A conversation is a Flight with segments of 100 bytes that begin at 0. Times
// are counted from origin.
type conversation struct {
	*testing.T
	Flight
	opts Options
}

const origin = time.Second

func converse(t *testing.T) *conversation {
	c := &conversation{T: t}
	c.opts.MinRTT = minRTT
	return c
}

// send sends n segments at a time.
func (c *conversation) send(at time.Duration, n int) {
	c.Helper()
	for range n {
		c.Sent(origin+at, c.Nxt(), seg)
	}
	check(c, &c.Flight)
}

// ack acknowledges up to segment n, with SACKs of ranges of segments.
func (c *conversation) ack(at time.Duration, n int, sacks ...int) Result {
	c.Helper()
	var edges []wire.Seq
	for _, s := range sacks {
		edges = append(edges, wire.Seq(s*seg))
	}
	r := c.Ack(origin+at, wire.Seq(n*seg), blocks(edges...), c.opts)
	check(c, &c.Flight)
	return r
}

// lost looks for losses and wants them to be these ranges of segments.
func (c *conversation) lost(at time.Duration, deadline time.Duration, ranges ...int) {
	c.Helper()
	n, again := c.DetectLoss(origin+at, rtt, minRTT)
	check(c, &c.Flight)
	want := 0
	for i := 0; i < len(ranges); i += 2 {
		want += (ranges[i+1] - ranges[i]) * seg
	}
	if deadline > 0 {
		deadline += origin
	}
	if n != want || again != deadline {
		c.Errorf("at %v: lost %d, again at %v; want %d, %v", at, n, again-origin, want, deadline-origin)
	}
	for i := 0; i < len(ranges); i += 2 {
		for s := ranges[i]; s < ranges[i+1]; s++ {
			if r := c.b.at(c.b.find(wire.Seq(s * seg))); r.flags&flagLost == 0 {
				c.Errorf("at %v: segment %d is not lost", at, s)
			}
		}
	}
}

// resend sends the first n lost segments again.
func (c *conversation) resend(at time.Duration, n int) {
	c.Helper()
	for range n {
		left, right, ok := c.Lost()
		if !ok {
			c.Errorf("at %v: nothing lost", at)
			return
		}
		c.Resent(origin+at, left, right)
	}
	check(c, &c.Flight)
}

func (c *conversation) wantPipe(segments int) {
	c.Helper()
	if c.Pipe() != segments*seg {
		c.Errorf("pipe is %d bytes, want %d segments", c.Pipe(), segments)
	}
}

func TestAckInOrderLosesNothing(t *testing.T) {
	c := converse(t)
	c.send(0, 10)
	for i := range 10 {
		r := c.ack(rtt, i+1)
		if r.Acked != seg || r.Delivered != seg || r.Sacked != 0 || r.RTT != rtt || r.Reordered || r.Recovered || r.Spurious {
			t.Errorf("%+v", r)
		}
		c.lost(rtt, 0)
		c.wantPipe(9 - i)
	}
	if !c.Empty() || c.OldestSent() != 0 {
		t.Error("not empty")
	}
}

// RFC 8985 §3.3.2: without reordering three SACKed segments are enough.
func TestThreeSACKedSegmentsAreEnoughWithoutReordering(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 9)
	c.ack(41*ms, 0, 1, 2)
	c.lost(41*ms, 1*ms+40*ms+minRTT/4)
	c.ack(41*ms, 0, 1, 3)
	c.lost(41*ms, 51*ms)
	if c.Recovering() {
		t.Error("recovering")
	}
	c.ack(41*ms, 0, 1, 4)
	c.lost(41*ms, 0, 0, 1)
	if !c.Recovering() || c.RecoveryPoint() != 10*seg {
		t.Errorf("recovering %v, to %d", c.Recovering(), c.RecoveryPoint())
	}
	c.wantPipe(6)
}

func TestSACKsOfARecoveryBeforeDoNotCount(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 9)
	c.ack(41*ms, 0, 1, 10)
	c.lost(41*ms, 0, 0, 1)
	c.resend(41*ms, 1)
	c.ack(81*ms, 10)
	c.send(100*ms, 1)
	c.send(101*ms, 5)
	c.ack(141*ms, 10, 11, 13)
	c.lost(141*ms, 151*ms)
}

func TestTimePassedIsEnoughForTwoSACKedSegments(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 2)
	c.ack(41*ms, 0, 1, 3)
	c.lost(41*ms, 51*ms)
	c.lost(49999*time.Microsecond, 51*ms)
	c.lost(51*ms, 0, 0, 1)
}

func TestReorderingTurnsTheThresholdIntoTime(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 1)
	c.ack(41*ms, 0, 1, 2)
	c.lost(41*ms, 51*ms)
	if r := c.ack(42*ms, 2); !r.Reordered {
		t.Error("not seen")
	}
	c.send(100*ms, 1)
	c.send(101*ms, 9)
	c.ack(141*ms, 2, 3, 10)
	c.lost(141*ms, 151*ms)
	c.lost(151*ms, 0, 2, 3)
}

// §3.4: what was sent again and lost again is found by what was sent after it.
func TestLostRetransmissionIsFound(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 5)
	c.ack(41*ms, 0, 1, 6)
	c.lost(41*ms, 0, 0, 1)
	c.resend(42*ms, 1)
	c.wantPipe(1)
	c.send(43*ms, 2)
	r := c.ack(83*ms, 0, 1, 7)
	if r.Sacked != seg || r.RTT != rtt {
		t.Errorf("%+v", r)
	}
	c.lost(83*ms, 0, 0, 1)
	c.resend(84*ms, 1)
	// The newest may have waited for it: that is no round trip.
	if r := c.ack(124*ms, 8); !r.Recovered || r.Spurious || r.RTT != 0 || r.OldestRTT != 0 {
		t.Errorf("%+v", r)
	}
}

func TestRetransmissionThatArrivesTooEarlyIsTheOriginal(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.send(1*ms, 5)
	c.ack(41*ms, 0, 1, 5)
	c.lost(41*ms, 0, 0, 1)
	c.resend(42*ms, 1)
	// 10 ms later, a quarter of the least round trip: segment 5 is still awaited.
	if r := c.ack(52*ms, 5); r.RTT != 0 || r.Rate.Interval != 0 {
		t.Errorf("%+v", r)
	}
	c.lost(52*ms, 0)
}

// §7: the last segments are lost, and the probe tells.
func TestProbeTurnsTailLossIntoRecovery(t *testing.T) {
	c := converse(t)
	c.send(0, 10)
	c.ack(40*ms, 5)
	if pto := c.PTO(rtt, 25*ms); pto != 2*rtt {
		t.Errorf("PTO %v", pto)
	}
	left, right := c.Last()
	if left != 9*seg || right != 10*seg {
		t.Fatalf("last is %d to %d", left, right)
	}
	c.Resent(origin+120*ms, left, right)
	c.Probed(true)
	if !c.Probing() {
		t.Error("not probing")
	}
	c.wantPipe(5)
	c.ack(160*ms, 5, 9, 10)
	c.lost(160*ms, 0, 5, 9) // 40 + 10 ms after 0
	if c.Probing() && c.is(stateTLP) {
		t.Error("the probe outlives the beginning of recovery")
	}
	c.resend(161*ms, 4)
	if r := c.ack(201*ms, 10); !r.Recovered || r.ProbeLost {
		t.Errorf("%+v", r)
	}
}

func TestPTOOfALoneSegmentWaitsForADelayedAck(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	if got := c.PTO(rtt, 25*ms); got != 105*ms {
		t.Errorf("%v", got)
	}
	if got := c.PTO(0, 25*ms); got != time.Second {
		t.Errorf("%v without an RTT", got)
	}
}

// §7.4.2, case by case.
func TestOutcomeOfAProbe(t *testing.T) {
	probe := func(t *testing.T) *conversation {
		c := converse(t)
		c.send(0, 3)
		c.ack(40*ms, 2)
		c.Resent(origin+120*ms, 2*seg, 3*seg)
		c.Probed(true)
		return c
	}
	t.Run("repaired a loss", func(t *testing.T) {
		c := probe(t)
		if r := c.ack(160*ms, 3); r.ProbeLost || !c.Probing() {
			t.Errorf("too early to tell: %+v", r)
		}
		c.send(170*ms, 1)
		if r := c.ack(210*ms, 4); !r.ProbeLost || c.Probing() {
			t.Errorf("%+v, probing %v", r, c.Probing())
		}
	})
	t.Run("came twice, D-SACK", func(t *testing.T) {
		c := probe(t)
		c.ack(130*ms, 3)
		if r := c.ack(160*ms, 3, 2, 3); !r.DSACK || r.ProbeLost || c.is(stateTLP) {
			t.Errorf("%+v", r)
		}
		c.send(170*ms, 1)
		if r := c.ack(210*ms, 4); r.ProbeLost {
			t.Errorf("%+v", r)
		}
	})
	t.Run("came twice, duplicate ACK", func(t *testing.T) {
		c := probe(t)
		c.ack(130*ms, 3)
		if r := c.ack(160*ms, 3); r.ProbeLost || c.is(stateTLP) {
			t.Errorf("%+v", r)
		}
	})
	t.Run("new data", func(t *testing.T) {
		c := converse(t)
		c.send(0, 3)
		c.send(120*ms, 1)
		c.Probed(false)
		if r := c.ack(160*ms, 4); r.ProbeLost || c.Probing() {
			t.Errorf("%+v, probing %v", r, c.Probing())
		}
	})
	t.Run("not yet", func(t *testing.T) {
		c := converse(t)
		c.send(0, 3)
		c.send(120*ms, 1)
		c.Probed(false)
		c.ack(130*ms, 2)
		c.ack(131*ms, 2)
		if !c.is(stateTLP) {
			t.Error("answered by an ACK of what was before it")
		}
	})
	t.Run("no RTT since", func(t *testing.T) {
		c := converse(t)
		c.send(0, 1)
		c.Resent(origin+120*ms, 0, seg)
		c.Probed(true)
		c.ack(160*ms, 1)
		c.ack(161*ms, 1)
		if c.is(stateTLP) || !c.Probing() {
			t.Error("another probe may go without an RTT sample")
		}
		c.send(170*ms, 1)
		c.ack(210*ms, 2)
		if c.Probing() {
			t.Error("no probe may go after an RTT sample")
		}
	})
}

// §6.3.
func TestTimeoutLosesTheFirstAndWhatIsDue(t *testing.T) {
	c := converse(t)
	c.send(0, 1)
	c.ack(40*ms, 1) // RACK.rtt is 40 ms
	c.send(50*ms, 2)
	c.send(220*ms, 2)
	if n := c.Timeout(origin + 250*ms); n != 2*seg {
		t.Errorf("lost %d", n)
	}
	check(t, &c.Flight)
	c.wantPipe(2)
	if !c.Recovering() || c.RecoveryPoint() != 5*seg {
		t.Errorf("recovering %v, to %d", c.Recovering(), c.RecoveryPoint())
	}
	c.resend(250*ms, 1)
	if n := c.Timeout(origin + 750*ms); n != 3*seg {
		t.Errorf("the second lost %d more", n)
	}
	check(t, &c.Flight)
	c.wantPipe(0)
}

func TestTimeoutLosesWhatAPeerReneges(t *testing.T) {
	c := converse(t)
	c.send(0, 6)
	c.ack(40*ms, 0, 1, 4)
	c.lost(40*ms, 0, 0, 1)
	c.resend(41*ms, 1)
	c.ack(81*ms, 1) // and not 4
	if n := c.Timeout(origin + 500*ms); n != 5*seg || c.Sacked() != 0 {
		t.Errorf("lost %d, SACKed %d", n, c.Sacked())
	}
	check(t, &c.Flight)
	if left, _, _ := c.Lost(); left != seg {
		t.Errorf("first lost is %d", left)
	}
	c.ack(501*ms, 1, 2, 4)
	if c.Sacked() != 2*seg {
		t.Errorf("SACKed %d", c.Sacked())
	}
}

func TestLastIsNotSACKed(t *testing.T) {
	c := converse(t)
	if l, r := c.Last(); l != r {
		t.Errorf("%d to %d of nothing", l, r)
	}
	c.send(0, 4)
	c.ack(40*ms, 0, 2, 4)
	if l, r := c.Last(); l != seg || r != 2*seg {
		t.Errorf("%d to %d", l, r)
	}
	c.ack(40*ms, 0, 0, 4)
	if l, r := c.Last(); l != r {
		t.Errorf("%d to %d though all is SACKed", l, r)
	}
}

func TestDataSentMustNotLeaveAGap(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	var f Flight
	f.Sent(1, 0, 10)
	f.Sent(1, 11, 10)
}

func TestSACKedDataIsNotSentAgain(t *testing.T) {
	c := converse(t)
	c.send(0, 10)
	c.ack(40*ms, 0, 2, 4, 6, 9)
	c.lost(40*ms, 0, 0, 2, 4, 6)
	c.Resent(origin+41*ms, 50, 850)
	check(t, &c.Flight)
	if c.LostBytes() != 50 || c.Sacked() != 5*seg {
		t.Errorf("lost %d, SACKed %d", c.LostBytes(), c.Sacked())
	}
	c.Resent(origin+42*ms, 2*seg, 4*seg)
	check(t, &c.Flight)
	if left, right, ok := c.Lost(); !ok || left != 0 || right != 50 {
		t.Errorf("lost %d to %d", left, right)
	}
	c.Resent(origin+42*ms, 0, 0)
	c.Resent(origin+42*ms, 20*seg, 30*seg)
	if c.Pipe() != 450 {
		t.Errorf("pipe %d", c.Pipe())
	}
}

// On a clock that stands still all is as old as what arrived last.
func TestRetransmissionIsNotLostTheMomentItIsSent(t *testing.T) {
	c := converse(t)
	c.opts.MinRTT = 1
	c.send(0, 10)
	c.ack(0, 0, 2, 6)
	if n, _ := c.DetectLoss(origin, 1, 1); n != 2*seg {
		t.Fatalf("lost %d", n)
	}
	c.resend(0, 2)
	for i := range 4 {
		c.ack(0, 0, 2, 7+i)
		if n, again := c.DetectLoss(origin, 1, 1); n != 0 || again != origin+tiePatience {
			t.Errorf("lost %d, again at %v", n, again)
		}
	}
	c.send(1, 1)
	c.ack(2, 0, 2, 11)
	if n, _ := c.DetectLoss(origin+2, 1, 1); n != 2*seg {
		t.Errorf("what was sent later arrived, but %d are lost", n)
	}
	c.resend(2, 2)
	c.ack(2, 0, 2, 11)
	if n, _ := c.DetectLoss(origin+2+tiePatience, 1, 1); n != 0 {
		t.Errorf("lost %d although nothing of its time has arrived", n)
	}
}
