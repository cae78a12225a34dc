package congestion

import "testing"

func TestNewRenoGrowsASegmentEachRound(t *testing.T) {
	p := newPath(NewReno, 50*ms)
	p.c.OnCongestion(p.now, 10*mss)
	p.c.OnRecovered(p.now)
	p.want(t, "after the loss", 5*mss)
	for n := 6; n < 100; n++ {
		for p.c.Window() < n*mss {
			before := p.c.Window()
			for range before / mss {
				p.ack(mss)
			}
			p.want(t, "a round", before+mss)
		}
	}
}

func TestNewRenoCountsBytesNotAcks(t *testing.T) {
	p := newPath(NewReno, 50*ms)
	p.c.OnCongestion(p.now, 20*mss)
	p.c.OnRecovered(p.now)
	p.c.OnTimeout(p.now, 20*mss) // 5 segments
	p.c.OnRecovered(p.now)
	for range 10 {
		p.ack(mss)
	}
	w := p.c.Window()
	for range 7 {
		p.ack(w / 7)
	}
	small := p.c.Window()
	p.ack(small)
	if small > w+mss || p.c.Window() > small+mss || p.c.Window() == w {
		t.Errorf("windows %d, %d, %d", w, small, p.c.Window())
	}
}

func TestAckAcrossTheThresholdIsPartSlowStart(t *testing.T) {
	p := newPath(NewReno, 50*ms)
	p.c.OnTimeout(p.now, 10*mss)
	p.c.OnRecovered(p.now)
	p.ack(4*mss - 500)
	p.ack(mss)
	c := p.c.(*newReno)
	if c.cwnd != 5*mss || c.credit != mss-500 {
		t.Errorf("window %d, %d bytes towards the next segment", c.cwnd, c.credit)
	}
}
