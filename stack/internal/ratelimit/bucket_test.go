package ratelimit

import (
	"math/rand"
	"testing"
	"time"
)

func TestABurstAndThenTheRate(t *testing.T) {
	b := Bucket{Rate: 10, Burst: 3}
	now := 5 * time.Second
	for i := range 3 {
		if !b.Allow(now) {
			t.Fatalf("token %d of 3 is missing", i)
		}
	}
	if b.Allow(now) || b.Allow(now+99*time.Millisecond) {
		t.Error("a fourth before a tenth of a second is over")
	}
	if now += 100 * time.Millisecond; !b.Allow(now) || b.Allow(now) {
		t.Error("after a tenth of a second there is one")
	}
	if b.Denied != 3 {
		t.Errorf("%d denied, want 3", b.Denied)
	}
}

func TestABucketHoldsNoMoreThanItsBurst(t *testing.T) {
	b := Bucket{Rate: 1000, Burst: 5}
	b.Allow(time.Second)
	n := 0
	for b.Allow(time.Hour) {
		n++
	}
	if n != 5 {
		t.Errorf("%d tokens after an hour, want 5", n)
	}
}

func TestWithoutARateTheBurstIsAll(t *testing.T) {
	b := Bucket{Burst: 2}
	for i, now := range []time.Duration{1, 1, 1, time.Hour} {
		if b.Allow(now) != (i < 2) {
			t.Errorf("call %d of a burst of 2 is not as it should be", i)
		}
	}
	if (&Bucket{Rate: 5}).Allow(time.Hour) {
		t.Error("no burst allows something")
	}
}

// Whatever the pattern of calls, no interval of t has more than Burst + Rate·t.
func TestNoIntervalHasMoreThanRateAndBurst(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	for range 200 {
		b := Bucket{Rate: 1 + rnd.Intn(50), Burst: 1 + rnd.Intn(20)}
		refill := time.Second / time.Duration(b.Rate)
		now := time.Duration(1)
		var passed []time.Duration
		for range 300 {
			now += time.Duration(rnd.Int63n(int64(2 * refill)))
			if b.Allow(now) {
				passed = append(passed, now)
			}
		}
		for i := range passed {
			for j := i; j < len(passed); j++ {
				if most := b.Burst + int((passed[j]-passed[i])/refill); j-i+1 > most {
					t.Fatalf("rate %d, burst %d: %d in %v", b.Rate, b.Burst, j-i+1, passed[j]-passed[i])
				}
			}
		}
		if least := int((now - passed[0]) / (2 * refill)); len(passed) < least {
			t.Fatalf("rate %d: %d passed in %v", b.Rate, len(passed), now)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	l := Bucket{Rate: 1e6, Burst: 50}
	now := time.Duration(1)
	b.ReportAllocs()
	for b.Loop() {
		now += 100
		l.Allow(now)
	}
}
