package ntp_test

import (
	"testing"
	"time"

	"github.com/netdev-go/netdev/wire/ntp"
)

func FuzzPacket(f *testing.F) {
	for _, c := range captured {
		f.Add(unhex(f, c.bytes))
	}
	b := make([]byte, ntp.HeaderLen+4)
	every.Emit(b)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ntp.Parse(b)
		if err != nil {
			return
		}
		if k, ok := p.KissCode(); ok && (len(k.String()) != 4 || p.Synchronized()) {
			t.Fatalf("a kiss %q of somebody synchronized", k)
		}
		h := p.Header()
		for _, ts := range []ntp.Timestamp{h.ReferenceTime, h.OriginTime, h.ReceiveTime, h.TransmitTime} {
			at := ts.Time(capturedReceive)
			if ts != 0 && ntp.TimestampOf(at).Sub(ts).Abs() > time.Nanosecond {
				t.Fatalf("%#x is %v, which is %#x", uint64(ts), at, uint64(ntp.TimestampOf(at)))
			}
		}
		_, _ = ntp.Measure(h.OriginTime, h.ReceiveTime, h.TransmitTime, h.ReferenceTime)
		if back := ntp.ShortOf(h.RootDelay.Duration()); back != h.RootDelay {
			t.Fatalf("%#x became %#x", uint32(h.RootDelay), uint32(back))
		}
		out := dirty(len(b))
		copy(out[h.Emit(out):], p.Extra())
		again, err := ntp.Parse(out)
		if err != nil || string(again) != string(b) {
			t.Fatalf("% x became % x, %v", b, out, err)
		}
	})
}
