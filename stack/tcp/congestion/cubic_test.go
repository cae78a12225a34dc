package congestion

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestCubeRoot(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	check := func(n uint64) {
		r := cubeRoot(n)
		over := r+1 <= 2642245 && (r+1)*(r+1)*(r+1) <= n
		if r*r*r > n || over || r > 2642245 {
			t.Fatalf("cubeRoot(%d) = %d", n, r)
		}
	}
	for n := range uint64(5000) {
		check(n)
	}
	for range 5000 {
		check(rnd.Uint64() >> rnd.UintN(64))
	}
	check(math.MaxUint64)
}

// wCubic is RFC 9438 §4.2 in segments and seconds.
func wCubic(t, k, wmax float64) float64 { return 0.4*math.Pow(t-k, 3) + wmax }

func TestCurveIsTheRFCs(t *testing.T) {
	for _, size := range []int{88, 536, 1460, 8960} {
		for _, wmax := range []int{4, 40, 1000, 20000} {
			cwnd := wmax * 7 / 10
			c := curve{wmax: wmax * size}
			c.begin(time.Second, cwnd*size, size)
			k := math.Cbrt(float64(wmax-cwnd) / 0.4)
			if got := float64(c.k) / (1 << beatBits); math.Abs(got-k) > 0.001 {
				t.Fatalf("W_max %d: K is %f, want %f", wmax, got, k)
			}
			for x := time.Duration(0); x < time.Minute; x += 37 * ms {
				want := wCubic(x.Seconds(), k, float64(wmax))
				got := float64(c.at(x, size)) / float64(size)
				// A beat early or late, and its square rounded.
				d := math.Abs(x.Seconds() - k)
				if tolerance := 0.4*(3*d*d+d)/(1<<beatBits) + 2.0/float64(size) + 0.001; math.Abs(got-want) > tolerance {
					t.Fatalf("segments of %d, W_max %d, after %v: %f segments, want %f", size, wmax, x, got, want)
				}
			}
		}
	}
}

// A reference is RFC 9438 in floating point, in segments.
type reference struct {
	cwnd, wmax, prior, west, k, start float64
	running                           bool
}

func (r *reference) congestion() {
	r.prior = r.cwnd
	if r.cwnd < r.wmax {
		r.wmax = r.cwnd * (1 + 0.7) / 2
	} else {
		r.wmax = r.cwnd
	}
	r.cwnd = math.Max(r.cwnd*0.7, 2)
	r.running = false
}

func (r *reference) ack(now, rtt, segments float64) {
	if !r.running {
		r.running = true
		r.start, r.west, r.k = now, r.cwnd, math.Cbrt(math.Max(0, r.wmax-r.cwnd)/0.4)
	}
	alpha := 3 * (1 - 0.7) / (1 + 0.7)
	if r.west >= r.prior {
		alpha = 1
	}
	r.west += alpha * segments / r.cwnd
	if t := now - r.start; wCubic(t, r.k, r.wmax) < r.west {
		r.cwnd = math.Max(r.cwnd, r.west)
	} else {
		target := math.Min(math.Max(wCubic(t+rtt, r.k, r.wmax), r.cwnd), 1.5*r.cwnd)
		r.cwnd += (target - r.cwnd) / r.cwnd * segments
	}
}

func TestCubicFollowsAFloatReference(t *testing.T) {
	for _, tc := range []struct {
		rtt    time.Duration
		window int
		rounds int
		name   string
	}{
		{ms, 30, 100, "Reno-friendly"}, {100 * ms, 100, 100, "concave and convex"}, {200 * ms, 1000, 50, "long and fat"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := &path{c: Cubic.New(), now: time.Second, rtt: tc.rtt}
			p.c.Init(mss, tc.window*mss)
			r := reference{cwnd: float64(tc.window)}
			rnd := rand.New(rand.NewPCG(3, 4))
			friendly, curved := 0, 0
			for loss := range 4 {
				p.c.OnCongestion(p.now, p.c.Window())
				p.c.OnRecovered(p.now)
				r.congestion()
				for range tc.rounds + rnd.IntN(tc.rounds/2) {
					n := p.c.Window() / mss
					for range n {
						p.now += p.rtt / time.Duration(n)
						p.ack(mss)
						r.ack(p.now.Seconds(), p.rtt.Seconds(), 1)
					}
					got := float64(p.c.Window()) / mss
					if math.Abs(got-r.cwnd) > 0.01*r.cwnd+0.05 {
						t.Fatalf("loss %d, after %v: window %.2f, want %.2f", loss, p.now, got, r.cwnd)
					}
					if r.cwnd == r.west {
						friendly++
					} else {
						curved++
					}
				}
			}
			t.Logf("%d rounds of W_est, %d of W_cubic, window %.0f", friendly, curved, r.cwnd)
			if tc.rtt == ms && friendly == 0 || tc.rtt == 200*ms && curved == 0 {
				t.Error("the region that was meant was not seen")
			}
		})
	}
}

