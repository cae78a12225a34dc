package tcp_test

import (
	"slices"
	"testing"
	"time"

	"github.com/netdev-go/netdev/stack/tcp"
)

// lossy returns a connection with a peer whose SYN had these options, with ten
// segments of 1000 bytes under way since 100 ms, and more bytes that wait.
func lossy(t *testing.T, options string, more int) *script {
	t.Helper()
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, options, 100*ms)
	s.write(10000 + more)
	s.outs(1, 10001)
	s.pass(100 * ms)
	return s
}

// RFC 6298: SRTT 100 ms and RTTVAR 50 ms make 300 ms, twice that each time (§5.5).
func TestRetransmissionTimeoutBacksOff(t *testing.T) {
	s := open(t)
	s.write(100)
	s.out(". 1:101 ack 1")
	for d := 300 * ms; d < 100*time.Second; d *= 2 {
		s.after(d, ". 1:101 ack 1")
	}
	s.after(120*time.Second, ". 1:101 ack 1") // Config.MaxRTO
	s.after(120*time.Second, ". 1:101 ack 1")
	if n := s.e.Counters.Timeouts; n != 11 || s.e.Counters.RetransSegs != n {
		t.Errorf("%d timeouts, %d segments sent again, want 11", n, s.e.Counters.RetransSegs)
	}
}

func TestRetransmissionTimeoutHasALowerBound(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{}, plain, ms)
	s.write(100)
	s.out(". 1:101 ack 1")
	s.after(200*ms, ". 1:101 ack 1")
}

// RFC 6298 §3, Karn: whether the first or the second is acknowledged cannot be known.
func TestNoRTTSampleFromWhatWasSentTwice(t *testing.T) {
	s := open(t)
	s.write(100)
	s.out(". 1:101 ack 1")
	s.after(300*ms, ". 1:101 ack 1")
	s.pass(20 * ms)
	s.in(". 1:1 ack 101")
	if i := s.c.Info(); i.RTT != 100*ms {
		t.Errorf("RTT = %v after an ambiguous ACK", i.RTT)
	}
	s.write(100)
	s.out(". 101:201 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 201")
	s.write(100)
	s.out(". 201:301 ack 1")
	// A new sample ends the back-off: 100 + 4 × 37.5 ms, or 200 ms above SRTT.
	s.pass(249 * ms)
	s.until(52*ms, ". 201:301 ack 1")
}

// RFC 5681 §3.1: one segment after a timeout, and slow start from there.
func TestWindowAfterATimeout(t *testing.T) {
	s := lossy(t, plain, 0)
	s.after(200*ms, ". 1:1001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 1001")
	s.out(". 1001:2001 ack 1", ". 2001:3001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 3001")
	s.outs(3001, 7001)
	if i := s.c.Info(); i.Threshold != 5000 {
		t.Errorf("the threshold is %d with 10000 in flight at the timeout", i.Threshold)
	}
	s.in(". 1:1 ack 10001")
	s.pass(time.Hour)
}

// RFC 3042, and RFC 5681 §3.2: the third duplicate.
func TestFastRetransmitWithoutSACK(t *testing.T) {
	s := lossy(t, plain, 10000)
	s.in(". 1:1 ack 1")
	s.out(". 10001:11001 ack 1")
	s.in(". 1:1 ack 1")
	s.out(". 11001:12001 ack 1")
	s.in(". 1:1 ack 1")
	s.out(". 1:1001 ack 1")
	if i := s.c.Info(); i.Threshold != 5000 && i.Threshold != 6000 {
		t.Errorf("the threshold is %d", i.Threshold)
	}
	for range 6 { // the rest of the flight
		s.in(". 1:1 ack 1")
		s.sent = nil
	}
	s.in(". 1:1 ack 12001")
	if i := s.c.Info(); i.Window > 6000+1000 {
		t.Errorf("a window of %d after recovery", i.Window)
	}
	if s.e.Counters.FastRecovery != 1 || s.e.Counters.Timeouts != 0 {
		t.Errorf("%d episodes, %d timeouts", s.e.Counters.FastRecovery, s.e.Counters.Timeouts)
	}
	s.sent = nil
}

