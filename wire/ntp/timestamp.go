package ntp

import "time"

// Timestamp is a time in units of 2⁻³² s since the beginning of its era, 2³² s or
// 136 years long. Era 0 began with 1900. Which one is meant, the timestamp does
// not say. 0 stands for a time that is not known.
type Timestamp uint64

// unixEpoch is 1970 in seconds of era 0.
const unixEpoch = 2208988800

// EraStart returns when an era begins. Era 1 does on 7 February 2036.
func EraStart(era int) time.Time {
	return time.Unix(int64(era)<<32-unixEpoch, 0).UTC()
}

// TimestampOf returns the timestamp of t, rounded to the nearest. That of the zero
// Time is 0, and no other's is.
func TimestampOf(t time.Time) Timestamp {
	if t.IsZero() {
		return 0
	}
	sec := uint32(t.Unix() + unixEpoch)
	frac := (uint64(t.Nanosecond())<<32 + 5e8) / 1e9
	return max(Timestamp(uint64(sec)<<32|frac), 1)
}

// Time returns the time, in UTC, that has the timestamp and lies nearest to near,
// which so need be right to 68 years only. Without any idea of the time,
// EraStart(1) finds those from 1968 to 2104, as RFC 4330 §3 proposes. The time of
// the timestamp 0 is the zero Time.
func (t Timestamp) Time(near time.Time) time.Time {
	if t == 0 {
		return time.Time{}
	}
	from := near.Unix() + unixEpoch
	sec := from + int64(int32(uint32(t>>32)-uint32(from)))
	return time.Unix(sec-unixEpoch, nanoseconds(uint32(t))).UTC()
}

// Sub returns the time from u to t, whatever eras they are in, as long as they lie
// less than 68 years apart.
func (t Timestamp) Sub(u Timestamp) time.Duration {
	d := int64(t - u)
	return time.Duration(d>>32)*time.Second + time.Duration(nanoseconds(uint32(d)))
}

// nanoseconds returns how many there are in a fraction of a second, rounded to the
// nearest.
func nanoseconds(frac uint32) int64 { return int64((uint64(frac)*1e9 + 1<<31) >> 32) }

// Measure returns how far the server's clock is ahead of the client's and how long
// the packets were under way, from the four times of RFC 5905 §8: when the request
// left (by the client's clock), when it came (by the server's), when the answer
// left (by the server's), and when it came (by the client's). The clocks may be 68
// years apart.
func Measure(origin, receive, transmit, destination Timestamp) (offset, delay time.Duration) {
	offset = (receive.Sub(origin) + transmit.Sub(destination)) / 2
	delay = destination.Sub(origin) - transmit.Sub(receive)
	return offset, delay
}

// Short is a duration in units of 2⁻¹⁶ s.
type Short uint32

// ShortOf returns the value nearest to d: 0 for what is negative, and the largest,
// a little more than 18 hours, for what is longer.
func ShortOf(d time.Duration) Short {
	if d <= 0 {
		return 0
	}
	if d >= 1<<16*time.Second {
		return 1<<32 - 1
	}
	return Short(min((uint64(d)<<16+5e8)/1e9, 1<<32-1))
}

// Duration returns s rounded to the nearest nanosecond.
func (s Short) Duration() time.Duration {
	return time.Duration((uint64(s)*1e9 + 1<<15) >> 16)
}