func TestCubicConvergesFast(t *testing.T) {
	c := Cubic.New().(*cubic)
	c.Init(mss, 100*mss)
	c.OnCongestion(time.Second, 100*mss)
	if c.wmax != 100*mss {
		t.Errorf("W_max %d after the first loss", c.wmax/mss)
	}
	c.OnRecovered(time.Second)
	c.OnCongestion(time.Second, 70*mss) // below W_max
	if want := 70 * mss * 17 / 20; c.wmax != want {
		t.Errorf("W_max %d after a loss below it, want %d", c.wmax, want)
	}
	c.OnRecovered(time.Second)
	c.cwnd = c.wmax
	if c.OnCongestion(time.Second, c.cwnd); c.wmax != 70*mss*17/20 {
		t.Errorf("W_max %d after a loss at W_max", c.wmax)
	}
}

func TestCurveBeginsFlatWithoutALoss(t *testing.T) {
	for name, end := range map[string]func(p *path){
		"HyStart++": func(p *path) { p.rounds(8, 80*ms, 90*ms, 90*ms, 90*ms, 90*ms, 90*ms, 90*ms) },
		"timeout": func(p *path) {
			p.c.OnTimeout(p.now, 10*mss)
			p.c.OnRecovered(p.now)
			for p.c.Window() < p.c.Threshold() {
				p.ack(mss)
			}
			p.ack(mss)
		},
	} {
		p := newPath(Cubic, 80*ms)
		end(p)
		c := p.c.(*cubic)
		if !c.running || c.k != 0 || c.at(0, mss) < int64(c.ssthresh) || c.at(0, mss) > int64(c.cwnd) {
			t.Errorf("%s: K %d, origin %d, threshold %d, window %d", name, c.k, c.origin, c.ssthresh, c.cwnd)
		}
	}
}

func TestCurveStandsStillWhileTheApplicationLimits(t *testing.T) {
	run := func(pause func(p *path)) int {
		p := &path{c: Cubic.New(), now: time.Second, rtt: 100 * ms}
		p.c.Init(mss, 1000*mss)
		p.c.OnCongestion(p.now, 1000*mss)
		p.c.OnRecovered(p.now)
		for range 10 {
			p.round()
		}
		pause(p)
		for range 10 {
			p.round()
		}
		return p.c.Window()
	}
	want := run(func(*path) {})
	for name, pause := range map[string]func(p *path){
		"limited": func(p *path) {
			p.limd = true
			for range 100 {
				p.round()
			}
			p.limd = false
		},
		"idle": func(p *path) {
			p.now += 10 * time.Second
			p.c.OnIdle(p.now, 10*time.Second, time.Minute)
			p.limd = true
			p.ack(mss)
			p.limd = false
		},
	} {
		if got := run(pause); got < want || got-want > 2*mss {
			t.Errorf("%s: window %d, without the pause %d", name, got, want)
		}
	}
}

func TestCubicUndoGoesBackToItsCurve(t *testing.T) {
	p := &path{c: Cubic.New(), now: time.Second, rtt: 100 * ms}
	p.c.Init(mss, 1000*mss)
	p.c.OnCongestion(p.now, 1000*mss)
	p.c.OnRecovered(p.now)
	for range 10 {
		p.round()
	}
	c := p.c.(*cubic)
	before, w := c.curve, c.cwnd
	p.c.OnCongestion(p.now, w)
	p.c.OnRecovered(p.now)
	p.round()
	p.c.Undo()
	if c.curve != before || c.cwnd != w {
		t.Errorf("curve %+v, was %+v; window %d, was %d", c.curve, before, c.cwnd, w)
	}
}

func TestCubicStaysInBoundsWhateverComes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		c := Cubic.New().(*cubic)
		c.Init(1+rnd.IntN(65535), 1+rnd.IntN(1<<20))
		now := time.Second
		for range 300 {
			now += time.Duration(rnd.Int64N(1 << rnd.IntN(40)))
			switch rnd.IntN(10) {
			case 0:
				c.OnCongestion(now, rnd.IntN(1<<30))
			case 1:
				c.OnTimeout(now, rnd.IntN(1<<30))
			case 2:
				c.OnRecovered(now)
			case 3:
				c.Undo()
			case 4:
				c.OnIdle(now, time.Duration(rnd.Int64N(1<<34)), time.Second)
			case 5:
				c.SetMSS(1 + rnd.IntN(65535))
			default:
				before := c.Window()
				n := rnd.IntN(1 << rnd.IntN(31))
				c.OnAck(&Ack{Now: now, Delivered: n, SRTT: time.Duration(rnd.Int64N(1 << 40)), RTT: time.Duration(rnd.Int64N(1 << 30)), CwndLimited: true, RoundStart: rnd.IntN(8) == 0})
				if c.Window() < before || c.Window() > before+max(n, before/2)+2*c.mss+1<<20 {
					t.Fatalf("an ACK of %d took the window from %d to %d", n, before, c.Window())
				}
			}
			if c.Window() < c.mss || c.Window() > maxWindow || c.Threshold() < 2*1 {
				t.Fatalf("window %d, threshold %d", c.Window(), c.Threshold())
			}
		}
	}
}
