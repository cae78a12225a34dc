package ntp_test

import (
	"math"
	"testing"
	"time"

	"github.com/netdev-go/netdev/wire/ntp"
)

func TestCapturedTimes(t *testing.T) {
	near := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		ts   ntp.Timestamp
		want time.Time
	}{
		{captured[1].header.ReferenceTime, capturedReference},
		{captured[1].header.ReceiveTime, capturedReceive},
	} {
		if got := c.ts.Time(near); got.Sub(c.want).Abs() > time.Nanosecond {
			t.Errorf("%#x is %v, want %v", uint64(c.ts), got, c.want)
		}
	}
}

// The dates and seconds are those of RFC 5905's figure 4, but for 1972's leap
// second, and of the eras' ends.
func TestTimestampsOfDates(t *testing.T) {
	date := func(y, m, d, h, min, s int) time.Time { return time.Date(y, time.Month(m), d, h, min, s, 0, time.UTC) }
	for _, c := range []struct {
		at  time.Time
		sec uint32
	}{
		{date(1900, 1, 1, 0, 0, 1), 1},
		{date(1970, 1, 1, 0, 0, 0), 2208988800},
		{date(1972, 1, 1, 0, 0, 0), 2272060800},
		{date(1999, 12, 31, 0, 0, 0), 3155587200},
		{date(2036, 2, 7, 6, 28, 15), math.MaxUint32},
		{date(2036, 2, 7, 6, 28, 17), 1},
		{date(2036, 2, 8, 0, 0, 0), 63104},
		{date(1899, 12, 31, 23, 59, 59), math.MaxUint32},
	} {
		got := ntp.TimestampOf(c.at)
		if got != ntp.Timestamp(c.sec)<<32 {
			t.Errorf("%v is %#x, want %d s", c.at, uint64(got), c.sec)
		}
		for _, years := range []int{-67, -20, 0, 20, 67} {
			if back := got.Time(c.at.AddDate(years, 0, 0)); !back.Equal(c.at) {
				t.Errorf("%v came back as %v, with a clock %d years off", c.at, back, years)
			}
		}
		if other := got.Time(c.at.AddDate(70, 0, 0)); !other.Equal(c.at.Add(1 << 32 * time.Second)) {
			t.Errorf("%v is %v with a clock 70 years off", c.at, other)
		}
	}
}

func TestEraStart(t *testing.T) {
	for era, want := range map[int]time.Time{
		-1: time.Date(1763, 11, 24, 17, 31, 44, 0, time.UTC),
		0:  time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		1:  time.Date(2036, 2, 7, 6, 28, 16, 0, time.UTC),
		2:  time.Date(2172, 3, 15, 12, 56, 32, 0, time.UTC),
	} {
		if got := ntp.EraStart(era); !got.Equal(want) {
			t.Errorf("era %d starts %v, want %v", era, got, want)
		}
	}
	for _, at := range []time.Time{time.Date(1968, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2104, 2, 1, 0, 0, 0, 0, time.UTC)} {
		if got := ntp.TimestampOf(at).Time(ntp.EraStart(1)); !got.Equal(at) {
			t.Errorf("without a clock %v is %v", at, got)
		}
	}
}

func TestEveryNanosecondComesBack(t *testing.T) {
	start := time.Date(2036, 2, 7, 6, 28, 15, 0, time.UTC)
	for n := 0; n < 2e9; n += 99_991 {
		for _, off := range []int{-1, 0, 1} {
			at := start.Add(time.Duration(n + off))
			if back := ntp.TimestampOf(at).Time(start); !back.Equal(at) {
				t.Fatalf("%v came back as %v", at, back)
			}
		}
	}
}

func TestZeroIsNoTime(t *testing.T) {
	if got := ntp.Timestamp(0).Time(capturedReceive); !got.IsZero() {
		t.Errorf("0 is %v", got)
	}
	if got := ntp.TimestampOf(time.Time{}); got != 0 {
		t.Errorf("no time is %#x", uint64(got))
	}
	if got := ntp.TimestampOf(ntp.EraStart(1)); got != 1 {
		t.Errorf("the first moment of an era is %#x", uint64(got))
	}
}

func TestSub(t *testing.T) {
	const s = ntp.Timestamp(1 << 32)
	for _, c := range []struct {
		t, u ntp.Timestamp
		want time.Duration
	}{
		{5 * s, 3 * s, 2 * time.Second},
		{3 * s, 5 * s, -2 * time.Second},
		{s / 2, s, -time.Second / 2},
		{s, s - s/4, time.Second / 4},
		{s, math.MaxUint64 - s + 1, 2 * time.Second}, // over the end of the era
		{math.MaxUint64 - s + 1, s, -2 * time.Second},
		{0, 1, 0},
		{1<<63 - s, 0, (1<<31 - 1) * time.Second},
		{1 << 63, 0, -1 << 31 * time.Second},
	} {
		if got := c.t.Sub(c.u); got != c.want {
			t.Errorf("%#x - %#x = %v, want %v", uint64(c.t), uint64(c.u), got, c.want)
		}
	}
}

func TestMeasure(t *testing.T) {
	begin := time.Date(2036, 2, 7, 6, 28, 15, 900e6, time.UTC) // the answer comes in the next era
	for _, ahead := range []time.Duration{0, 3 * time.Millisecond, -time.Hour, 60 * 365 * 24 * time.Hour, -60 * 365 * 24 * time.Hour} {
		origin := ntp.TimestampOf(begin)
		receive := ntp.TimestampOf(begin.Add(30*time.Millisecond + ahead))
		transmit := ntp.TimestampOf(begin.Add(170*time.Millisecond + ahead))
		destination := ntp.TimestampOf(begin.Add(200 * time.Millisecond))
		offset, delay := ntp.Measure(origin, receive, transmit, destination)
		if (offset-ahead).Abs() > 1 || (delay-60*time.Millisecond).Abs() > 1 {
			t.Errorf("%v ahead: offset %v, delay %v", ahead, offset, delay)
		}
	}
}

func TestShort(t *testing.T) {
	for _, c := range []struct {
		d    time.Duration
		s    ntp.Short
		back time.Duration
	}{
		{0, 0, 0},
		{-time.Second, 0, 0},
		{time.Second, 1 << 16, time.Second},
		{1500 * time.Millisecond, 0x18000, 1500 * time.Millisecond},
		{15259, 1, 15259},
		{7000, 0, 0},
		{8000, 1, 15259},
		{math.MaxInt64, math.MaxUint32, 65535999984741},
		{1<<16*time.Second - 1, math.MaxUint32, 65535999984741},
		{1<<16*time.Second - 1e9, 0xffff0000, 65535 * time.Second},
	} {
		if got := ntp.ShortOf(c.d); got != c.s || got.Duration() != c.back {
			t.Errorf("%v is %#x, which is %v; want %#x and %v", c.d, uint32(got), got.Duration(), uint32(c.s), c.back)
		}
	}
}