// RFC 6582 §3.2, step 3: a partial ACK is another loss.
func TestPartialACKRetransmitsTheNextHole(t *testing.T) {
	s := lossy(t, plain, 0)
	for range 3 {
		s.in(". 1:1 ack 1")
	}
	s.out(". 1:1001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 4001")
	s.out(". 4001:5001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 10001")
	s.pass(time.Hour)
	if s.e.Counters.FastRecovery != 1 || s.e.Counters.Timeouts != 0 {
		t.Errorf("%d episodes, %d timeouts", s.e.Counters.FastRecovery, s.e.Counters.Timeouts)
	}
}

// A window update and an ACK that carries data are no duplicates (RFC 5681 §2).
func TestWhatIsNoDuplicateACK(t *testing.T) {
	s := lossy(t, plain, 0)
	for i := range 5 {
		s.in(text(". 1:1 ack 1 win %d", 60000-1000*i))
	}
	s.in(". 1:101 ack 1 win 50000")
	s.in2(". 101:1201 ack 1 win 50000", "ack 1201")
	s.in2(". 1201:2301 ack 1 win 50000", "ack 2301")
	if n := s.e.Counters.RetransSegs; n != 0 {
		t.Errorf("%d segments sent again", n)
	}
}

// RFC 8985 §6.2: with three segments SACKed the reordering window is closed.
func TestFastRetransmitWithSACK(t *testing.T) {
	s := lossy(t, sacked, 0)
	s.in(". 1:1 ack 1 <sack 1001:2001>")
	s.in(". 1:1 ack 1 <sack 1001:3001>")
	s.in(". 1:1 ack 1 <sack 1001:4001>")
	s.out(". 1:1001 ack 1")
	for at := 5001; at <= 10001; at += 1000 {
		s.in(text(". 1:1 ack 1 <sack 1001:%d>", at))
	}
	s.pass(50 * ms)
	s.in(". 1:1 ack 10001")
	if i := s.c.Info(); i.Window != 5000 {
		t.Errorf("a window of %d after a loss among 10 segments", i.Window)
	}
	s.pass(time.Hour)
}

// RFC 6675: all holes below the SACKed data, each once, in order.
func TestSeveralHolesAreFilled(t *testing.T) {
	s := lossy(t, sacked, 0)
	holes := []int{}
	note := func() {
		for _, seg := range s.sent {
			holes = append(holes, seg.h.Seq.Diff(s.iss))
		}
		s.sent = nil
	}
	for _, blocks := range []string{
		"1001:2001",
		"3001:4001 1001:2001",
		"5001:6001 3001:4001 1001:2001",
		"7001:8001 5001:6001 3001:4001 1001:2001",
		"9001:10001 7001:8001 5001:6001 3001:4001",
	} {
		s.in(". 1:1 ack 1 <sack " + blocks + ">")
		note()
	}
	for _, ack := range []int{2001, 4001, 6001, 8001, 10001} {
		s.now += 20 * ms
		s.in(text(". 1:1 ack %d", ack))
		note()
	}
	if want := []int{1, 2001, 4001, 6001, 8001}; !slices.Equal(holes, want) || s.e.Counters.Timeouts != 0 {
		t.Errorf("sent again %v with %d timeouts, want %v", holes, s.e.Counters.Timeouts, want)
	}
}

// RFC 8985 §6.2: a quarter of the least RTT.
func TestReorderingIsTolerated(t *testing.T) {
	s := lossy(t, sacked, 0)
	s.in(". 1:1 ack 1 <sack 1001:2001>")
	s.pass(20 * ms)
	s.in(". 1:1 ack 2001")
	s.pass(0)
	s.in(". 1:1 ack 2001 <sack 3001:4001>")
	s.pass(10 * ms)
	s.in(". 1:1 ack 10001")
	s.pass(time.Hour)
	if s.e.Counters.RetransSegs != 0 || s.c.Info().Window < 10000 {
		t.Errorf("%d sent again, a window of %d", s.e.Counters.RetransSegs, s.c.Info().Window)
	}
}

