package ether

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// run sends n frames, gap apart, from a to b, and returns what b received.
func run(t *testing.T, seed uint64, text string, n int, gap time.Duration) (*inbox, Stats) {
	a, b := cable(t, Config{Seed: seed}, Config{Queue: 4 * n})
	impair(t, a, Transmit, text)
	in := receive(b)
	for i := range n {
		send(t, a, mac(b), i)
		if gap > 0 {
			time.Sleep(gap)
		}
	}
	time.Sleep(time.Minute)
	synctest.Wait()
	s := a.Stats(Transmit)
	if s.Frames+s.Duplicated != s.Delivered+s.Dropped() {
		t.Errorf("frames do not add up: %+v", s)
	}
	return in, s
}

func wantTimes(t *testing.T, in *inbox, want ...time.Duration) {
	t.Helper()
	if got := in.times(); !slices.Equal(got, want) {
		t.Errorf("received at %v, want %v", got, want)
	}
}

const ms = time.Millisecond

func TestDelayIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, _ := run(t, 0, "delay 20ms", 3, 5*ms)
		wantNumbers(t, in, 0, 1, 2)
		wantTimes(t, in, 20*ms, 25*ms, 30*ms)
	})
}

func TestRateSpacesFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 60 bytes at 48 kbit/s are 10 ms.
		in, _ := run(t, 0, "rate 48kbit, delay 1ms", 3, 0)
		wantTimes(t, in, 11*ms, 21*ms, 31*ms)
	})
}

func TestTheRatesQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Two frames of 60 bytes fit, one of them on the wire.
		in, s := run(t, 0, "rate 48kbit, limit 120B", 5, 0)
		wantNumbers(t, in, 0, 1)
		if s.QueueFull != 3 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAFrameLongerThanTheLimitPassesAFreeWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, _ := run(t, 0, "rate 48kbit, limit 1B", 3, 10*ms)
		wantNumbers(t, in, 0, 1, 2)
	})
}

func TestFramesUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{MTU: maxMTU}, Config{MTU: maxMTU})
		impair(t, a, Transmit, "delay 1s")
		frame := numbered(mac(b), mac(a), 0, 64<<10-1)
		for range 2 * MaxInFlight / len(frame) {
			if err := a.SendOffsetEthFrame(frame); err != nil {
				t.Fatal(err)
			}
		}
		if s := a.Stats(Transmit); s.QueueFull != s.Frames-MaxInFlight/uint64(len(frame)) {
			t.Errorf("%+v", s)
		}
	})
}

func TestJitterStaysInItsRangeAndInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, _ := run(t, 3, "delay 20ms, jitter 5ms", 200, 50*ms)
		wantNumbers(t, in, upTo(200)...)
		var least, most time.Duration = time.Hour, 0
		for i, at := range in.times() {
			d := at - time.Duration(i)*50*ms
			least, most = min(least, d), max(most, d)
		}
		if least < 15*ms || least > 16*ms || most > 25*ms || most < 24*ms {
			t.Errorf("delays of %v to %v, want all of 15ms to 25ms", least, most)
		}
		in, _ = run(t, 3, "delay 20ms, jitter 20ms", 200, ms)
		wantNumbers(t, in, upTo(200)...)
	})
}

func TestReorderedFramesAreHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, s := run(t, 1, "reorder 10% 4ms, delay 10ms", 100, 3*ms)
		numbers, times := in.numbers(), in.times()
		late := 0
		for i, n := range numbers {
			switch times[i] - time.Duration(n)*3*ms {
			case 10 * ms:
			case 14 * ms:
				late++
				// Its successor has overtaken it, unless that was held back too.
				if i > 0 && numbers[i-1] != n+1 && numbers[i-1] != n-1 {
					t.Errorf("%d came after %d", n, numbers[i-1])
				}
			default:
				t.Errorf("%d came after %v", n, times[i]-time.Duration(n)*3*ms)
			}
		}
		if late == 0 || uint64(late) != s.Reordered || slices.IsSorted(numbers) {
			t.Errorf("%d frames late, %d counted: %v", late, s.Reordered, numbers)
		}
	})
}

func TestDuplicatesFollowTheirFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, s := run(t, 1, "duplicate 100%", 3, 0)
		wantNumbers(t, in, 0, 0, 1, 1, 2, 2)
		if s.Duplicated != 3 || s.Delivered != 6 {
			t.Errorf("%+v", s)
		}
	})
}

func TestCorruptionFlipsOneBit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{Queue: 1000})
		impair(t, a, Transmit, "corrupt 100%")
		in := receive(b)
		frame := bytes.Repeat([]byte{0x5a}, 60)
		for range 1000 {
			if err := a.SendOffsetEthFrame(frame); err != nil {
				t.Fatal(err)
			}
		}
		in.numbers()
		places := map[int]bool{}
		for _, f := range in.frames {
			flipped := 0
			for i := range f {
				if x := f[i] ^ frame[i]; x != 0 {
					flipped += bits.OnesCount8(x)
					places[i] = true
				}
			}
			if flipped != 1 {
				t.Errorf("%d bits flipped", flipped)
			}
		}
		if len(in.frames) != 1000 || len(places) != 60 {
			t.Errorf("%d frames, hit in %d of 60 bytes", len(in.frames), len(places))
		}
		if !bytes.Equal(frame, bytes.Repeat([]byte{0x5a}, 60)) {
			t.Error("the sender's frame was changed")
		}
	})
}

