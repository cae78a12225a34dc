package congestion

import (
	"testing"
	"time"
)

// aside is a path whose round trips are longer than the least known.
func (p *bbrPath) aside() { p.rtt += p.rtt / 10 }

// Draft §5.3.4.3.
func TestBBRLooksForTheLeastRoundTrip(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	window := p.Window()
	p.aside()
	begin := p.probeDelayAt
	for p.state != bbrProbeRTT {
		p.clock += p.rtt / quarters
		p.ack(p.volume / quarters)
		if p.clock > begin+6*time.Second {
			t.Fatal("no ProbeRTT")
		}
	}
	if after := p.clock - begin; after < probeRTTInterval {
		t.Errorf("after %v", after)
	}
	p.round()
	if got := p.Window(); got < pathBDP/2-mss || got > pathBDP/2+mss {
		t.Errorf("window %d, want half of %d", got, pathBDP)
	}
	p.round()
	p.wantState("with too much in flight", bbrProbeRTT)
	p.left = pathBDP / 3
	p.volume = pathBDP / 2
	p.ack(mss)
	begin = p.clock
	for p.state == bbrProbeRTT {
		p.clock += p.rtt / quarters
		p.ack(p.volume / quarters)
	}
	if took := p.clock - begin; took < probeRTTDuration || took > probeRTTDuration+2*p.rtt {
		t.Errorf("it took %v", took)
	}
	p.wantState("then", bbrCruise)
	if p.Window() < window-mss {
		t.Errorf("window %d, was %d", p.Window(), window)
	}
	p.wantAbout("max_bw", p.maxRate(), pathRate)
	if p.shortRate != noRate {
		t.Error("the short-term model is left")
	}
}

// What was sent with half a window says nothing of the rate.
func TestBBRSamplesOfProbeRTTAreLimited(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.aside()
	p.clock += probeRTTInterval
	p.until(bbrProbeRTT)
	p.left, p.volume = pathBDP/3, pathBDP/3
	p.rate = pathRate / 3
	p.until(bbrCruise)
	for range 3 {
		p.round()
	}
	if p.samplesLimited {
		t.Error("limited for ever")
	}
	p.wantAbout("max_bw", p.maxRate(), pathRate)
}

// Draft §5.3.4.4.
func TestBBRGoesBackToStartupFromProbeRTT(t *testing.T) {
	p := newBBRPath(t)
	p.round()
	p.aside()
	p.clock += probeRTTInterval
	p.ack(mss)
	p.wantState("after five seconds", bbrProbeRTT)
	p.left = mss
	for p.state == bbrProbeRTT {
		p.clock += p.rtt / quarters
		p.ack(p.volume / quarters)
	}
	p.wantState("then", bbrStartup)
}

// Draft §5.4.1: a pause has emptied the queue as well.
func TestBBRSkipsProbeRTTAfterAPause(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.aside()
	p.clock += 8 * time.Second
	p.OnIdle(p.clock, 8*time.Second, time.Second)
	p.clock += p.rtt
	p.ack(mss)
	if p.state == bbrProbeRTT {
		t.Error("ProbeRTT right after a pause")
	}
	if p.probeDelay != p.rtt {
		t.Errorf("probe_rtt_min_delay is %v", p.probeDelay)
	}
}

func TestBBRPacesAtTheRateAfterAPause(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.probe()
	p.wantAbout("in Up", p.PacingRate(), pathRate*125*99/10000)
	window := p.Window()
	p.OnIdle(p.clock+time.Second, time.Second, time.Second)
	p.wantAbout("after a pause", p.PacingRate(), pathRate*99/100)
	if p.Window() != window {
		t.Errorf("window %d, was %d", p.Window(), window)
	}
}

func TestBBREndsProbeRTTInAPause(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	window := p.Window()
	p.aside()
	p.clock += probeRTTInterval
	p.left = pathBDP / 3
	p.until(bbrProbeRTT)
	p.ack(mss)
	p.clock += time.Second
	p.OnIdle(p.clock, time.Second, time.Second)
	p.wantState("after a pause", bbrCruise)
	if p.Window() < window-mss {
		t.Errorf("window %d, was %d", p.Window(), window)
	}
}

// Draft §5.5.8.2: ten seconds.
func TestBBRForgetsARoundTripTime(t *testing.T) {
	p := newBBRPath(t)
	p.full()
	p.left = pathBDP / 3
	p.rtt = 2 * pathRTT
	for end := p.clock + 9*time.Second; p.clock < end; {
		p.round()
	}
	if p.minRTT != pathRTT {
		t.Errorf("min_rtt is %v before ten seconds", p.minRTT)
	}
	for end := p.clock + 7*time.Second; p.clock < end; {
		p.round()
	}
	if p.minRTT != 2*pathRTT {
		t.Errorf("min_rtt is %v after sixteen seconds", p.minRTT)
	}
}