func TestLossIsFoundWhenTheReorderingWindowIsOver(t *testing.T) {
	s := lossy(t, sacked, 0)
	s.in(". 1:1 ack 1 <sack 1001:2001>")
	s.after(25*ms, ". 1:1001 ack 1")
	s.in(". 1:1 ack 10001")
	s.pass(time.Hour)
}

// RFC 8985 §6.2, step 3, and §3.2: what was sent again is lost where something that
// was sent later has arrived.
func TestLostRetransmissionIsFoundWithoutATimeout(t *testing.T) {
	s := lossy(t, sacked, 20000)
	s.in(". 1:1 ack 1 <sack 1001:4001>")
	s.pump()
	found := false
	for _, seg := range s.sent {
		found = found || seg.h.Seq.Diff(s.iss) == 1
	}
	if !found {
		t.Fatalf("sent %v, not the first segment again", s.sent)
	}
	s.sent = nil
	s.now += 10 * ms
	s.in(". 1:1 ack 1 <sack 1001:10001>")
	s.pump()
	if len(s.sent) == 0 {
		t.Fatal("nothing new was sent in recovery")
	}
	last := s.sent[len(s.sent)-1]
	right := last.h.Seq.Diff(s.iss) + last.data
	s.sent = nil
	s.pass0(100 * ms)
	retrans := s.e.Counters.RetransSegs
	s.in(text(". 1:1 ack 1 <sack 1001:%d>", right))
	s.until(30*ms, ". 1:1001 ack 1")
	if s.e.Counters.Timeouts != 0 || s.e.Counters.RetransSegs != retrans+1 {
		t.Errorf("%d timeouts, %d sent again", s.e.Counters.Timeouts, s.e.Counters.RetransSegs)
	}
	s.sent = nil
}

// RFC 8985 §7.2: after two round trips the last segment goes out again.
func TestTailLossProbe(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, sacked, 100*ms)
	s.write(2000)
	s.outs(1, 2001)
	s.after(200*ms, ". 1001:2001 ack 1")
	if s.e.Counters.LossProbes != 1 || s.e.Counters.Timeouts != 0 {
		t.Errorf("%d probes, %d timeouts", s.e.Counters.LossProbes, s.e.Counters.Timeouts)
	}
	s.after(300*ms, ". 1:1001 ack 1") // §7.3: then the RTO, which begins anew
	if s.e.Counters.Timeouts != 1 {
		t.Errorf("%d timeouts", s.e.Counters.Timeouts)
	}
}

func TestTailLossProbePrefersNewData(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, sacked, 100*ms)
	s.write(20000)
	s.outs(1, 10001)
	s.after(200*ms, ". 10001:11001 ack 1")
}

// The ACK of the probe shows the hole before it.
func TestTailLossProbeFindsTheLoss(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, sacked, 100*ms)
	s.write(3000)
	s.outs(1, 3001)
	s.after(200*ms, ". 2001:3001 ack 1")
	s.pass(100 * ms)
	s.in(". 1:1 ack 1001 <sack 2001:3001>")
	s.until(30*ms, ". 1001:2001 ack 1")
	s.in(". 1:1 ack 3001")
	s.pass(time.Hour)
	if s.e.Counters.Timeouts != 0 {
		t.Errorf("%d timeouts", s.e.Counters.Timeouts)
	}
}

