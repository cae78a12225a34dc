package flight

import (
	"testing"
	"time"

	wire "github.com/netdev-go/netdev/wire/tcp"
)

// steady is one segment sent and one acknowledged, with a window of n under way.
func steady(n int) func() {
	f := &Flight{}
	now := time.Second
	for range n {
		f.Sent(now, f.Nxt(), 1460)
	}
	return func() {
		now += time.Microsecond
		f.Ack(now, f.Una()+1460, nil, Options{MinRTT: ms})
		f.DetectLoss(now, ms, ms)
		f.Sent(now, f.Nxt(), 1460)
	}
}

// lossy is a window of n with a hole at each second segment, of which one ACK
// after the other tells, sent again and acknowledged; then the next.
func lossy(n int) func() {
	f := &Flight{}
	now := time.Second
	o := Options{MinRTT: ms}
	return func() {
		start := f.Nxt()
		for range n {
			now += time.Microsecond
			f.Sent(now, f.Nxt(), 1460)
		}
		var bl [3]wire.SACKBlock
		for i := 1; i < n; i += 2 {
			now += 2 * time.Microsecond
			left := start.Add(i * 1460)
			copy(bl[1:], bl[:2])
			bl[0] = wire.SACKBlock{Left: left, Right: left + 1460}
			f.Ack(now, start, bl[:min(3, i/2+1)], o)
			f.DetectLoss(now, ms, ms)
			if left, right, ok := f.Lost(); ok {
				f.Resent(now, left, right)
			}
		}
		for {
			left, right, ok := f.Lost()
			if !ok {
				break
			}
			f.Resent(now, left, right)
		}
		now += ms
		for i := 2; i <= n; i += 2 {
			f.Ack(now, start.Add(i*1460), nil, o)
			f.DetectLoss(now, ms, ms)
		}
		if !f.Empty() {
			f.Ack(now, f.Nxt(), nil, o)
		}
	}
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for name, step := range map[string]func(){"steady": steady(100), "lossy": lossy(64)} {
		step()
		if n := testing.AllocsPerRun(100, step); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	var p Pool
	p.Max = 64
	f := &Flight{}
	if n := testing.AllocsPerRun(100, func() {
		f.Attach(&p)
		f.Sent(time.Second, f.Nxt(), 100)
		f.Ack(time.Second+ms, f.Nxt(), nil, Options{})
		f.Release(&p)
	}); n != 0 {
		t.Errorf("ping-pong with a Pool: %v allocations", n)
	}
}

func BenchmarkSegment(b *testing.B) {
	for _, bc := range []struct {
		name string
		n    int
	}{{"window=10", 10}, {"window=3000", 3000}} {
		b.Run(bc.name, func(b *testing.B) {
			step := steady(bc.n)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}

// The time is that of one segment.
func BenchmarkHoles(b *testing.B) {
	for _, bc := range []struct {
		name string
		n    int
	}{{"window=100", 100}, {"window=1000", 1000}, {"window=3000", 3000}} {
		b.Run(bc.name, func(b *testing.B) {
			step := lossy(bc.n)
			step()
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(bc.n), "ns/segment")
		})
	}
}

// One hole, and an ACK for each segment behind it.
func BenchmarkOneHole(b *testing.B) {
	f := &Flight{}
	now := time.Second
	for range 3000 {
		f.Sent(now, f.Nxt(), 1460)
	}
	right := wire.Seq(2920)
	b.ReportAllocs()
	for b.Loop() {
		now += time.Microsecond
		f.Ack(now, 0, []wire.SACKBlock{{Left: 1460, Right: right}}, Options{MinRTT: ms})
		f.DetectLoss(now, ms, ms)
		if right += 1460; f.Nxt().Less(right) {
			f.Reset()
			for range 3000 {
				f.Sent(now, f.Nxt(), 1460)
			}
			right = 2920
		}
	}
}
