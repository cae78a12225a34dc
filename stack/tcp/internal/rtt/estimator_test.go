package rtt

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"
)

const ms = time.Millisecond

func TestZeroValueHasTheInitialTimeout(t *testing.T) {
	var e Estimator
	if e.SRTT() != 0 || e.Var() != 0 || e.MinRTT() != 0 || e.RTO(0, 0) != time.Second {
		t.Errorf("srtt %v, var %v, min %v, rto %v", e.SRTT(), e.Var(), e.MinRTT(), e.RTO(0, 0))
	}
}

// The figures are RFC 6298 §2.2 and §2.3 by hand.
func TestSamplesFollowRFC6298(t *testing.T) {
	var e Estimator
	for i, step := range []struct{ sample, srtt, rttvar, rto time.Duration }{
		{400 * ms, 400 * ms, 200 * ms, 1200 * ms},
		{400 * ms, 400 * ms, 150 * ms, 1000 * ms},
		{800 * ms, 450 * ms, 212500 * time.Microsecond, 1300 * ms},
		{50 * ms, 400 * ms, 259375 * time.Microsecond, 1437500 * time.Microsecond},
	} {
		e.Sample(time.Second, step.sample, 0, 1)
		if e.SRTT() != step.srtt || e.Var() != step.rttvar || e.RTO(0, 0) != step.rto {
			t.Errorf("step %d: srtt %v, var %v, rto %v; want %v, %v, %v", i, e.SRTT(), e.Var(), e.RTO(0, 0), step.srtt, step.rttvar, step.rto)
		}
	}
}

func TestEstimatorFollowsAFloatReference(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 3, 40} {
		var e Estimator
		var srtt, rttvar float64
		for i := range 5000 {
			r := time.Duration(1+rnd.IntN(200)) * ms
			e.Sample(time.Duration(i)*ms, r, 0, n)
			if x := float64(r); i == 0 {
				srtt, rttvar = x, x/2
			} else {
				rttvar = (1-0.25/float64(n))*rttvar + 0.25/float64(n)*math.Abs(srtt-x)
				srtt = (1-0.125/float64(n))*srtt + 0.125/float64(n)*x
			}
			if math.Abs(float64(e.SRTT())-srtt) > 2000 || math.Abs(float64(e.Var())-rttvar) > 2000 {
				t.Fatalf("%d a round, sample %d: srtt %v, var %v; want %v, %v", n, i, e.SRTT(), e.Var(), time.Duration(srtt), time.Duration(rttvar))
			}
		}
	}
}

func TestTimeoutKeepsItsBounds(t *testing.T) {
	var e Estimator
	for range 100 {
		e.Sample(time.Second, ms, 0, 1)
	}
	if got := e.RTO(0, 0); got != 201*ms {
		t.Errorf("steady 1 ms: timeout %v, want 201ms", got)
	}
	if got := e.RTO(20*ms, 0); got != 21*ms {
		t.Errorf("with a least timeout of 20 ms: %v", got)
	}
	e.Sample(time.Second, ms, 500*ms, 1)
	if got := e.RTO(0, 0); got != 501*ms {
		t.Errorf("clock of 500 ms: timeout %v", got)
	}
	for range 60 {
		e.Backoff()
	}
	if got := e.RTO(0, 0); got != 120*time.Second {
		t.Errorf("backed off to %v", got)
	}
	if got := e.RTO(0, 10*time.Second); got != 10*time.Second {
		t.Errorf("backed off to %v with a bound of 10 s", got)
	}
}

func TestBackoffDoublesUntilASample(t *testing.T) {
	var e Estimator
	e.Sample(time.Second, 100*ms, 0, 1) // 100 + 4 · 50
	for i, want := range []time.Duration{300 * ms, 600 * ms, 1200 * ms, 2400 * ms} {
		if got := e.RTO(0, 0); got != want || e.Backoffs() != i {
			t.Errorf("after %d timeouts: %v, %d; want %v", i, got, e.Backoffs(), want)
		}
		e.Backoff()
	}
	e.ResetBackoff()
	if got := e.RTO(0, 0); got != 300*ms {
		t.Errorf("after a reset: %v", got)
	}
	e.Backoff()
	e.Sample(time.Second, 100*ms, 0, 1)
	if e.Backoffs() != 0 {
		t.Error("a sample did not end the back-off")
	}
}

func TestLostSYNMakesTheTimeoutThreeSeconds(t *testing.T) {
	var e Estimator
	e.Backoff()
	e.RestartAfterSYN()
	if got := e.RTO(0, 0); got != 3*time.Second {
		t.Errorf("timeout %v", got)
	}
	e.Sample(time.Second, 100*ms, 0, 1)
	if got := e.RTO(0, 0); got != 300*ms {
		t.Errorf("timeout %v with a sample", got)
	}
}

func TestMinRTTForgetsAfterItsWindow(t *testing.T) {
	var e Estimator
	near := func(want time.Duration) {
		t.Helper()
		if got := e.MinRTT(); got > want || want-got >= unit {
			t.Errorf("min %v, want %v", got, want)
		}
	}
	e.Sample(1*time.Second, 30*ms, 0, 1)
	near(30 * ms)
	e.Sample(2*time.Second, 10*ms, 0, 1)
	near(10 * ms)
	e.Sample(5999*ms, 40*ms, 0, 1)
	near(10 * ms)
	e.Sample(6001*ms, 40*ms, 0, 1) // the second half begins
	near(10 * ms)
	e.Sample(11*time.Second, 50*ms, 0, 1)
	near(10 * ms)
	e.Sample(11002*ms, 50*ms, 0, 1) // the 10 ms are of the half before the last
	near(40 * ms)
	e.SampleMin(11003*ms, 20*ms)
	near(20 * ms)
	if e.SRTT() < 20*ms {
		t.Error("SampleMin changed the mean")
	}
	e.Sample(time.Minute, 70*ms, 0, 1)
	near(70 * ms)
}

func TestMinRTTOfNoTimeAtAllIsASample(t *testing.T) {
	var e Estimator
	e.Sample(time.Second, 1, 0, 1)
	if e.MinRTT() == 0 || e.SRTT() == 0 {
		t.Errorf("min %v, srtt %v", e.MinRTT(), e.SRTT())
	}
	e.Sample(time.Second, 0, 0, 1)
	e.Sample(time.Second, -5, 0, 1)
	if e.SRTT() != 1 {
		t.Error("no time or less was taken for a sample")
	}
	e.Sample(time.Second, 1<<62, 0, 1)
	if e.MinRTT() == 0 || e.RTO(0, 0) != DefaultMaxRTO {
		t.Errorf("min %v, rto %v", e.MinRTT(), e.RTO(0, 0))
	}
}

func TestEstimatorIsSmall(t *testing.T) {
	if n := unsafe.Sizeof(Estimator{}); n > 48 {
		t.Errorf("%d bytes", n)
	}
}

func BenchmarkSample(b *testing.B) {
	var e Estimator
	b.ReportAllocs()
	for i := range b.N {
		e.Sample(time.Duration(i)*ms, time.Duration(50+i&15)*ms, 0, 1)
	}
}