// RFC 8985 §7.4.2: a probe that repaired a loss is congestion, one that was not needed
// is not.
func TestTailLossProbeThatRepairedALossIsCongestion(t *testing.T) {
	for _, c := range []struct {
		ack     string
		reduced bool
	}{
		{". 1:1 ack 5001 win 65535", true},
		{". 1:1 ack 5001 <sack 4001:5001>", false}, // D-SACK: both copies came
	} {
		s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, sacked, 100*ms)
		s.write(5000)
		s.outs(1, 5001)
		s.after(200*ms, ". 4001:5001 ack 1")
		s.pass(100 * ms)
		s.in(c.ack)
		s.write(1000)
		s.out(". 5001:6001 ack 1")
		s.pass(100 * ms)
		s.in(". 1:1 ack 6001")
		if w := s.c.Info().Window; w < 10000 != c.reduced {
			t.Errorf("a window of %d after %s", w, c.ack)
		}
	}
}

// RFC 6937: as data arrives, half as much goes out, never a burst, and the window is
// the threshold when recovery is over.
func TestProportionalRateReduction(t *testing.T) {
	s := lossy(t, sacked, 30000)
	sent := 0
	for i := 2; i <= 10; i++ {
		s.in(text(". 1:1 ack 1 <sack 1001:%d>", i*1000+1))
		if len(s.sent) > 2 {
			t.Fatalf("a burst of %d segments at the SACK of segment %d", len(s.sent), i)
		}
		sent += len(s.sent)
		s.sent = nil
		s.now += ms
	}
	// 9 were delivered: half of that, the retransmission and what limited transmit
	// let go before included.
	if sent < 4 || sent > 7 {
		t.Errorf("%d segments were sent while 9 were delivered", sent)
	}
	s.pass0(90 * ms)
	s.in(". 1:1 ack 10001")
	if i := s.c.Info(); i.Threshold != 5000 || i.Window > 6000 {
		t.Errorf("threshold %d, window %d", i.Threshold, i.Window)
	}
	s.sent = nil
}

// RFC 2018 §8: after a timeout SACKed data may have been dropped by the receiver.
func TestTimeoutForgetsWhatARenegingReceiverSaid(t *testing.T) {
	s := lossy(t, sacked, 0)
	s.in(". 1:1 ack 1 <sack 9001:10001>")
	for range 100 {
		s.pass0(200 * ms)
		if s.e.Counters.Timeouts > 0 {
			break
		}
	}
	// The receiver has dropped it: it acknowledges up to 9001, and never more.
	s.in(". 1:1 ack 9001")
	s.sent = nil
	s.until(10*time.Second, ". 9001:10001 ack 1")
	s.in(". 1:1 ack 10001")
}

func TestSACKOfNothingUnderWayIsIgnored(t *testing.T) {
	s := lossy(t, sacked, 0)
	for range 4 {
		s.in(". 1:1 ack 1 <sack 20001:30001 5:5 4001:2001 -5000:-4000>")
	}
	s.pass(0)
	if s.e.Counters.RetransSegs != 0 {
		t.Errorf("%d sent again", s.e.Counters.RetransSegs)
	}
	s.in(". 1:1 ack 10001")
}

// RFC 3522, RFC 4015: the echo shows that the first transmission had arrived.
func TestSpuriousTimeoutIsUndone(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, "<mss 1000,ts 1 0>", 100*ms)
	s.write(9880)
	for i := range 10 {
		s.out(text(". %d:%d ack 1", 1+988*i, 989+988*i))
	}
	first, window := s.tsVal, s.c.Info().Window
	s.after(300*ms, ". 1:989 ack 1")
	if w := s.c.Info().Window; w > 1000 {
		t.Errorf("a window of %d after a timeout", w)
	}
	s.pass(10 * ms)
	s.in(text(". 1:1 ack 989 <ts %d %d>", s.clock(), first))
	s.sent = nil
	if w := s.c.Info().Window; w < window {
		t.Errorf("a window of %d after a timeout that was spurious, %d before", w, window)
	}
	if s.e.Counters.SpuriousRecovery != 1 {
		t.Errorf("SpuriousRecovery = %d", s.e.Counters.SpuriousRecovery)
	}
	s.in(text(". 1:1 ack 9881 <ts %d %d>", s.clock(), first))
	s.sent = nil
	s.pass(time.Hour)
}