func TestTheMTUOfALinkDropsSilently(t *testing.T) {
	a, b := cable(t, Config{}, Config{})
	impair(t, a, Transmit, "mtu 100")
	for _, n := range []int{114, 115} {
		if err := a.SendOffsetEthFrame(make([]byte, n)); err != nil {
			t.Error(err)
		}
	}
	if s := b.Stats(Receive); s.Delivered != 1 || s.TooLong != 1 {
		t.Errorf("%+v", s)
	}
}

func TestLossIsAsLikelyAsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s := run(t, 5, "loss 10%", 20000, 0)
		if p := float64(s.Lost) / 20000; math.Abs(p-0.1) > 0.01 {
			t.Errorf("lost %v, want 0.1", p)
		}
		_, s = run(t, 5, "loss 100%", 100, 0)
		if s.Lost != 100 {
			t.Errorf("%+v", s)
		}
	})
}

func TestBurstsAreAsLongAsGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, s := run(t, 5, "burst 1% 25%", 50000, 0)
		bursts, next := 0, 0
		for _, n := range in.numbers() {
			if n > next {
				bursts++
			}
			next = n + 1
		}
		if mean := float64(s.BurstLost) / float64(bursts); math.Abs(mean-4) > 0.5 {
			t.Errorf("%d frames lost in %d bursts, %v each, want 4", s.BurstLost, bursts, mean)
		}
		if every := 50000 / float64(bursts); math.Abs(every-104) > 12 {
			t.Errorf("a burst every %v frames, want 104", every)
		}
		_, half := run(t, 5, "burst 1% 25% 50%", 50000, 0)
		if r := float64(half.BurstLost) / float64(s.BurstLost); math.Abs(r-0.5) > 0.1 {
			t.Errorf("half of each burst lost: %v of the frames", r)
		}
	})
}

const everything = "loss 5%, burst 1% 30%, delay 20ms, jitter 7ms, rate 1mbit, limit 2000B, reorder 5%, duplicate 5%, corrupt 5%"

func TestTheSameSeedMeansTheSameFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, s := run(t, 42, everything, 2000, 500*time.Microsecond)
		again, same := run(t, 42, everything, 2000, 500*time.Microsecond)
		other, _ := run(t, 43, everything, 2000, 500*time.Microsecond)
		if !slices.EqualFunc(first.frames, again.frames, func(x, y []byte) bool {
			return bytes.Equal(x[headerLen:], y[headerLen:])
		}) || !slices.Equal(first.at, again.at) || s != same {
			t.Errorf("two runs of one seed differ: %+v, %+v", s, same)
		}
		if slices.Equal(first.at, other.at) {
			t.Error("another seed made no difference")
		}
		if s.Lost == 0 || s.BurstLost == 0 || s.Corrupted == 0 || s.Duplicated == 0 || s.Reordered == 0 {
			t.Errorf("a fault never happened: %+v", s)
		}
	})
}

func TestOneFaultLeavesTheOthersWhereTheyWere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain, _ := run(t, 9, "loss 10%", 1000, 0)
		more, _ := run(t, 9, "loss 10%, jitter 5ms, duplicate 20%, reorder 10%, rate 10gbit", 1000, 0)
		numbers := more.numbers()
		slices.Sort(numbers)
		if !slices.Equal(plain.numbers(), slices.Compact(numbers)) {
			t.Error("other frames are lost with the further faults")
		}
	})
}

func TestChangesWhileRunningKeepTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := cable(t, Config{}, Config{})
		in := receive(b)
		impair(t, a, Transmit, "delay 100ms")
		send(t, a, mac(b), 1)
		impair(t, a, Transmit, "")
		send(t, a, mac(b), 2)
		wantTimes(t, in)
		time.Sleep(200 * ms)
		send(t, a, mac(b), 3)
		impair(t, a, Transmit, "loss 100%")
		send(t, a, mac(b), 4)
		impair(t, a, Transmit, "delay 1ms")
		send(t, a, mac(b), 5)
		time.Sleep(ms)
		wantNumbers(t, in, 1, 2, 3, 5)
		wantTimes(t, in, 100*ms, 100*ms, 200*ms, 201*ms)
		if got := a.Impairment(Transmit); got != (Impairment{Delay: ms}) {
			t.Errorf("%v", got)
		}
	})
}

func TestDirectionsAreImpairedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, _ := three(t, SwitchConfig{})
		inA, inB := receive(a), receive(b)
		impair(t, a, Transmit, "delay 10ms")
		impair(t, a, Receive, "delay 1ms")
		send(t, b, everybody, 1)
		time.Sleep(5 * ms)
		send(t, a, mac(b), 2)
		time.Sleep(20 * ms)
		wantTimes(t, inA, ms)
		wantTimes(t, inB, 15*ms)
		if s := a.Stats(Both); s.Frames != 2 || s.Delivered != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestAWrongImpairmentChangesNothing(t *testing.T) {
	a, _ := cable(t, Config{}, Config{})
	impair(t, a, Both, "loss 1%")
	for _, i := range []Impairment{
		{Loss: -0.1}, {Loss: 1.1}, {Corrupt: math.NaN()}, {Burst: Burst{Enter: 0.1}}, {Delay: -1}, {Jitter: 2 * time.Hour},
		{Rate: -1}, {Limit: -1}, {Limit: MaxInFlight + 1}, {MTU: 67}, {ReorderBy: -1}, {Duplicate: 2}, {Reorder: 2},
	} {
		if err := a.Impair(Both, i); err == nil {
			t.Errorf("no error for %+v", i)
		}
	}
	if got := a.Impairment(Receive).String(); got != "loss 1%" {
		t.Errorf("impairment is now %q", got)
	}
}