// RFC 3708: every retransmission of the episode came twice.
func TestRecoveryThatDSACKShowsSpuriousIsUndone(t *testing.T) {
	s := lossy(t, sacked, 0)
	s.in(". 1:1 ack 1 <sack 1001:4001>")
	s.until(30*ms, ". 1:1001 ack 1")
	s.in(". 1:1 ack 10001")
	s.in(". 1:1 ack 10001 <sack 1:1001>")
	if i := s.c.Info(); i.Window < 10000 {
		t.Errorf("a window of %d", i.Window)
	}
	if s.e.Counters.DSACKRecv != 1 || s.e.Counters.SpuriousRecovery != 1 {
		t.Errorf("DSACKRecv %d, SpuriousRecovery %d", s.e.Counters.DSACKRecv, s.e.Counters.SpuriousRecovery)
	}
}

func TestRTTIsTakenFromTimestamps(t *testing.T) {
	s := established(t, tcp.Config{}, tcp.Options{NoDelay: true}, "<mss 1000,ts 1 0>", 100*ms)
	if rtt := s.c.Info().RTT; rtt < 99*ms || rtt > 101*ms {
		t.Fatalf("RTT = %v", rtt)
	}
	for i := range 100 {
		s.write(10)
		s.out(text(". %d:%d ack 1", 1+10*i, 11+10*i))
		s.pass(50 * ms)
		s.in(text(". 1:1 ack %d", 11+10*i))
	}
	if i := s.c.Info(); i.RTT < 49*ms || i.RTT > 51*ms || i.RTO < 200*ms || i.RTO > 255*ms || i.MinRTT < 49*ms || i.MinRTT > 51*ms {
		t.Errorf("RTT %v, RTO %v, MinRTT %v after 100 round trips of 50 ms", i.RTT, i.RTO, i.MinRTT)
	}
}

// RFC 6937 §3: with less in flight than the threshold, each acknowledgement that makes
// progress lets one segment more go out than it delivers, and nothing goes out in a burst.
func TestRecoveryFromHeavyLoss(t *testing.T) {
	s := lossy(t, sacked, 0)
	s.in(". 1:1 ack 1 <sack 7001:8001>")
	s.in(". 1:1 ack 1 <sack 7001:9001>")
	s.in(". 1:1 ack 1 <sack 7001:10001>")
	s.out(". 1:1001 ack 1")
	next := 1001
	if len(s.sent) > 0 {
		s.out(". 1001:2001 ack 1")
		next = 2001
	}
	s.pass(100 * ms)
	for ack := 1001; next < 7001; ack += 1000 {
		s.in(text(". 1:1 ack %d <sack 7001:10001>", ack))
		s.outs(next, min(next+2000, 7001))
		next = min(next+2000, 7001)
	}
	s.in(". 1:1 ack 10001")
	if i := s.c.Info(); i.Threshold != 5000 || s.e.Counters.Timeouts != 0 {
		t.Errorf("threshold %d, %d timeouts", i.Threshold, s.e.Counters.Timeouts)
	}
}

// An acknowledgement without progress lets out no more than it delivers.
func TestRecoveryWithoutProgressIsConservative(t *testing.T) {
	s := lossy(t, sacked, 0)
	s.in(". 1:1 ack 1 <sack 5001:6001>")
	s.in(". 1:1 ack 1 <sack 5001:7001>")
	s.in(". 1:1 ack 1 <sack 5001:8001>")
	sent := len(s.sent)
	s.sent = nil
	for _, right := range []int{9001, 10001} {
		s.in(text(". 1:1 ack 1 <sack 5001:%d>", right))
		sent += len(s.sent)
		s.sent = nil
	}
	if sent < 2 || sent > 4 {
		t.Errorf("%d segments while three were delivered in recovery", sent)
	}
	s.in(". 1:1 ack 10001")
}
